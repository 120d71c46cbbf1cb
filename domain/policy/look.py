"""What one evaluation sees: the lines cancelled together, and the one that is looked at."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from domain.policy.clock.deadlines import FactMissing
from domain.subjects import Line, LineKind
from domain.values import Moment

if TYPE_CHECKING:
    from domain.policy.situation import Situation

EXTRAS = (LineKind.FEE, LineKind.SHIPPING)


class Item(NamedTuple):
    """Units of one line in a set, with their price. `is_asked`: some of them are asked for now."""

    line: Line
    units: int
    price: int
    is_asked: bool = True


class Together(NamedTuple):
    """Lines that are cancelled together, at one instant. `is_whole`: nothing else is left."""

    s: "Situation"
    at: datetime | None
    items: Sequence[Item]
    is_whole: bool

    @property
    def price(self) -> int:
        return sum(item.price for item in self.items)

    @property
    def now(self) -> datetime:
        if self.at is None:
            raise FactMissing("requested_at_missing")
        return self.at


class Look(NamedTuple):
    """One line of a set. `results` holds fee, refund and due once they are known."""

    together: Together
    item: Item
    results: Mapping[str, int] | None = None

    @property
    def s(self) -> "Situation":
        return self.together.s

    @property
    def now(self) -> datetime:
        return self.together.now

    @property
    def start(self) -> Moment:
        """When this line starts, or the subject. Raises FactMissing where that isn't known."""
        found = self.s.start_of(self.item.line)
        if found is None:
            raise FactMissing("starts_at_missing")
        return found

    @property
    def end(self) -> Moment:
        found = self.item.line.ends_at or self.s.facts.ends_at
        if found is None:
            raise FactMissing("ends_at_missing")
        return found

    def fact(self, group: str, name: str) -> Any:
        """A fact told by name, or None. `group` is what stands before the dot."""
        facts = self.s.facts
        match group:
            case "attributes":
                return facts.attributes.get(name)
            case "settings":
                return facts.settings.get(name)
            case "line.attributes":
                return self.item.line.attributes.get(name)
            case "consents":
                return facts.consents.get(name)
            case "evidence":
                return self.s.request.evidence.get(name)
        counted = getattr(facts.customer, name, None) if name in _COUNTERS else None
        return counted if counted is not None else facts.customer.attributes.get(name)


Get = Callable[[Look], Any]
"""What a name stands for, as it is seen there. May raise FactMissing."""


class Lot(NamedTuple):
    """Some lines of a set, and what charges before left of their prices."""

    together: Together
    items: Sequence[Item]
    left: Sequence[int]

    def looks(self) -> "list[Look]":
        return [Look(self.together, item) for item in self.items]

    def first(self) -> "Look":
        return Look(self.together, self.items[0])

    def prices(self) -> list[int]:
        return [item.price for item in self.items]

    @property
    def is_free(self) -> bool:
        """Whether no price bounds what is kept: a subject without lines has none."""
        return not self.together.s.facts.lines

    def only(self, places: Sequence[int]) -> "Lot":
        items = [self.items[place] for place in places]
        return Lot(self.together, items, [self.left[place] for place in places])


_COUNTERS = ("cancellations_this_year", "no_shows_this_year")
