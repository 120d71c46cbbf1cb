"""Instants worked out from a start or an event and a span, at the place.

A deadline is the last instant that still counts: exactly on it is in the customer's favour. A
calendar day counts to its last microsecond. Where the clocks change and a time of day comes twice,
or not at all, the later reading counts.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.policy.clock.calendars import Calendar
from domain.policy.clock.spans import Span
from domain.values import Attributes, Moment

TICK = timedelta(microseconds=1)
DEFAULT_CALENDAR = Calendar()
"""Monday to Friday, without holidays."""

_DAY = timedelta(days=1)

YEARS = range(1900, 2200)
"""Beyond these a date is a slip, and sums could leave what a date can hold."""


class FactMissing(Exception):
    """A rule needs a fact that isn't there. It never leaves this package: a person decides."""

    def __init__(self, code: str, params: Attributes | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.params = params or {}


def before(
    start: Moment, notice: Span, zone: str, calendar: Calendar = DEFAULT_CALENDAR
) -> datetime:
    """The last instant with at least this notice."""
    if notice.elapsed is not None:
        return instant(start) - notice.elapsed
    day = _moved(day_of(start, zone), notice, -1, calendar)
    return end_of_day(day, zone) if notice.at is None else _civil(day, notice.at, zone)


def first_before(
    start: Moment, notice: Span, zone: str, calendar: Calendar = DEFAULT_CALENDAR
) -> datetime:
    """The first instant at which the notice is no more than this.

    With business days it follows the last instant of one more, so it can be on a closed day.
    """
    if notice.elapsed is not None or notice.at is not None:
        return before(start, notice, zone, calendar)
    if notice.business_days is not None and notice.then is None:
        return (
            end_of_day(calendar.subtract(day_of(start, zone), notice.business_days + 1), zone)
            + TICK
        )
    return start_of_day(_moved(day_of(start, zone), notice, -1, calendar), zone)


def after(
    origin: Moment, period: Span, zone: str, calendar: Calendar = DEFAULT_CALENDAR
) -> datetime:
    """The last instant of a period that runs from this event, whose own day doesn't count."""
    if period.elapsed is not None:
        return instant(origin, "event_time_missing") + period.elapsed
    day = _moved(day_of(origin, zone), period, 1, calendar)
    return end_of_day(day, zone) if period.at is None else _civil(day, period.at, zone)


def first_after(
    origin: Moment, period: Span, zone: str, calendar: Calendar = DEFAULT_CALENDAR
) -> datetime:
    """The first instant at which at least this much has passed since the event."""
    if period.elapsed is not None or period.at is not None:
        return after(origin, period, zone, calendar)
    return start_of_day(_moved(day_of(origin, zone), period, 1, calendar), zone)


def days_between(first: Moment, second: Moment, zone: str) -> int:
    """Calendar days at the place from one to the other, negative where the second is earlier."""
    return (day_of(second, zone) - day_of(first, zone)).days


def instant(moment: Moment, missing: str = "start_time_missing") -> datetime:
    """An instant in UTC, where sums are of elapsed time. A civil date has none."""
    _in_range(moment)
    if isinstance(moment, datetime):
        return moment.astimezone(UTC)
    raise FactMissing(missing)


def day_of(moment: Moment, zone: str) -> date:
    """The calendar day there."""
    _in_range(moment)
    if isinstance(moment, datetime):
        return moment.astimezone(zone_of(zone)).date()
    return moment


@lru_cache(maxsize=4_096)
def end_of_day(day: date, zone: str) -> datetime:
    """The last microsecond of a day there, however long that day is."""
    return start_of_day(day + _DAY, zone) - TICK


@lru_cache(maxsize=4_096)
def start_of_day(day: date, zone: str) -> datetime:
    """The instant from which no earlier day comes again.

    Midnight can come twice: within the new day, or, as in Newfoundland until 2011, with an hour
    of the old day between.
    """
    midnight = datetime.combine(day, time(), zone_of(zone))
    first, second = midnight.astimezone(UTC), midnight.replace(fold=1).astimezone(UTC)
    returns = second > first and day_of(second - TICK, zone) < day
    return second if returns else first


def _moved(day: date, span: Span, way: Literal[-1, 1], calendar: Calendar) -> date:
    """The day a span of days, months or weekdays away, its parts one after the other."""
    day = _stepped(day, span, way, calendar)
    return day if span.then is None else _moved(day, span.then, way, calendar)


def _stepped(day: date, span: Span, way: Literal[-1, 1], calendar: Calendar) -> date:
    if span.business_days is not None:
        move = calendar.add if way == 1 else calendar.subtract
        return move(day, span.business_days)
    if span.weekday is not None:
        return _weekday(day, span.weekday, span.weeks, way)
    if span.months:
        return months_from(day, way * span.months)
    return day + timedelta(days=way * span.days)


def _weekday(day: date, weekday: int, weeks: int | None, way: Literal[-1, 1]) -> date:
    away = weekday - day.weekday()
    if weeks is not None:
        return day + timedelta(days=away + way * 7 * weeks)
    return day + timedelta(days=way * ((way * away - 1) % 7 + 1))


def months_from(day: date, months: int) -> date:
    """The same day of another month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@lru_cache(maxsize=4_096)
def _civil(day: date, at: time, zone: str) -> datetime:
    local = datetime.combine(day, at, zone_of(zone))
    return max(local.astimezone(UTC), local.replace(fold=1).astimezone(UTC))


def _in_range(moment: Moment) -> None:
    if moment.year not in YEARS:
        raise FactMissing("date_out_of_range")


@lru_cache(maxsize=1_024)
def zone_of(name: str) -> ZoneInfo:
    """Raises FactMissing for a zone nobody knows."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise FactMissing("zone_unknown") from None
