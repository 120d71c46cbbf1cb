"""A real SMTP server for tests, which can be told to refuse."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Self, cast

from aiosmtpd.smtp import SMTP, Envelope, Session

from runtime.ports import LOOPBACK


class MailServer:
    """Keeps every mail, unless `reply` says otherwise: "451 later" or "550 no such mailbox"."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.reply: str | None = None
        self.url = ""

    @classmethod
    @asynccontextmanager
    async def running(cls) -> AsyncIterator[Self]:
        """Listen on a free port until the block ends; `url` is then what SMTP_URL would be."""
        mails = cls()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(mails, enable_SMTPUTF8=True), LOOPBACK, 0)
        async with server:
            mails.url = f"smtp://{LOOPBACK}:{server.sockets[0].getsockname()[1]}"
            yield mails

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.reply:
            return self.reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        message = message_from_bytes(cast(bytes, envelope.content), policy=policy.default)
        self.messages.append(message)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 kept"
