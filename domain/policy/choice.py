"""Which policy a purchase is made under, where it names none: the most specific that applies."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from domain.errors import PolicyAmbiguous
from domain.facts import Facts
from domain.policy.clock.deadlines import FactMissing
from domain.policy.look import EXTRAS, Item, Look, Together
from domain.policy.policy import Policy
from domain.policy.situation import Situation, situation
from domain.requests import Request


class Candidate(NamedTuple):
    """A version of a policy that says what it applies to, in force `since` then."""

    policy: Policy
    version: int
    since: datetime

    @property
    def rank(self) -> tuple[int, int, datetime]:
        """How specific it is: the names it asks about; then its priority; then how new."""
        test = self.policy.applies_to
        asked = len(test.names) if test else 0
        return asked, self.policy.document.priority, self.since


def choose(candidates: Sequence[Candidate], facts: Facts) -> Candidate | None:
    """The most specific policy that applies, by `Candidate.rank`; None where none does.

    A condition about lines has to hold for each of them, shipping and fees aside. One that needs
    what nobody knows doesn't hold. Raises PolicyAmbiguous for a tie.
    """
    fitting = _fitting(candidates, facts)
    best = max(fitting, key=lambda each: each.rank, default=None)
    tied = [each.policy.id for each in fitting if best is not None and each.rank == best.rank]
    if len(tied) > 1:
        raise PolicyAmbiguous(sorted(tied))
    return best


def _fitting(candidates: Iterable[Candidate], facts: Facts) -> list[Candidate]:
    of_kind = [
        each
        for each in candidates
        if each.policy.applies_to is not None and facts.kind in each.policy.kinds
    ]
    if not of_kind:
        return []
    s = situation(of_kind[0].policy, facts, Request(requested_at=facts.placed_at))
    items = _items(s)
    return [each for each in of_kind if _applies(each.policy, s, items)]


def _items(s: Situation) -> list[Item]:
    """All that was bought, whatever became of it since."""
    if not s.facts.lines:
        return [Item(part.line, part.units, part.price) for part in s.selection.parts]
    return [Item(line, line.quantity, line.total_minor) for line in s.facts.lines]


def _applies(policy: Policy, s: Situation, items: Sequence[Item]) -> bool:
    assert policy.applies_to is not None
    together = Together(replace(s, policy=policy), s.facts.placed_at, items, True)
    things = [item for item in items if item.line.kind not in EXTRAS] or items
    try:
        return all(policy.applies_to.holds(Look(together, item)) for item in things)
    except FactMissing:
        return False
