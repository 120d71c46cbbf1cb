"""Files that a customer sends with a request: what they may be, told by what is in them."""

import re
import unicodedata
from collections.abc import Mapping

MOST_FILES = 3
"""With one request."""

MOST_KEPT = 12
"""With all requests for one order or appointment together."""

MOST_BYTES = 5 * 1024 * 1024
"""Of one file."""

HEAD = 64
"""How many bytes of a file tell what it is."""

ENDINGS: Mapping[str, tuple[str, ...]] = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "image/heic": (".heic", ".heif"),
    "application/pdf": (".pdf",),
}
"""What is taken, each with the endings that its names may have; the first is the usual one."""

_NAME_LENGTH = 80
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis"})
_SPACE = re.compile(r"\s+")
_NOT_IN_NAMES = re.compile(r'[<>:"|?*]')


def media_type(head: bytes) -> str | None:
    """What a file is by its first bytes, whatever it is called; None for all that isn't taken.

    The signatures are those of ISO/IEC 10918, 15948 and 32000, RFC 9649, and ISO/IEC 23008-12.
    """
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    return "image/heic" if _is_heic(head) else None


def shown_name(told: str) -> str:
    """A name to be shown: no path, and no sign that hides or turns text around."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", told))[-1]
    seen = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C")
    return _SPACE.sub(" ", _NOT_IN_NAMES.sub("_", seen)).strip(" .")[:_NAME_LENGTH] or "file"


def kept_name(told: str, kind: str) -> str:
    """A name to be saved under, with an ending that says what the file is."""
    name, endings = shown_name(told), ENDINGS[kind]
    if name.lower().endswith(endings):
        return name
    return f"{name[: _NAME_LENGTH - len(endings[0])].strip(' .')}{endings[0]}"


def _is_heic(head: bytes) -> bool:
    """One of the brands that the file names at its beginning, in a box of its own."""
    if head[4:8] != b"ftyp":
        return False
    brands = head[8 : max(int.from_bytes(head[:4], "big"), 12)]
    return any(brands[at : at + 4] in _HEIC for at in range(0, len(brands), 4))
