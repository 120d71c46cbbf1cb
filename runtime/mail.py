"""The mail catcher: a real SMTP server that keeps every mail as a file and sends none."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from runtime.ports import LOOPBACK


class Catcher:
    """Writes each mail to `folder`, under a name that sorts by time of arrival (UTC).

    The envelope is put in front as two header lines, since it may differ from what the mail says.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.caught = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content or b""
        if isinstance(content, str):
            content = content.encode()
        try:
            self._keep(_lines(envelope) + content)
        except OSError as error:
            return f"452 not kept: {error.strerror}"
        return "250 kept"

    def _keep(self, mail: bytes) -> None:
        self.caught += 1
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        file = self.folder / f"{stamp}-{self.caught % 10_000:04}.eml"
        draft = file.with_suffix(".part")
        draft.write_bytes(mail)
        os.replace(draft, file)


@asynccontextmanager
async def catching(folder: Path, port: int, host: str = LOOPBACK) -> AsyncIterator[str]:
    """Catch mails until the block ends; gives the address, as SMTP_URL wants it."""
    folder.mkdir(parents=True, exist_ok=True)
    catcher = Catcher(folder)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(catcher, enable_SMTPUTF8=True, ident="Rescind mail catcher"), host, port
    )
    async with server:
        yield f"smtp://{host}:{server.sockets[0].getsockname()[1]}"


def _lines(envelope: Envelope) -> bytes:
    recipients = ", ".join(envelope.rcpt_tos)
    return f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {recipients}\r\n".encode()
