"""Free time of a resource, derived from its hours and what is reserved already."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.resources import Resource
from domain.values import Value


class Span(NamedTuple):
    """From one instant up to, but not including, another."""

    start: datetime
    end: datetime


class Busy(NamedTuple):
    """One unit of a resource is taken, buffers included."""

    unit: int
    span: Span


class Slot(Value):
    """A time that can be booked, in the resource's zone, and how many units are free for it."""

    starts_at: datetime
    ends_at: datetime
    free: int


def occupied(resource: Resource, starts_at: datetime, ends_at: datetime) -> Span:
    """The time a booking keeps others out: itself and the buffers around it."""
    before = timedelta(minutes=resource.buffer_before_minutes)
    after = timedelta(minutes=resource.buffer_after_minutes)
    return Span(starts_at.astimezone(UTC) - before, ends_at.astimezone(UTC) + after)


def free_units(resource: Resource, busy: Iterable[Busy], span: Span) -> list[int]:
    """The units nobody has at any time of the span, lowest first."""
    taken = {one.unit for one in busy if one.span.start < span.end and span.start < one.span.end}
    return [unit for unit in range(1, resource.capacity + 1) if unit not in taken]


def free_slots(
    resource: Resource, busy: Iterable[Busy], within: Span, length: timedelta | None = None
) -> list[Slot]:
    """List the slots that lie wholly within a span of time and within opening hours.

    Buffers may reach beyond opening hours, not into another reservation. Slots follow each other
    in elapsed time, so a day on which the clocks change has more or fewer of them.
    """
    length = length or timedelta(minutes=resource.slot_minutes)
    zone = ZoneInfo(resource.zone)
    calendars = _by_unit(resource, busy)
    slots = []
    for starts_at in _starts(resource, within, length):
        span = occupied(resource, starts_at, starts_at + length)
        free = sum(_is_free(calendar, span) for calendar in calendars)
        if free:
            ends_at = (starts_at + length).astimezone(zone)
            slots.append(Slot(starts_at=starts_at.astimezone(zone), ends_at=ends_at, free=free))
    return slots


def opening(resource: Resource, day: date) -> list[Span]:
    """The opening hours of one civil day.

    A time the clocks skip counts from before the change, one they show twice is the first.
    """
    return [
        Span(_instant(resource.zone, day, opens), _instant(resource.zone, day, closes))
        for opens, closes in resource.weekly_hours.get(str(day.isoweekday()), [])  # type: ignore[call-overload]
    ]


def _starts(resource: Resource, within: Span, length: timedelta) -> Iterator[datetime]:
    step = timedelta(minutes=resource.slot_minutes)
    days = list(_days(resource, within))
    openings = [span for day in days for span in opening(resource, day)]
    for span, closes in zip(openings, _closings(openings), strict=True):
        starts_at = span.start
        while starts_at < span.end and starts_at + length <= closes:
            if within.start <= starts_at and starts_at + length <= within.end:
                yield starts_at
            starts_at += step


def _closings(openings: Sequence[Span]) -> list[datetime]:
    """When each opening really ends: one that goes on at midnight ends with the next."""
    closings: list[datetime] = []
    for index in reversed(range(len(openings))):
        goes_on = index + 1 < len(openings) and openings[index].end == openings[index + 1].start
        closings.append(closings[-1] if goes_on else openings[index].end)
    return closings[::-1]


def _days(resource: Resource, within: Span) -> Iterator[date]:
    """The civil days at the resource that touch a span, and one more for hours past midnight."""
    zone = ZoneInfo(resource.zone)
    day = within.start.astimezone(zone).date()
    last = within.end.astimezone(zone).date() + timedelta(days=1)
    while day <= last:
        yield day
        day += timedelta(days=1)


def _by_unit(resource: Resource, busy: Iterable[Busy]) -> list[list[Span]]:
    calendars: list[list[Span]] = [[] for _ in range(resource.capacity)]
    for unit, span in busy:
        if unit <= resource.capacity:
            calendars[unit - 1].append(span)
    return [sorted(calendar) for calendar in calendars]


def _is_free(calendar: Sequence[Span], span: Span) -> bool:
    """Whether nothing in one unit's calendar, in which nothing overlaps, reaches into the span."""
    later = bisect_left(calendar, span.end, key=lambda taken: taken.start)
    return later == 0 or calendar[later - 1].end <= span.start


def _instant(zone: str, day: date, clock: str) -> datetime:
    if clock == "24:00":
        day, clock = day + timedelta(days=1), "00:00"
    local = datetime.combine(day, time.fromisoformat(clock), ZoneInfo(zone))
    return local.astimezone(UTC)
