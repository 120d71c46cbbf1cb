"""What is written about a declaration of withdrawal: its receipt, and the letters to both sides."""

from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from babel.dates import format_time, get_timezone_name

from notifications import formats, mail
from use_cases.withdrawals import Statement, Written
from web.portal.portal import Portal
from web.portal.visit import Visit
from web.shared.pages import Words

Items = Sequence[tuple[int, str]]
"""What was chosen: how many of it, and its title."""


def write(visit: Visit, statement: Statement, items: Items, at: datetime) -> Written:
    """Write it all at once, so that what is kept, shown, downloaded and mailed is the same."""
    portal, words = visit.portal, visit.words
    facts = {"statement": statement, "items": items, "received": exactly(words, at, portal)}
    facts |= {"business": portal.context.business}
    receipt = portal.pages.render("receipt.html", words, **facts).encode()
    return Written(
        receipt=receipt,
        to_customer=_to_customer(portal, words, statement, facts, receipt, at),
        to_business=_to_business(portal, statement, items, receipt, at),
    )


def exactly(words: Words, at: datetime, portal: Portal) -> str:
    """An instant to the second by the business's clock, with the zone's name and its offset."""
    zone = formats.zone_named(portal.context.zone) or ZoneInfo("UTC")
    here = at.astimezone(zone)
    offset = f"{here:%z}"
    return str(
        words.say(
            "%(day)s, %(time)s %(zone)s (%(offset)s)",
            day=formats.day(here.date(), words.locale),
            time=format_time(here, "medium", tzinfo=zone, locale=words.locale),
            zone=get_timezone_name(here, "long", locale=words.locale),
            offset=f"{zone.key}, UTC{offset[:3]}:{offset[3:]}",
        )
    )


def file_name(statement_id: object) -> str:
    return f"withdrawal-{str(statement_id)[:8]}.html"


def _to_customer(
    portal: Portal,
    words: Words,
    statement: Statement,
    facts: dict[str, object],
    receipt: bytes,
    at: datetime,
) -> bytes:
    """The receipt in words, as a page, and once more as a file to keep."""
    letter = _letter(portal, statement, at, "customer")
    letter["To"] = mail.address(statement.email, statement.name)
    letter["Subject"] = mail.one_line(
        str(words.say("We received your withdrawal: %(number)s", number=statement.number))
    )
    letter.set_content(portal.pages.render("receipt.txt", words, **facts))
    letter.add_alternative(receipt.decode(), subtype="html")
    return _with_file(letter, words.language, receipt, statement)


def _to_business(
    portal: Portal, statement: Statement, items: Items, receipt: bytes, at: datetime
) -> bytes:
    """For whoever takes it on where it couldn't be carried out by itself."""
    words = Words(portal.desk_language, None, portal.context.zone)
    letter = _letter(portal, statement, at, "business")
    letter["To"] = mail.parse_address(portal.desk) or mail.parse_address(portal.sender)
    letter["Reply-To"] = mail.address(statement.email, statement.name)
    letter["Subject"] = mail.one_line(
        str(words.say("A withdrawal waits for you: %(number)s", number=statement.number))
    )
    facts = {"statement": statement, "items": items, "received": exactly(words, at, portal)}
    letter.set_content(portal.pages.render("withdrawal_desk.txt", words, **facts))
    return _with_file(letter, words.language, receipt, statement)


def _letter(portal: Portal, statement: Statement, at: datetime, audience: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = mail.parse_address(portal.sender) or Address(addr_spec="rescind@localhost")
    letter["Date"] = format_datetime(at)
    letter["Message-ID"] = f"<withdrawal.{statement.id}.{audience}@rescind>"
    letter["Auto-Submitted"] = "auto-generated"
    return letter


def _with_file(letter: EmailMessage, language: str, receipt: bytes, statement: Statement) -> bytes:
    """The language is named last: a part that is added takes such headers of the whole along."""
    letter.add_attachment(
        receipt, maintype="text", subtype="html", filename=file_name(statement.id)
    )
    letter["Content-Language"] = language
    known = [letter[name] for name in ("From", "To", "Reply-To") if letter[name]]
    is_plain = all(one.addr_spec.isascii() for header in known for one in header.addresses)
    return letter.as_bytes(policy=SMTP if is_plain else SMTPUTF8)
