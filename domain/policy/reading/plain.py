"""A document as JSON holds it, however it was written; bounded, so that it is read quickly."""

from collections.abc import Mapping
from datetime import date
from math import isfinite
from typing import Any

MOST_PARTS = 20_000
DEEPEST = 40
LONGEST_TEXT = 10_000


class NotPlain(Exception):
    """Something that JSON or a database can't hold, or too much of it, at this place."""

    def __init__(self, place: str, text: str) -> None:
        super().__init__(text)
        self.place = place or "document"


def plain(document: Mapping[str, Any]) -> dict[str, Any]:
    """Dates become text. Raises NotPlain."""
    copied: dict[str, Any] = _Copy().of(document, "", 0)
    return copied


class _Copy:
    """Counts what it copies: a short YAML text may name the same part a million times."""

    def __init__(self) -> None:
        self._parts = 0

    def of(self, value: object, place: str, depth: int) -> Any:
        self._parts += 1
        if depth > DEEPEST or self._parts > MOST_PARTS:
            raise NotPlain(place, "this is too long, or nested too deep, to be read")
        if isinstance(value, Mapping):
            return {
                _key(key, place): self.of(each, f"{place}.{key!s:.60}".lstrip("."), depth + 1)
                for key, each in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.of(each, f"{place}[{at}]", depth + 1) for at, each in enumerate(value)]
        return _scalar(value, place)


def _key(key: object, place: str) -> str:
    if not isinstance(key, str):
        raise NotPlain(place, f"{key!r:.60} is no name; write it in quotes")
    return _text(key, place)


def _scalar(value: object, place: str) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return _text(value, place)
    if isinstance(value, float) and not isfinite(value):
        raise NotPlain(place, f"{value} is no number")
    if value is None or isinstance(value, (bool, int, float)):
        return value
    raise NotPlain(place, f"{type(value).__name__} is nothing that a policy is written in")


def _text(value: str, place: str) -> str:
    if len(value) > LONGEST_TEXT:
        raise NotPlain(place, f"a text has at most {LONGEST_TEXT} characters")
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise NotPlain(place, "this text has a character that can't be kept")
    return value
