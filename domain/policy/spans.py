"""Lengths of time as a policy writes them, read by one parser.

Hours, minutes and seconds are elapsed time: "48h", "90m", "1h30m", "PT48H". Days and weeks are
calendar days at the place: "2d", "1w", "P2D". A notice may also name a time of day there:
`{days_before: 1, at: "18:00"}`. Months and years are refused, for they have no fixed length.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

_CLOCK = re.compile(r"(?:pt)?(?:(\d{1,5})h)?(?:(\d{1,7})m(?:in)?)?(?:(\d{1,8})s)?")
_DAYS = re.compile(r"p?(\d{1,4})(d|w)")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_LONGEST = 3_660


@dataclass(frozen=True, slots=True)
class Span:
    """Either elapsed time, or calendar days with or without a time of day on the last of them."""

    text: str
    elapsed: timedelta | None = None
    days: int = 0
    at: time | None = None

    def __str__(self) -> str:
        return self.text


def read_span(value: object) -> Span:
    """Read elapsed time or calendar days."""
    if isinstance(value, Span):
        return value
    if not isinstance(value, str):
        raise ValueError('write a length of time as text, such as "48h" or "2d"')
    text = value.replace(" ", "").lower()
    if match := _DAYS.fullmatch(text):
        return Span(text=value, days=_bounded(int(match[1]) * (7 if match[2] == "w" else 1)))
    match = _CLOCK.fullmatch(text)
    if match is None or not any(match.groups()):
        raise ValueError(f'{value!r} is no length of time; "48h" is elapsed, "2d" calendar days')
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    elapsed = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    _bounded(elapsed.days)
    return Span(text=value, elapsed=elapsed)


def read_notice(value: object) -> Span:
    """Read a span, or a time of day some calendar days before."""
    if not isinstance(value, Mapping):
        return read_span(value)
    days, at = value.get("days_before"), value.get("at")
    if set(value) != {"days_before", "at"} or type(days) is not int or days < 0:
        raise ValueError('name whole days and a time of day: {days_before: 1, at: "18:00"}')
    match = _TIME.fullmatch(at) if isinstance(at, str) else None
    if match is None:
        raise ValueError(f'{at!r} is no time of day; write it in quotes, such as "18:00"')
    return Span(text=f"{days}d {at}", days=_bounded(days), at=time(int(match[1]), int(match[2])))


def read_elapsed(value: object) -> timedelta:
    """Read elapsed time only: a wait of ours is not counted in calendar days."""
    if isinstance(value, timedelta):
        return value
    span = read_span(value)
    if span.elapsed is None:
        raise ValueError(f"{value!r} is calendar days; a wait is elapsed time, such as 48h")
    return span.elapsed


def _bounded(days: int) -> int:
    if days > _LONGEST:
        raise ValueError(f"more than {_LONGEST} days is no notice")
    return days


def _write(span: Span) -> Any:
    if span.at is None:
        return span.text
    return {"days_before": span.days, "at": span.at.strftime("%H:%M")}


def _write_elapsed(elapsed: timedelta) -> str:
    return f"{int(elapsed.total_seconds())}s"


_TEXT = {"type": "string"}
_CIVIL = {
    "type": "object",
    "properties": {"days_before": {"type": "integer", "minimum": 0}, "at": {"type": "string"}},
    "required": ["days_before", "at"],
    "additionalProperties": False,
}

Period = Annotated[Span, PlainValidator(read_span), PlainSerializer(_write), WithJsonSchema(_TEXT)]
"""A time that runs from an event, such as the placement."""

Notice = Annotated[
    Span,
    PlainValidator(read_notice),
    PlainSerializer(_write),
    WithJsonSchema({"anyOf": [_TEXT, _CIVIL]}),
]
"""A time before the start."""

Wait = Annotated[
    timedelta,
    PlainValidator(read_elapsed),
    PlainSerializer(_write_elapsed),
    WithJsonSchema(_TEXT),
]
"""How long we wait for somebody, elapsed."""
