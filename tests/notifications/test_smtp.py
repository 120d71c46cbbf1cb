"""Sending to real servers that take mails, refuse, break off, hang, or want TLS or a name."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from domain.errors import MailRefused, MailUnsent
from notifications import mail
from notifications.smtp import Mailer
from runtime import ports
from tests.mail import MailServer


def _letter(to: str = "ada@customer.example", body: str = "Hello") -> EmailMessage:
    letter = EmailMessage()
    sender, recipient = mail.address("desk@shop.example"), mail.address(to, "Ada")
    assert recipient is not None
    letter["From"], letter["To"], letter["Subject"] = sender, recipient, "Grüße"
    letter.set_content(body)
    return letter


@asynccontextmanager
async def _server(handler: object, **options: Any) -> AsyncIterator[tuple[str, list[SMTP]]]:
    """A server of our own making; also gives every conversation there was."""
    talks: list[SMTP] = []

    def talk() -> SMTP:
        talks.append(SMTP(handler, **options))
        return talks[-1]

    server = await asyncio.get_running_loop().create_server(talk, ports.LOOPBACK, 0)
    async with server:
        yield f"{ports.LOOPBACK}:{server.sockets[0].getsockname()[1]}", talks


@pytest.fixture
def certificate() -> ssl.SSLContext:
    """A server's side of TLS, with a certificate that nobody vouches for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).with_name("certificate.pem"))
    return context


@pytest.fixture
async def mailer(mail_server: MailServer) -> AsyncIterator[Mailer]:
    mailer = Mailer(mail_server.url)
    yield mailer
    await mailer.close()


async def test_mails_arrive_over_one_connection_kept_open() -> None:
    keeper = MailServer()
    async with _server(keeper) as (address, talks):
        mailer = Mailer(f"smtp://{address}")
        for _ in range(5):
            await mailer.send(_letter())
        async with mailer.connected() as line:
            await line.send(_letter())
            await line.send(_letter("bob@customer.example"))
        await mailer.close()
    assert len(keeper.messages) == 7
    assert keeper.recipients[-1] == ["bob@customer.example"]
    assert keeper.messages[0]["Subject"] == "Grüße"
    assert len(talks) == 1


async def test_many_at_once_share_a_few_connections() -> None:
    keeper = MailServer()
    async with _server(keeper) as (address, talks):
        mailer = Mailer(f"smtp://{address}", connections=3)
        await asyncio.gather(*(mailer.send(_letter()) for _ in range(30)))
        await mailer.close()
    assert len(keeper.messages) == 30
    assert len(talks) <= 3


async def test_a_connection_that_broke_while_idle_is_replaced_without_an_error() -> None:
    keeper = MailServer()
    async with _server(keeper) as (address, talks):
        mailer = Mailer(f"smtp://{address}")
        await mailer.send(_letter())
        transport = talks[0].transport
        assert transport is not None
        transport.close()
        await mailer.send(_letter())
        await mailer.close()
    assert len(keeper.messages) == 2
    assert len(talks) == 2


async def test_a_goodbye_between_mails_is_no_error() -> None:
    class Tired(MailServer):
        async def handle_MAIL(
            self, server: SMTP, session: Session, envelope: Envelope, address: str, _: list[str]
        ) -> str:
            if self.reply:
                reply, self.reply = self.reply, None
                return reply
            envelope.mail_from = address
            return "250 OK"

    keeper = Tired()
    async with _server(keeper) as (address, talks):
        mailer = Mailer(f"smtp://{address}")
        await mailer.send(_letter())
        keeper.reply = "421 going down"
        await mailer.send(_letter())
        await mailer.close()
    assert len(keeper.messages) == 2
    assert len(talks) == 2


@pytest.mark.parametrize("reply", ["550 5.1.1 no such mailbox", "553 no", "552 5.2.2 full"])
async def test_a_permanent_no_to_the_recipient_is_refused(
    mail_server: MailServer, mailer: Mailer, reply: str
) -> None:
    mail_server.reply = reply
    with pytest.raises(MailRefused, match=reply[:3]) as refused:
        await mailer.send(_letter())
    assert "ada@" not in str(refused.value)
    mail_server.reply = None
    await mailer.send(_letter())
    assert len(mail_server.messages) == 1


@pytest.mark.parametrize("reply", ["451 4.7.1 later", "452 full", "530 log in first", "503 what"])
async def test_a_temporary_no_or_one_about_us_is_unsent(
    mail_server: MailServer, mailer: Mailer, reply: str
) -> None:
    mail_server.reply = reply
    with pytest.raises(MailUnsent, match=reply[:3]):
        await mailer.send(_letter())
    mail_server.reply = None
    await mailer.send(_letter())
    assert len(mail_server.messages) == 1


@pytest.mark.parametrize(
    ("reply", "error"), [("554 5.7.1 spam", MailRefused), ("451 later", MailUnsent)]
)
async def test_a_no_to_the_mail_itself_counts_like_one_to_the_recipient(
    reply: str, error: type[Exception]
) -> None:
    class Picky(MailServer):
        async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
            return reply

    async with _server(Picky()) as (address, _):
        mailer = Mailer(f"smtp://{address}")
        with pytest.raises(error, match=reply[:3]):
            await mailer.send(_letter())
        await mailer.close()


async def test_no_server_is_unsent() -> None:
    mailer = Mailer(f"smtp://{ports.LOOPBACK}:{ports.any_free()[0]}")
    with pytest.raises(MailUnsent, match="Connect"):
        await mailer.send(_letter())
    await mailer.close()


async def test_a_server_that_says_nothing_is_given_up_in_time() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, ports.LOOPBACK, 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        mailer = Mailer(f"smtp://{ports.LOOPBACK}:{port}", timeout=timedelta(milliseconds=200))
        async with asyncio.timeout(5):
            with pytest.raises(MailUnsent, match="Timeout"):
                await mailer.send(_letter())
        await mailer.close()


async def test_one_that_breaks_off_after_the_mail_is_unsent_and_not_sent_again_by_itself() -> None:
    class Rude(MailServer):
        async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
            await super().handle_DATA(server, session, envelope)
            if server.transport is not None:
                server.transport.close()
            return "250 kept"

    keeper = Rude()
    async with _server(keeper) as (address, _):
        mailer = Mailer(f"smtp://{address}")
        with pytest.raises(MailUnsent):
            await mailer.send(_letter())
        await mailer.close()
    assert len(keeper.messages) == 1


async def test_a_cancelled_send_leaves_no_half_open_talk_behind() -> None:
    class Slow(MailServer):
        async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
            if b"wait" in cast("bytes", envelope.content):
                await asyncio.sleep(5)
            return await super().handle_DATA(server, session, envelope)

    keeper = Slow()
    async with _server(keeper) as (address, talks):
        mailer = Mailer(f"smtp://{address}")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await mailer.send(_letter(body="wait"))
        await mailer.send(_letter(body="now"))
        await mailer.close()
    assert [message.get_content().strip() for message in keeper.messages] == ["now"]
    assert len(talks) == 2


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
async def test_logging_in_with_a_name_full_of_signs() -> None:
    seen: list[object] = []

    def check(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        seen.append((data.login, data.password))
        return AuthResult(success=data.password == b"p@ss/word", handled=False)

    options = {"authenticator": check, "auth_required": True, "auth_require_tls": False}
    async with _server(MailServer(), **options) as (address, _):
        good = Mailer(f"smtp://desk%40shop:p%40ss%2Fword@{address}?starttls=never")
        await good.send(_letter())
        await good.close()
        bad = Mailer(f"smtp://desk:wrong@{address}?starttls=never")
        with pytest.raises(MailUnsent, match="535"):
            await bad.send(_letter())
        await bad.close()
    assert seen[0] == (b"desk@shop", b"p@ss/word")


async def test_a_password_is_not_sent_without_encryption_unless_told_to() -> None:
    asked: list[object] = []

    def check(*said: object) -> AuthResult:
        asked.append(said)
        return AuthResult(success=True)

    options = {"authenticator": check, "auth_require_tls": False}
    async with _server(MailServer(), **options) as (address, _):
        mailer = Mailer(f"smtp://desk:secret@{address}")
        with pytest.raises(MailUnsent):
            await mailer.send(_letter())
        await mailer.close()
    assert asked == []


async def test_encryption_that_is_offered_is_used_and_a_name_is_checked_only_when_asked_for(
    certificate: ssl.SSLContext,
) -> None:
    keeper = MailServer()
    async with _server(keeper, tls_context=certificate) as (address, talks):
        offered = Mailer(f"smtp://{address}")
        await offered.send(_letter())
        assert talks[0].session is not None
        assert talks[0].session.ssl is not None
        await offered.close()
        checked = Mailer(f"smtp://{address}?starttls=always")
        with pytest.raises(MailUnsent):
            await checked.send(_letter())
        await checked.close()
    assert len(keeper.messages) == 1


async def test_addresses_beyond_ascii_need_a_server_that_takes_them() -> None:
    for able in (True, False):
        keeper = MailServer()
        async with _server(keeper, enable_SMTPUTF8=able) as (address, _):
            mailer = Mailer(f"smtp://{address}")
            if able:
                await mailer.send(_letter("jürgen@bücher.example"))
                assert keeper.recipients == [["jürgen@xn--bcher-kva.example"]]
            else:
                with pytest.raises(MailRefused):
                    await mailer.send(_letter("jürgen@bücher.example"))
            await mailer.close()


@pytest.mark.parametrize(
    "url",
    [
        "http://u:geheim@host",
        "smtp://",
        "smtp://u:geheim@host:port",
        "smtp://u:geheim@host?starttls=maybe",
        "",
    ],
)
def test_an_address_that_is_none_is_told_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="SMTP_URL") as error:
        Mailer(url)
    assert "geheim" not in str(error.value)
