"""The moments at which the clock may change what the rules say, each the last of the old terms."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from domain.policy.clock.deadlines import FactMissing, day_of, end_of_day
from domain.policy.look import Item, Look, Together
from domain.policy.situation import Situation
from domain.policy.time_conditions import DAYS_FORESEEN
from domain.policy.usage import DAILY


class Ahead(NamedTuple):
    """A line, and the moments at which the rules may change their mind about it, in order."""

    item: Item
    moments: Sequence[datetime]


def ahead_of(together: Together) -> list[Ahead]:
    """One line of each sort that the rules can tell apart; those asked for apart."""
    found: dict[object, Ahead] = {}
    for item in together.items:
        key = together.s.sort_of(item.line), item.is_asked
        if key not in found:
            found[key] = Ahead(item, _in_order(Look(together, item)))
    return list(found.values())


def has_clock(s: Situation) -> bool:
    """Whether anything is a matter of time: a condition, an amount by days, or a start."""
    if s.policy.clocks or s.facts.starts_at is not None or DAILY in s.policy.names:
        return True
    return any(line.starts_at is not None for line in s.facts.lines)


def _in_order(look: Look) -> Sequence[datetime]:
    try:
        return sorted(set(_moments(look)))
    except FactMissing:  # in a zone that nobody knows
        return ()


def _moments(look: Look) -> Iterator[datetime]:
    for test in look.s.policy.clocks:
        yield from test.moments(look)
    yield from _around_start(look)
    if DAILY in look.s.policy.names:
        yield from _daily(look)


def _around_start(look: Look) -> Sequence[datetime]:
    zone = look.s.facts.zone
    try:
        start = look.s.start_of(look.item.line)
        if isinstance(start, datetime):
            return (start.astimezone(UTC),)
        if start is not None:
            return end_of_day(start - timedelta(days=1), zone), end_of_day(start, zone)
    except FactMissing:
        pass
    return ()


def _daily(look: Look) -> Iterator[datetime]:
    if look.together.at is None:
        return
    today = day_of(look.now, look.s.facts.zone)
    for ahead in range(DAYS_FORESEEN):
        yield end_of_day(today + timedelta(days=ahead), look.s.facts.zone)
