"""Lengths of time as a policy writes them, read by one parser.

    48h, 90m, 1h30m, 30s, PT48H    elapsed time
    2d, 1w, P2D                    calendar days at the place; 0d is the same day
    3bd                            business days, by the policy's calendar
    1mo, 1y                        the same day of another month, or that month's last day
    fri                            the nearest Friday, never the day itself
    1w fri                         the Friday of the calendar week one week away, Monday to Sunday
    14d+12mo, 14d+0bd              one after the other; 0bd is that day, or the next business day

All but elapsed time may name a time of day there: "1d 18:00", "2bd 12:00", "fri 12:00". Words
("1 month") are refused, and "m" is always minutes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import time, timedelta
from typing import Annotated, Literal, TypeGuard, cast

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_CLOCK = re.compile(
    r"(?:pt)?(?:(\d{1,5})h)?(?:(\d{1,7})m(?:in)?)?(?:(\d{1,9})s)?", re.ASCII | re.IGNORECASE
)
_CIVIL = re.compile(
    r"(?:(?:p(?=\d+[dw]))?(?P<count>\d{1,4})(?P<unit>bd|mo|d|w|y)"
    rf"|(?:(?P<weeks>\d{{1,4}})w)?(?P<weekday>{'|'.join(WEEKDAYS)}))"
    r"(?P<at>\d{1,2}:\d\d)?",
    re.ASCII | re.IGNORECASE,
)
_SPLIT_NUMBER = re.compile(r"\d\s+\d")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
_LONGEST = 3_660
_MOST_BUSINESS_DAYS = 1_000
_MOST_MONTHS = 120
_MOST_PARTS = 4
_MOST_MINUTES = _LONGEST * 24 * 60
_WEEK = 7
_MINUTES = {"minute": 1, "hour": 60, "day": 24 * 60}


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time of one sort: elapsed, or else calendar days, business days, months, or
    reaching to a weekday (`weeks` away, or the nearest); `at` is a time of day on the last day.
    `then` is the one that runs from there.
    """

    text: str
    elapsed: timedelta | None = None
    days: int = 0
    at: time | None = None
    business_days: int | None = None
    months: int = 0
    weekday: int | None = None
    weeks: int | None = None
    then: "Span | None" = None

    def __str__(self) -> str:
        return self.text


def read_span(value: object) -> Span:
    """Read any length of time. Raises ValueError with an example."""
    if isinstance(value, Span):
        return value
    if not isinstance(value, str):
        raise ValueError('write a length of time as text, such as "48h" or "2d"')
    if "+" in value:
        return _one_after_another(value)
    text = value.replace(" ", "")
    if not _SPLIT_NUMBER.search(value):
        if match := _CIVIL.fullmatch(text):
            return _civil(value, match)
        match = _CLOCK.fullmatch(text)
        if match is not None and any(match.groups()):
            return _elapsed(value, match)
    raise ValueError(
        f"{_short(value)} is no length of time; write elapsed time as 48h, calendar days as 2d, "
        'business days as 3bd, months as 1mo, a day and time as "1d 18:00" or "fri 12:00"'
    )


def read_notice(value: object) -> Span:
    """Read a span, or a time of day some calendar days before."""
    if not isinstance(value, Mapping):
        return read_span(value)
    days, at = value.get("days_before"), value.get("at")
    if set(value) != {"days_before", "at"} or type(days) is not int or days < 0:
        raise ValueError('name whole days and a time of day: {days_before: 1, at: "18:00"}')
    if not isinstance(at, str):
        raise ValueError(f'{_short(at)} is no time of day; write it in quotes, such as "18:00"')
    return Span(f"{days}d {at}", days=_bounded(days), at=_time(at))


def rough_hours(span: Span) -> float:
    """About how long it is, to tell which of two is longer where they are alike."""
    if span.elapsed is not None:
        return span.elapsed.total_seconds() / 3600
    days = span.days + 30.4 * span.months + 1.4 * (span.business_days or 0) + 7 * (span.weeks or 0)
    clock = span.at.hour + span.at.minute / 60 if span.at else 0.0
    return 24 * days - clock + (rough_hours(span.then) if span.then else 0.0)


def read_elapsed(value: object) -> timedelta:
    """Read elapsed time only: a wait of ours is not counted in calendar days."""
    if isinstance(value, timedelta):
        return value
    span = read_span(value)
    if span.elapsed is None:
        raise ValueError(f"{_short(value)} is calendar days; a wait is elapsed time, such as 48h")
    return span.elapsed


def span_of(
    value: object, *, unit: str | None, days_are: Literal["elapsed", "calendar"] = "elapsed"
) -> Span:
    """Read a span from a merchant's setting: "24h", 24 with a declared unit, or [24, "hours"].

    Days of such a setting are of 24 hours unless they are declared to be calendar days. Raises
    ValueError for anything incomplete.
    """
    if isinstance(value, str | Span):
        return read_span(value)
    count: object = value
    if isinstance(value, list | tuple):
        count, unit = value if len(value) == 2 else (None, None)
    minutes = _MINUTES.get(unit.lower().removesuffix("s")) if isinstance(unit, str) else None
    if minutes is None or not _is_count(count):
        raise ValueError(
            f'{_short(value)} is no length of time; give 24 and a unit of "hours", "minutes" or '
            '"days", or text such as "24h"'
        )
    if minutes == _MINUTES["day"] and days_are == "calendar":
        return read_span(f"{count:g}d")
    return read_span(_clock_text(count * minutes))


def _elapsed(text: str, match: re.Match[str]) -> Span:
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    elapsed = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    _bounded(elapsed.days)
    return Span(text, elapsed=elapsed)


def _one_after_another(text: str) -> Span:
    parts = text.split("+")
    if len(parts) > _MOST_PARTS:
        raise ValueError(f"{_short(text)} has more than {_MOST_PARTS} parts")
    *before, whole = (read_span(part.strip()) for part in parts)
    if any(span.elapsed is not None for span in (*before, whole)):
        raise ValueError(f"{_short(text)} adds up hours: only days, months and the like follow on")
    if any(span.at is not None for span in before):
        raise ValueError(f"{_short(text)} names a time of day before its last part")
    for span in reversed(before):
        whole = replace(span, at=whole.at, then=whole)
    return replace(whole, text=text)


def _civil(text: str, match: re.Match[str]) -> Span:
    at = _time(match["at"]) if match["at"] else None
    if match["weekday"]:
        weeks = None if match["weeks"] is None else int(match["weeks"])
        _bounded((weeks or 0) * _WEEK)
        return Span(text, weekday=WEEKDAYS.index(match["weekday"].lower()), weeks=weeks, at=at)
    count = int(match["count"])
    match match["unit"].lower():
        case "bd":
            count = _bounded(count, _MOST_BUSINESS_DAYS, "business days")
            return Span(text, business_days=count, at=at)
        case "mo":
            return Span(text, months=_bounded(count, _MOST_MONTHS, "months"), at=at)
        case "y":
            return Span(text, months=_bounded(count * 12, _MOST_MONTHS, "months"), at=at)
        case unit:
            return Span(text, days=_bounded(count * (_WEEK if unit == "w" else 1)), at=at)


def _time(text: str) -> time:
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f'{_short(text)} is no time of day; write it as "18:00" or "1d 18:00"')
    return time(int(match[1]), int(match[2]))


def _bounded(count: int, most: int = _LONGEST, what: str = "days") -> int:
    if count > most:
        raise ValueError(f"more than {most} {what} is no notice; an example is 2d")
    return count


def _is_count(value: object) -> TypeGuard[float]:
    return type(value) in (int, float) and 0 <= cast(float, value) <= _MOST_MINUTES


def _clock_text(minutes: float) -> str:
    return f"{minutes / 60:.15g}h" if minutes % 60 == 0 else f"{minutes:.15g}m"


def _short(value: object) -> str:
    return f"{value!r:.60}"


def _write_elapsed(elapsed: timedelta) -> str:
    return f"{int(elapsed.total_seconds())}s"


_TEXT = {"type": "string"}
_CIVIL_TIME = {
    "type": "object",
    "properties": {"days_before": {"type": "integer", "minimum": 0}, "at": {"type": "string"}},
    "required": ["days_before", "at"],
    "additionalProperties": False,
}

Period = Annotated[Span, PlainValidator(read_span), PlainSerializer(str), WithJsonSchema(_TEXT)]
"""A time that runs from an event, such as the placement."""

Notice = Annotated[
    Span,
    PlainValidator(read_notice),
    PlainSerializer(str),
    WithJsonSchema({"anyOf": [_TEXT, _CIVIL_TIME]}),
]
"""A time before the start."""

Wait = Annotated[
    timedelta,
    PlainValidator(read_elapsed),
    PlainSerializer(_write_elapsed),
    WithJsonSchema(_TEXT),
]
"""How long we wait for somebody, elapsed."""
