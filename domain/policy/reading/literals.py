"""Constants in a policy and facts told to it, read as what their name's type says."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from domain.policy.clock.deadlines import YEARS
from domain.policy.clock.spans import read_notice, span_of
from domain.policy.reading.quantities import read_part, read_sum
from domain.policy.vocabulary import Type
from domain.policy.words import fold
from domain.values import Moment

if TYPE_CHECKING:
    from domain.policy.document import Fact

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def read_literal(type_: Type, value: object) -> Any:
    """Read a constant. Money gives its Sum, everything else what tests compare. Raises
    ValueError."""
    return _LITERALS[type_](value)


def read_told(fact: "Fact", value: object) -> Any:
    """Read a fact as told: money in minor units, a span also as a number of the declared unit."""
    if fact.type is Type.SPAN:
        return span_of(value, unit=fact.unit)
    if fact.type is Type.MONEY:
        if type(value) is int and value >= 0:
            return value
        return read_sum(value).minor
    if fact.type is Type.TEXT:
        return _plain_text(value)
    return _LITERALS[fact.type](value)


def _text(value: object) -> str:
    return fold(_plain_text(value))


def _plain_text(value: object) -> str:
    if not isinstance(value, (str, int, float)):
        raise ValueError(f"{value!r} is no text")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        raise ValueError(f"{value!r} is no number")
    return value


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")
    return value


def _list(value: object) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"{value!r} is no list")
    return list(value)


def _moment(value: object) -> Moment:
    """A civil date, or an instant with its offset."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
        except ValueError:
            raise ValueError(
                f"{value!r} is no moment; write 2026-05-31 or 2026-05-31T18:00:00Z"
            ) from None
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no offset; add Z or +02:00")
    if not isinstance(value, date):
        raise ValueError(f"{value!r} is no moment; write 2026-05-31 or 2026-05-31T18:00:00Z")
    if value.year not in YEARS:
        raise ValueError(f"the year {value.year} is a slip")
    return value


def _word(words: tuple[str, ...], value: object) -> int:
    short = str(value).strip().lower()[:3]
    if short not in words:
        raise ValueError(f"{value!r} is none of {', '.join(words)}")
    return words.index(short)


def _month(value: object) -> int:
    if type(value) is int and 1 <= value <= 12:
        return value
    return _word(_MONTHS, value) + 1


def _day(value: object) -> tuple[int, int]:
    """A day of any year, such as 12-24."""
    try:
        found = date.fromisoformat(f"2024-{value}")
    except ValueError:
        raise ValueError(f"{value!r} is no day of a year; write 12-24") from None
    return found.month, found.day


def _clock(value: object) -> time:
    try:
        return time.fromisoformat(value) if isinstance(value, str) else _wrong_clock(value)
    except ValueError:
        return _wrong_clock(value)


def _wrong_clock(value: object) -> time:
    raise ValueError(f'{value!r} is no time of day; write it in quotes, such as "18:00"')


_LITERALS: dict[Type, Callable[[object], Any]] = {
    Type.TEXT: _text,
    Type.NUMBER: _number,
    Type.BOOLEAN: _boolean,
    Type.MONEY: read_sum,
    Type.PERCENT: read_part,
    Type.SPAN: read_notice,
    Type.MOMENT: _moment,
    Type.LIST: _list,
    Type.ANY: lambda value: value,
    Type.DISTANCE: read_notice,
    Type.WEEKDAY: lambda value: _word(_WEEKDAYS, value),
    Type.MONTH: _month,
    Type.DAY: _day,
    Type.CLOCK: _clock,
}
