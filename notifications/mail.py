"""Puts rendered words into a mail."""

import re
from binascii import b2a_qp
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import parseaddr
from uuid import UUID

from notifications.render import Rendered

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]+@[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]+")

_BOUNDARY = "=_part"
"""Can't be found in a part: quoted-printable has no `=_`."""


def build(
    rendered: Rendered,
    *,
    sender: Address,
    recipient: Address,
    reply_to: Address | None,
    message_id: str,
    about: UUID,
    at: datetime,
    is_request: bool = False,
) -> EmailMessage:
    """Build the mail. The same arguments give the same mail.

    `message_id` comes with its angle brackets; `at` is aware and becomes the date. `about` is a
    cancellation, or where `is_request` a request for a refund.
    """
    mail = EmailMessage()
    mail["Message-ID"] = message_id
    mail["Date"] = at
    mail["From"] = sender
    mail["To"] = recipient
    if reply_to is not None:
        mail["Reply-To"] = reply_to
    mail["Subject"] = one_line(rendered.header)
    mail["Auto-Submitted"] = "auto-generated"
    mail["List-Id"] = f"<cancellations.{sender.domain}>"
    mail["X-Rescind-Refund-Request" if is_request else "X-Rescind-Cancellation"] = str(about)
    mail["Content-Language"] = rendered.language
    mail["MIME-Version"] = "1.0"
    mail["Content-Type"] = f'multipart/alternative; boundary="{_BOUNDARY}"'
    mail.set_payload([_part("plain", rendered.text), _part("html", rendered.html)])
    return mail


def _part(subtype: str, text: str) -> Message:
    """Write a part as quoted-printable. `set_content` does it too, ten times as slowly."""
    part = MIMENonMultipart("text", subtype, charset="utf-8")
    del part["MIME-Version"]
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload(b2a_qp(text.encode(), istext=True).decode("ascii"))
    return part


def address(email: str | None, name: str | None = None) -> Address | None:
    """Make an address for a header and the envelope; None if it can't be one.

    A domain in other letters becomes its ASCII form; such a local part stays as it is.
    """
    email = (email or "").strip()
    if len(email) > 254 or not _ADDRESS.fullmatch(email):
        return None
    local, domain = email.split("@")
    try:
        return Address(one_line(name or ""), local, domain.encode("idna").decode())
    except ValueError:
        return None


def parse_address(text: str) -> Address | None:
    """Read `Name <name@domain>` as it is written in settings."""
    name, email = parseaddr(text)
    return address(email, name)


def one_line(text: str) -> str:
    """Make a header's worth of text: control signs and breaks, which could begin another header,
    become spaces."""
    printable = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(printable.split())[:200]
