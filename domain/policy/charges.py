"""Works out what is kept of lines that are cancelled together."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from operator import gt
from typing import Protocol

from domain.money import Rounding, divide, split_minor
from domain.policy.bases import Bases, Count
from domain.policy.clock.deadlines import FactMissing
from domain.policy.conditions import Test
from domain.policy.look import Look, Lot
from domain.policy.reading.quantities import Part


class Node(Protocol):
    """A charge. `keep` gives what is kept of each line."""

    @property
    def test(self) -> Test | None: ...

    def keep(self, lot: Lot) -> list[int]: ...

    def tests(self) -> Iterator[Test]: ...


Figure = Callable[[Look], "Part | int"]
"""A part of the base, or minor units."""


@dataclass(frozen=True)
class Steps:
    """Whole steps of `to` minor units, rounded so; a step of 1 is the smallest unit."""

    way: Rounding = Rounding.DOWN
    to: int = 1

    def part(self, part: Part, base: int) -> int:
        return self.to * divide(base * part.numerator, part.denominator * self.to, self.way)


def fits(test: Test | None, look: Look) -> bool:
    return test is None or test.holds(look)


@dataclass(frozen=True, eq=False)
class Leaf:
    """One amount: a part of a base, or a sum counted by something; with a floor and a cap."""

    test: Test | None
    figure: Figure
    base: Bases
    steps: Steps
    per: Sequence[Count] = ()
    floor: Node | None = None
    cap: Node | None = None
    is_return: bool = False
    is_beyond_price: bool = False

    def keep(self, lot: Lot) -> list[int]:
        bases = self.base(lot)
        whole = sum(bases)
        amount = self._amount(lot, whole)
        if self.is_return:
            amount = whole - min(whole, amount)
        if self.floor is not None or self.cap is not None:
            amount = limited(amount, self, lot)
        prices = lot.prices()
        weights = bases if whole else prices
        is_free = self.is_beyond_price or lot.is_free
        return spread(split_minor(amount, weights), prices, is_free=is_free)

    def _amount(self, lot: Lot, base: int) -> int:
        figure = self.figure(lot.first())
        if isinstance(figure, Part):
            return self.steps.part(figure, base)
        return int(figure * prod(count(lot) for count in self.per))

    def tests(self) -> Iterator[Test]:
        yield from tests_of(self.test, (self.floor, self.cap))


@dataclass(frozen=True, eq=False)
class First:
    """Each line goes to the first charge that fits it. `is_complete`: a line that none fits is a
    question for a person; otherwise nothing is kept of it."""

    test: Test | None
    nodes: Sequence[Node]
    floor: Node | None = None
    cap: Node | None = None
    is_complete: bool = False

    def keep(self, lot: Lot) -> list[int]:
        places: dict[int, list[int]] = {}
        for place, look in enumerate(lot.looks()):
            chosen = self._first(look)
            if chosen is not None:
                places.setdefault(chosen, []).append(place)
        kept = [0] * len(lot.items)
        for chosen, some in places.items():
            _put(kept, self.nodes[chosen], lot, some)
        return limited_shares(kept, self, lot)

    def _first(self, look: Look) -> int | None:
        for place, node in enumerate(self.nodes):
            if fits(node.test, look):
                return place
        if self.is_complete:
            raise FactMissing("amount_open")
        return None

    def tests(self) -> Iterator[Test]:
        yield from tests_of(self.test, (*self.nodes, self.floor, self.cap))


@dataclass(frozen=True, eq=False)
class Sum:
    """All charges that fit, added up. What is too much for one line is borne by the others."""

    test: Test | None
    nodes: Sequence[Node]
    floor: Node | None = None
    cap: Node | None = None

    def keep(self, lot: Lot) -> list[int]:
        kept = [0] * len(lot.items)
        for node in self.nodes:
            rest = [max(0, each - taken) for each, taken in zip(lot.left, kept, strict=True)]
            _put(kept, node, lot._replace(left=rest), _fitting(node, lot))
        return limited_shares(spread(kept, lot.prices(), is_free=lot.is_free), self, lot)

    def tests(self) -> Iterator[Test]:
        yield from tests_of(self.test, (*self.nodes, self.floor, self.cap))


@dataclass(frozen=True, eq=False)
class Choice:
    """Of the charges that fit, the one that keeps least, or most; the earlier wins a tie."""

    test: Test | None
    nodes: Sequence[Node]
    pick: Callable[[Sequence[list[int]]], list[int]]
    floor: Node | None = None
    cap: Node | None = None

    def keep(self, lot: Lot) -> list[int]:
        found = []
        for node in self.nodes:
            some = _fitting(node, lot)
            if some:
                kept = [0] * len(lot.items)
                _put(kept, node, lot, some)
                found.append(kept)
        chosen = self.pick(found) if found else [0] * len(lot.items)
        return limited_shares(chosen, self, lot)

    def tests(self) -> Iterator[Test]:
        yield from tests_of(self.test, (*self.nodes, self.floor, self.cap))


def least(found: Sequence[list[int]]) -> list[int]:
    return min(found, key=sum)


def greatest(found: Sequence[list[int]]) -> list[int]:
    return max(found, key=sum)


def limited(amount: int, node: Leaf | First | Sum | Choice, lot: Lot) -> int:
    """Raise an amount to its floor, then lower it to its cap."""
    if node.floor is not None:
        amount = max(amount, sum(node.floor.keep(lot)))
    if node.cap is not None:
        amount = min(amount, sum(node.cap.keep(lot)))
    return amount


def limited_shares(kept: Sequence[int], node: First | Sum | Choice, lot: Lot) -> list[int]:
    if node.floor is None and node.cap is None:
        return list(kept)
    amount = limited(sum(kept), node, lot)
    weights = kept if sum(kept) else lot.prices()
    return spread(split_minor(amount, weights), lot.prices(), is_free=lot.is_free)


def spread(kept: Sequence[int], prices: Sequence[int], *, is_free: bool = False) -> list[int]:
    """Move what exceeds a line's price to lines with room; what finds none is not kept.

    `is_free`: nothing is bound to a price.
    """
    if is_free or not any(map(gt, kept, prices)):
        return list(kept)
    held = [min(each, price) for each, price in zip(kept, prices, strict=True)]
    room = [price - each for each, price in zip(held, prices, strict=True)]
    moved = split_minor(min(sum(kept) - sum(held), sum(room)), room)
    return [each + more for each, more in zip(held, moved, strict=True)]


def tests_of(test: Test | None, nodes: Sequence[Node | None]) -> Iterator[Test]:
    """Every test of a node and of those below it."""
    if test is not None:
        yield test
    for node in nodes:
        if node is not None:
            yield from node.tests()


def _fitting(node: Node, lot: Lot) -> list[int]:
    return [place for place, look in enumerate(lot.looks()) if fits(node.test, look)]


def _put(kept: list[int], node: Node, lot: Lot, places: Sequence[int]) -> None:
    """Add what a charge keeps of some of the lines."""
    if places:
        for place, amount in zip(places, node.keep(lot.only(places)), strict=True):
            kept[place] += amount
