"""Cells of a row as values. What makes no sense is a ValueError that names the column."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.texts import known_zone
from domain.values import NO_CURRENCY, Moment

_MOST = 10**15
_DAY = len("2026-05-01")

Row = Mapping[str, str]


def currency(row: Row) -> str:
    code = row.get("currency") or NO_CURRENCY
    if not (len(code) == 3 and code.isascii() and code.isupper()):
        raise ValueError(f"currency: {code[:40]!r} is no ISO 4217 code")
    return code


def number(row: Row, name: str, usual: int) -> int:
    text = row.get(name)
    if not text:
        return usual
    if not (text.isascii() and text.isdecimal() and int(text) <= _MOST):
        raise ValueError(f"{name}: {text[:40]!r} is no whole number from 0 to {_MOST}")
    return int(text)


def value(text: str) -> str | int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else text


def instant(row: Row, name: str, zone: str) -> datetime | None:
    found = moment(row, name, zone)
    return None if found is None else at_place(found, zone)


def moment(row: Row, name: str, zone: str) -> Moment | None:
    text = row.get(name)
    if not text:
        return None
    try:
        return _read(text.strip(), zone)
    except (ValueError, OverflowError):
        raise ValueError(f"{name}: {text[:40]!r} is no day or instant as ISO 8601") from None


@lru_cache(maxsize=16384)
def _read(text: str, zone: str) -> Moment:
    if len(text) == _DAY:
        return date.fromisoformat(text)
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo(zone))
    return found.astimezone(UTC)


def at_place(known: Moment, zone: str) -> datetime:
    """An instant as it is; the first moment of a day."""
    if isinstance(known, datetime):
        return known
    return datetime.combine(known, time(), ZoneInfo(zone)).astimezone(UTC)


def zone_of(row: Row) -> str:
    name = row.get("zone") or "UTC"
    try:
        return known_zone(name)
    except ValueError as error:
        raise ValueError(f"zone: {name[:40]!r} {error}") from None
