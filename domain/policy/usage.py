"""How much of a line is used up, and out of how much."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from domain.policy.clock.deadlines import FactMissing, day_of, months_from
from domain.policy.look import Get, Look

DAILY = "used"
"""Among the names a policy uses: its amounts may change each day."""


class Period(StrEnum):
    """What use is counted by, on the calendar of the place."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class Usage(NamedTuple):
    """By the merchant's own counter, else by periods since the start; those begun count where the
    policy says so."""

    counter: Get | None = None
    out_of: Get | None = None
    by: Period = Period.DAY
    is_begun: bool = False


Units = int | Fraction


def usage(look: Look) -> tuple[Units, Units]:
    """Units used up, and all of them. Raises FactMissing."""
    own = look.s.policy.usage
    whole = units(look)
    if own.counter is not None:
        return min(_amount(own.counter(look)), whole), whole
    zone = look.s.facts.zone
    start, today = day_of(look.start, zone), day_of(look.now, zone)
    used = _periods(start, today, own.by) + (own.is_begun and _is_past(look))
    return min(used, whole), whole


def units(look: Look) -> Units:
    """What a line consists of: what the policy counts, or else its quantity; a single one that
    lasts several periods, these."""
    own, line = look.s.policy.usage, look.item.line
    if own.out_of is not None:
        return max(1, _amount(own.out_of(look)))
    if line.quantity > 1:
        return line.quantity
    try:
        zone = look.s.facts.zone
        return max(1, _begun(day_of(look.start, zone), day_of(look.end, zone), own.by))
    except FactMissing:
        return 1


def _is_past(look: Look) -> bool:
    start = look.start
    if isinstance(start, datetime):
        return start <= look.now
    return start <= day_of(look.now, look.s.facts.zone)


def _periods(first: date, second: date, by: Period) -> int:
    """Whole ones from one day to another; none where the second is earlier."""
    count = max(0, (second - first).days // _SHORTEST[by])
    while count and _after(first, count, by) > second:
        count -= 1
    return count


def _begun(first: date, second: date, by: Period) -> int:
    """Those that begin before the second day."""
    whole = _periods(first, second, by)
    return whole + (_after(first, whole, by) < second)


def _after(day: date, count: int, by: Period) -> date:
    match by:
        case Period.MONTH:
            return months_from(day, count)
        case Period.YEAR:
            return months_from(day, 12 * count)
    return day + timedelta(days=count * _SHORTEST[by])


def _amount(value: object) -> int | Fraction:
    """Whole units, or parts of one, such as 2.5 hours."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < _MOST:
        raise FactMissing("fact_unreadable")
    exact = Fraction(str(value))
    return int(exact) if exact.denominator == 1 else exact


_SHORTEST = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 28, Period.YEAR: 365}
_MOST = 10_000_000
