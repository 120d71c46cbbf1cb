"""What a percentage is taken of, and what a fixed amount is counted by."""

from collections.abc import Callable, Sequence

from domain.policy.clock.deadlines import FactMissing, days_between, instant
from domain.policy.look import Look, Lot
from domain.policy.usage import Units, usage
from domain.policy.usage import units as units_of
from domain.subjects import Handling
from domain.values import Code

Bases = Callable[[Lot], list[int]]
"""Gives the base of each line, in minor units."""

Count = Callable[[Lot], Units]


def price(lot: Lot) -> list[int]:
    return lot.prices()


def rest(lot: Lot) -> list[int]:
    return list(lot.left)


def total(lot: Lot) -> list[int]:
    """The whole order, whatever part of it is cancelled; carried by the first line."""
    return _by_first(lot, lot.together.s.total)


def paid(lot: Lot) -> list[int]:
    return _proportion(lot, lot.together.s.paid)


def held(lot: Lot) -> list[int]:
    """What cards only hold, as authorised."""
    tenders = lot.together.s.facts.tenders
    found = (each.authorised_minor for each in tenders if each.handling is Handling.HELD)
    return _proportion(lot, sum(found))


def tenders(methods: Sequence[Code]) -> Bases:
    def base(lot: Lot) -> list[int]:
        known = lot.together.s.facts.tenders
        return _proportion(lot, sum(t.captured_minor for t in known if t.method in methods))

    return base


def fact(amount: Callable[[Look], int]) -> Bases:
    return lambda lot: _by_first(lot, amount(lot.first()))


def first(count: int) -> Bases:
    """The first units of each line: its first night, its first lesson."""
    return lambda lot: [_portion(look, 0, count) for look in lot.looks()]


def coming(count: int) -> Bases:
    """The next units of each line that are not used up yet."""

    def base(lot: Lot) -> list[int]:
        begins = [(look, usage(look)[0]) for look in lot.looks()]
        return [_portion(look, begin, begin + count) for look, begin in begins]

    return base


def used(lot: Lot) -> list[int]:
    return [_portion(look, 0, usage(look)[0]) for look in lot.looks()]


def unused(lot: Lot) -> list[int]:
    return [price - kept for price, kept in zip(lot.prices(), used(lot), strict=True)]


def units(lot: Lot) -> int:
    return sum(item.units for item in lot.items)


def lines(lot: Lot) -> int:
    return len(lot.items)


def persons(lot: Lot) -> int:
    """Different persons among the lines. Raises FactMissing where no line says for whom it is."""
    found = {item.line.person for item in lot.items if item.line.person}
    if not found:
        raise FactMissing("persons_missing")
    return len(found)


def days(lot: Lot) -> int:
    """Calendar days, or nights, from start to end of the longest line."""
    return max(_days(look) for look in lot.looks())


def hours(lot: Lot) -> int:
    """Hours begun, from start to end of the longest line."""
    longest = max(instant(look.end) - instant(look.start) for look in lot.looks())
    return max(0, -(-int(longest.total_seconds()) // 3600))


def used_units(lot: Lot) -> Units:
    return sum(usage(look)[0] for look in lot.looks())


def unused_units(lot: Lot) -> Units:
    found = [usage(look) for look in lot.looks()]
    return sum(whole - used for used, whole in found)


def _days(look: Look) -> int:
    return max(0, days_between(look.start, look.end, look.s.facts.zone))


def _portion(look: Look, begin: Units, end: Units) -> int:
    """The price of some units of a line, at most that of what is cancelled of it."""
    line, whole = look.item.line, units_of(look)
    begin, end = min(begin, whole), min(end, whole)
    if whole == line.quantity and isinstance(begin, int) and isinstance(end, int):
        return min(line.price_of(begin, end - begin), look.item.price)
    share = line.total_minor * end // whole - line.total_minor * begin // whole
    return int(min(share, look.item.price))


def _by_first(lot: Lot, amount: int) -> list[int]:
    return [amount, *(0 for _ in lot.items[1:])]


def _proportion(lot: Lot, amount: int) -> list[int]:
    """The part of an amount for the whole order that falls on these lines, by price."""
    whole = lot.together.s.total
    if not whole:
        return _by_first(lot, amount)
    found, seen = [], 0
    for price in lot.prices():
        found.append(amount * (seen + price) // whole - amount * seen // whole)
        seen += price
    return found
