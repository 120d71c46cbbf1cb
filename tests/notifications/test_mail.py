from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import UUID

import pytest

from domain.subjects import Kind
from notifications import mail
from notifications.examples import example
from notifications.news import Audience, Template
from notifications.render import Rendered, render


def _built(rendered: Rendered | None = None, name: str = "Ada Müller") -> EmailMessage:
    sender = mail.parse_address("Müller & Söhne <desk@shop.example>")
    recipient = mail.address("ada@customer.example", name)
    assert sender is not None
    assert recipient is not None
    news = example(Template.CANCELLED, Audience.CUSTOMER, "de", Kind.ORDER)
    built = mail.build(
        rendered or render(news),
        sender=sender,
        recipient=recipient,
        reply_to=sender,
        message_id="<m1@rescind>",
        about=UUID(int=7),
        at=datetime(2026, 3, 3, 13, 30, tzinfo=UTC),
    )
    return message_from_bytes(built.as_bytes(policy=policy.SMTP), policy=policy.default)


def test_a_mail_has_both_parts_and_the_headers_machines_look_for() -> None:
    built = _built()
    assert built.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in built.iter_parts()] == ["text/plain", "text/html"]
    assert built["Message-ID"] == "<m1@rescind>"
    assert built["Date"].datetime == datetime(2026, 3, 3, 13, 30, tzinfo=UTC)
    assert built["Auto-Submitted"] == "auto-generated"
    assert built["Content-Language"] == "de"
    assert built["List-Id"] == "<cancellations.shop.example>"
    assert built["X-Rescind-Cancellation"] == str(UUID(int=7))
    assert built["Reply-To"].addresses[0].addr_spec == "desk@shop.example"
    assert built["From"].addresses[0].display_name == "Müller & Söhne"
    text = built.get_body(("plain",))
    assert text is not None
    assert "Geschenkkarte: 10,00\xa0€" in text.get_content()


def test_all_lines_on_the_wire_are_ascii_and_short() -> None:
    for line in _built().as_bytes(policy=policy.SMTP).split(b"\r\n"):
        assert line.isascii()
        assert len(line) <= 78


@pytest.mark.parametrize(
    "evil", ["Ada\r\nBcc: all@x.example", "Ada\nBcc: all@x.example", "A\x00\x0b\u2028B"]
)
def test_a_name_or_header_cannot_begin_another_header(evil: str) -> None:
    words = Rendered(language="en", header=evil, text="t", html="<p>h</p>")
    built = _built(words, name=evil)
    assert built["Bcc"] is None
    assert len(built["To"].addresses) == 1
    assert built["To"].addresses[0].addr_spec == "ada@customer.example"
    assert built["Subject"] == mail.one_line(evil)


def test_a_name_full_of_signs_stays_a_name() -> None:
    built = _built(name='"Ada" <a@evil.example>, Müller')
    assert [each.addr_spec for each in built["To"].addresses] == ["ada@customer.example"]
    assert built["To"].addresses[0].display_name == '"Ada" <a@evil.example>, Müller'


@pytest.mark.parametrize(
    "email",
    [None, "", "ada", "ada@", "@x.example", "a b@x.example", "a@x.example\r\nRCPT TO:<b@y>",
     "a@x.example,b@y.example", "<a@x.example>", "a@b@c", "a" * 250 + "@x.example", "a@..",
     "a@-\x00"],
)  # fmt: skip
def test_what_is_no_address_is_none(email: str | None) -> None:
    assert mail.address(email) is None


def test_a_domain_in_other_letters_becomes_ascii() -> None:
    address = mail.address("ada@bücher.example")
    assert address is not None
    assert address.addr_spec == "ada@xn--bcher-kva.example"
