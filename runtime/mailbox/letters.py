"""Caught mails as they are shown. Nothing in a mail may break the page: it comes from anywhere."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import NamedTuple

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_HEADERS_AT_MOST = 256_000
"""Bytes read of a mail for the list."""


class Envelope(NamedTuple):
    """A line of the list. `id` is the file's name without its ending; a mail may lack the rest."""

    id: str
    at: datetime
    sender: str
    recipient: str
    subject: str
    language: str


class Attachment(NamedTuple):
    name: str
    kind: str
    content: bytes


class Letter(NamedTuple):
    envelope: Envelope
    headers: tuple[tuple[str, str], ...]
    text: str | None
    html: str | None
    attachments: tuple[Attachment, ...]


def ids(folder: Path) -> list[str]:
    """All mails, the newest first: their names begin with the time of arrival."""
    try:
        names = [path.stem for path in folder.iterdir() if path.suffix == ".eml"]
    except OSError:
        return []
    return sorted((name for name in names if _NAME.fullmatch(name)), reverse=True)


def file_of(folder: Path, id_: str) -> Path | None:
    """The file of a mail that is there; nothing outside the folder is ever named."""
    file = folder / f"{id_}.eml"
    return file if _NAME.fullmatch(id_) and file.is_file() and not file.is_symlink() else None


def envelope(file: Path) -> Envelope:
    """Read what the list shows of a mail."""
    with file.open("rb") as source:
        begin = source.read(_HEADERS_AT_MOST)
    try:
        mail = BytesHeaderParser(policy=policy.compat32).parsebytes(begin)
    except (MessageError, ValueError, RecursionError):
        mail = Message()
    return _envelope(file, mail)


def letter(file: Path) -> Letter:
    """Read a whole mail. One that can't be taken apart has neither text nor attachments."""
    try:
        mail = message_from_bytes(file.read_bytes(), policy=policy.compat32)
        parts = [part for part in mail.walk() if not part.is_multipart()]
    except (MessageError, ValueError, TypeError, LookupError, RecursionError):
        return Letter(envelope(file), (), None, None, ())
    text = next((part for part in parts if _is_body(part, "text/plain")), None)
    html = next((part for part in parts if _is_body(part, "text/html")), None)
    rest = [part for part in parts if part is not text and part is not html]
    return Letter(
        envelope=_envelope(file, mail),
        headers=tuple(_headers(mail)),
        text=None if text is None else _words(text),
        html=None if html is None else _words(html),
        attachments=tuple(_attachment(part, n) for n, part in enumerate(rest, 1)),
    )


def _envelope(file: Path, mail: Message) -> Envelope:
    known = dict(reversed([(name.lower(), value) for name, value in _headers(mail)]))
    tag = known.get("content-language", "")
    return Envelope(
        id=file.stem,
        at=_arrival(file),
        sender=known.get("from") or known.get("x-envelope-from", ""),
        recipient=known.get("to") or known.get("x-envelope-to", ""),
        subject=known.get("subject", ""),
        language=tag if _TAG.fullmatch(tag) else "",
    )


def _arrival(file: Path) -> datetime:
    try:
        stamp = file.stem.partition("-")[0]
        return datetime.strptime(stamp, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
    except ValueError:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)


def _headers(mail: Message) -> Iterator[tuple[str, str]]:
    for name, value in mail.raw_items():
        yield clean(name), " ".join(_decoded(str(value)).split())


def _decoded(value: str) -> str:
    try:
        return clean(str(make_header(decode_header(clean(value)))))
    except (MessageError, ValueError, LookupError, TypeError):
        return clean(value)


def _is_body(part: Message, kind: str) -> bool:
    return part.get_content_type() == kind and part.get_content_disposition() != "attachment"


def _words(part: Message) -> str:
    """Text in whatever letters it says it is; what doesn't fit becomes a mark."""
    content = _content(part)
    try:
        return clean(content.decode(part.get_content_charset("utf-8"), "replace"))
    except (LookupError, ValueError, TypeError):
        return clean(content.decode("utf-8", "replace"))


def _content(part: Message) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except (MessageError, ValueError, LookupError, TypeError):
        payload = str(part.get_payload()).encode("utf-8", "replace")
    return payload if isinstance(payload, bytes) else b""


def _attachment(part: Message, number: int) -> Attachment:
    try:
        given = part.get_filename() or ""
    except (MessageError, ValueError, LookupError, TypeError):
        given = ""
    name = file_name(_decoded(given)) or f"attachment-{number}"
    return Attachment(name, part.get_content_type(), _content(part))


def file_name(given: str) -> str:
    """A name that is safe on any system: no folder, no control sign, no leading dot."""
    last = given.replace("\\", "/").rpartition("/")[2]
    kept = "".join(sign if sign.isprintable() and sign not in '<>:"|?*' else "_" for sign in last)
    return kept.strip(" .")[-100:]


def clean(text: str) -> str:
    """Bytes that came in as text, made text that can be shown."""
    whole = text.encode("utf-8", "surrogateescape" if _is_escaped(text) else "replace")
    return whole.decode("utf-8", "replace").replace("\0", "\ufffd")


def _is_escaped(text: str) -> bool:
    surrogates = [sign for sign in text if "\ud800" <= sign <= "\udfff"]
    return all("\udc80" <= sign <= "\udcff" for sign in surrogates)
