"""What the merchant keeps of lines that are cancelled together, as a function of these lines alone.

It is the same whatever order they are cancelled in, and whoever asks about them now: so the
difference between two such sets is what the lines between them cost.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from domain.policy.clock.deadlines import FactMissing
from domain.policy.look import Item, Lot, Together
from domain.policy.policy import Rule
from domain.policy.routing import charging_rule
from domain.policy.situation import Situation
from domain.promotions import Loss, losses
from domain.values import MOST_MINOR


class Kept(NamedTuple):
    """By place among the lines the rule and what it keeps; by rule the sums; and what is lost of
    promotions."""

    rules: Sequence[Rule | None] = ()
    minor: Sequence[int] = ()
    by_rule: dict[Rule | None, int] = {}
    losses: Sequence[Loss] = ()

    @property
    def fee(self) -> int:
        return sum(self.minor)

    @property
    def lost(self) -> int:
        return sum([loss.minor for loss in self.losses])


def kept_of(together: Together, rules: Sequence[Rule | None]) -> Kept:
    """What is kept of each line under these rules. More than any amount can be is a slip in a fact
    that was told: raises FactMissing."""
    groups: dict[Rule | None, list[int]] = {}
    for place, rule in enumerate(rules):
        groups.setdefault(rule, []).append(place)
    kept, sums = [0] * len(rules), dict.fromkeys(groups, 0)
    for rule, places in groups.items():
        if rule is None or rule.node is None:
            continue
        items = together.items
        if len(places) < len(rules):
            items = [together.items[place] for place in places]
        shares = rule.node.keep(Lot(together, items, [item.price for item in items]))
        sums[rule] = sum(shares)
        for place, share in zip(places, shares, strict=True):
            kept[place] = share
    if sum(kept) > MOST_MINOR:
        raise FactMissing("fact_unreadable")
    lost = _losses(together) if together.s.recomputes_promotions else ()
    return Kept(rules, kept, sums, lost)


def kept_with(s: Situation, at: datetime | None) -> Kept:
    """Of everything cancelled before and asked for now."""
    together = s.together(at, s.selection.parts)
    return kept_of(together, [charging_rule(together, item) for item in together.items])


def kept_before(s: Situation, at: datetime | None) -> Kept:
    """Of what was cancelled before, as if it alone were cancelled now."""
    parts = s.selection.parts
    places = [place for place, part in enumerate(parts) if part.before]
    items = [Item(parts[p].line, parts[p].before, parts[p].price_before) for p in places]
    together = Together(s, at, items, False)
    found = kept_of(together, [charging_rule(together, item) for item in items])
    rules: list[Rule | None] = [None] * len(parts)
    minor = [0] * len(parts)
    for place, rule, share in zip(places, found.rules, found.minor, strict=True):
        rules[place], minor[place] = rule, share
    return found._replace(rules=rules, minor=minor)


def _losses(together: Together) -> Sequence[Loss]:
    s = together.s
    left = {line.id: line.quantity for line in s.facts.lines}
    left |= {item.line.id: item.line.quantity - item.units for item in together.items}
    return losses(s.facts.promotions, s.facts.lines, left)
