"""Puts rendered words into a mail."""

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from uuid import UUID

from notifications.render import Rendered

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]+@[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]+")


def build(
    rendered: Rendered,
    *,
    sender: Address,
    recipient: Address,
    reply_to: Address | None,
    message_id: str,
    cancellation_id: UUID,
    at: datetime,
) -> EmailMessage:
    """Build the mail. The same arguments give the same mail, but for the parts' boundary.

    `message_id` comes with its angle brackets; `at` is aware and becomes the date.
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
    mail["X-Rescind-Cancellation"] = str(cancellation_id)
    mail.set_content(rendered.text, cte="quoted-printable")
    mail.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    mail["Content-Language"] = rendered.language
    return mail


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
