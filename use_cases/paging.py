"""Lists in pages: a cursor names the last row seen, so rows added meanwhile shift nothing."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from domain.errors import InvalidCursor
from domain.values import Value

LIMIT = 50
MOST = 500

T = TypeVar("T")


class Page(Value, Generic[T]):
    """Some rows; `next` asks for those after them and is missing on the last page."""

    items: tuple[T, ...]
    next: str | None = None


def cursor(*key: object) -> str:
    """Write the sort key of a row as a word that only `read_cursor` needs to understand."""
    return urlsafe_b64encode(json.dumps([str(part) for part in key]).encode()).decode().rstrip("=")


def read_cursor(text: str, parts: int) -> Sequence[str]:
    """Read the sort key back. Raises InvalidCursor."""
    try:
        key = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError as error:
        raise InvalidCursor("this cursor comes from no list") from error
    if not isinstance(key, list) or len(key) != parts or not all(isinstance(p, str) for p in key):
        raise InvalidCursor("this cursor belongs to another list")
    return key


def read_instant_cursor(text: str) -> tuple[datetime, UUID]:
    """Read the key of a list sorted by an instant and an id. Raises InvalidCursor."""
    at, key = read_cursor(text, 2)
    try:
        instant, id_ = datetime.fromisoformat(at), UUID(key)
    except ValueError as error:
        raise InvalidCursor("this cursor belongs to another list") from error
    if instant.tzinfo is None:
        raise InvalidCursor("this cursor belongs to another list")
    return instant, id_
