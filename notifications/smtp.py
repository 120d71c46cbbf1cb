"""Sends mails over SMTP, on connections that stay open between them."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from domain.errors import MailRefused, MailUnsent

_START_TLS = {"auto": None, "always": True, "never": False}
_NOT_THE_MAIL = frozenset({503, 530})
"""Permanent by their first digit, yet about our side of the talk: order of commands, log-in."""


class Mailer:
    """Sends to the server of an SMTP_URL, as in `smtp://user:password@host:587?starttls=always`.

    `smtps://` speaks TLS from the first byte. `starttls` is auto (the default: encrypted if the
    server offers it, its name unchecked), always or never; with a password the default is always.
    Every command is bounded by `timeout`; more mails than `connections` at once take turns.
    """

    def __init__(
        self, url: str, timeout: timedelta = timedelta(seconds=10), connections: int = 4
    ) -> None:
        self._connect = _dialler(url, timeout.total_seconds())
        self._turns = asyncio.Semaphore(connections)
        self._idle: list[SMTP] = []

    @asynccontextmanager
    async def connected(self) -> AsyncIterator["Line"]:
        """Lend a connection for a few mails. It is opened by the first one, if none is idle."""
        async with self._turns:
            line = Line(self._connect, self._idle.pop() if self._idle else None)
            try:
                yield line
            finally:
                if line.client is not None and line.client.is_connected:
                    self._idle.append(line.client)

    async def send(self, mail: EmailMessage) -> None:
        """Send one mail. Raises as `Line.send` does."""
        async with self.connected() as line:
            await line.send(mail)

    async def check(self) -> None:
        """Connect, encrypt and log in as for a mail, then say goodbye: nothing is sent.

        Raises what the library raises: its words are for operators, and quote no recipient.
        """
        client = self._connect()
        try:
            await client.connect()
            await client.noop()
        finally:
            client.close()

    async def close(self) -> None:
        """Say goodbye on all idle connections."""
        while self._idle:
            client = self._idle.pop()
            try:
                await client.quit()
            except (SMTPException, OSError):
                client.close()


class Line:
    """A connection in use. One that broke is replaced with the next mail."""

    def __init__(self, connect: Callable[[], SMTP], client: SMTP | None) -> None:
        self._make = connect
        self.client = client

    async def send(self, mail: EmailMessage) -> None:
        """Hand a mail with one recipient to the server; returns once it has taken it.

        Raises MailRefused at a permanent no to the recipient or the mail, MailUnsent at anything
        else. After MailUnsent the server may have the mail all the same, if it went silent late.
        """
        try:
            await self._send(mail)
        except (SMTPException, OSError) as error:
            self._drop()
            raise MailUnsent(_told(error)) from None
        except BaseException:
            self._drop()
            raise

    async def _send(self, mail: EmailMessage) -> None:
        sender, recipient = (mail[name].addresses[0].addr_spec for name in ("From", "To"))
        international = not (sender + recipient).isascii()
        rules = policy.SMTPUTF8 if international else policy.SMTP
        content = mail.as_bytes(policy=rules)
        client = await self._begin(sender, international=international)
        try:
            await client.rcpt(recipient, encoding="utf-8")
            await client.data(content)
        except (SMTPRecipientRefused, SMTPDataError) as error:
            if error.code < 500 or error.code in _NOT_THE_MAIL:
                raise
            raise MailRefused(_told(error)) from None

    async def _begin(self, sender: str, *, international: bool) -> SMTP:
        """Begin a mail. A kept connection found broken is replaced: nothing was handed over yet."""
        if self.client is not None and self.client.is_connected:
            try:
                await _mail_from(self.client, sender, international=international)
                return self.client
            except (SMTPServerDisconnected, SMTPTimeoutError):
                self.client.close()
            except SMTPSenderRefused as error:
                if error.code != 421:
                    raise
                self.client.close()
        self.client = self._make()
        await self.client.connect()
        await _mail_from(self.client, sender, international=international)
        return self.client

    def _drop(self) -> None:
        """Close a connection whose state is in doubt, which after any mishap is the safe guess."""
        if self.client is not None:
            self.client.close()
            self.client = None


async def _mail_from(client: SMTP, sender: str, *, international: bool) -> None:
    if client.is_ehlo_or_helo_needed:
        await client.ehlo()
    if international and not client.supports_extension("smtputf8"):
        raise MailRefused("the server takes no addresses beyond ASCII")
    options = ["SMTPUTF8"] if international else None
    await client.mail(sender, options=options, encoding="utf-8")


def _told(error: Exception) -> str:
    """The server's codes only: its words may quote the address."""
    if not isinstance(error, SMTPResponseException):
        return type(error).__name__
    detail = re.match(r"[245]\.\d{1,3}\.\d{1,3}", error.message)
    return f"{error.code} {detail[0]}" if detail else str(error.code)


def _dialler(url: str, timeout: float) -> Callable[[], SMTP]:
    """Read an SMTP_URL. Its errors don't repeat it, since it may hold a password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("SMTP_URL is no address") from None
    mode = parse_qs(parts.query).get("starttls", ["always" if parts.password else "auto"])[-1]
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or mode not in _START_TLS:
        raise ValueError(
            "SMTP_URL must be smtp://[user:password@]host[:port][?starttls=auto|always|never]"
            " or smtps://..."
        )
    secure = parts.scheme == "smtps"

    def dial() -> SMTP:
        return SMTP(
            hostname=parts.hostname,
            port=port or (465 if secure else 587 if parts.username else 25),
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=secure,
            start_tls=False if secure else _START_TLS[mode],
            validate_certs=secure or mode != "auto",
            timeout=timeout,
        )

    return dial
