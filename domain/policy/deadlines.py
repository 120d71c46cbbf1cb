"""Instants worked out from a start, an event and a span, at the place.

Every deadline is the last instant that still counts: exactly on it is in the customer's favour.
A calendar day counts to its last microsecond.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.policy.spans import Span
from domain.values import Moment

TICK = timedelta(microseconds=1)
_DAY = timedelta(days=1)


class FactMissing(Exception):
    """A rule needs a fact that isn't there. It never leaves this package: a person decides."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def before(start: Moment, notice: Span, zone: str) -> datetime:
    """The last instant with this notice."""
    if notice.elapsed is not None:
        return instant(start) - notice.elapsed
    day = day_of(start, zone) - timedelta(days=notice.days)
    return end_of_day(day, zone) if notice.at is None else _civil(day, notice.at, zone)


def after(origin: datetime, period: Span, zone: str) -> datetime:
    """The last instant of a period that runs from this event."""
    if period.elapsed is not None:
        return origin.astimezone(UTC) + period.elapsed
    return end_of_day(day_of(origin, zone) + timedelta(days=period.days), zone)


def instant(moment: Moment) -> datetime:
    """An instant in UTC, where sums are of elapsed time. A civil date has none."""
    if isinstance(moment, datetime):
        return moment.astimezone(UTC)
    raise FactMissing("start_time_missing")


def day_of(moment: Moment, zone: str) -> date:
    """The calendar day there."""
    if isinstance(moment, datetime):
        return moment.astimezone(_zone(zone)).date()
    return moment


def end_of_day(day: date, zone: str) -> datetime:
    """The last microsecond of a day there, however long that day is."""
    midnight = datetime.combine(day + _DAY, time(), _zone(zone))
    return midnight.astimezone(UTC) - TICK


def _civil(day: date, at: time, zone: str) -> datetime:
    """A time of day there. Where the clocks go back it comes twice, where they go forward not at
    all: the later reading counts."""
    local = datetime.combine(day, at, _zone(zone))
    return max(local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise FactMissing("zone_unknown") from None
