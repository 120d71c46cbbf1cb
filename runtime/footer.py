"""The links at the foot of pages, as a setting has them: `Imprint=https://…, Privacy=/…`."""

import re

_LINK = re.compile(r"(https?://|/|mailto:)\S+")


def parse_footer(text: str) -> tuple[tuple[str, str], ...]:
    """Labels with their links, in their order. Raises ValueError for what is neither."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return tuple(_entry(part) for part in parts)


def _entry(part: str) -> tuple[str, str]:
    label, _, link = (piece.strip() for piece in part.partition("="))
    if not label or not _LINK.fullmatch(link):
        raise ValueError("write Label=https://… for each link, with commas between")
    return label, link
