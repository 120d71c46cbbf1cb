"""Sums over many decisions: what a policy gives back and keeps, and by which of its rules."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Self

from domain.decisions import Outcome
from domain.facts import Facts
from domain.policy.decide import judge
from domain.policy.policy import Policy
from domain.policy.situation import Ruling
from domain.requests import Request


class Outline(NamedTuple):
    """What one decision comes to. `rule` decided, `code` is what it said."""

    outcome: Outcome
    rule: str
    code: str
    refund: int
    due: int


def outline(policy: Policy, facts: Facts, request: Request) -> Outline:
    """Raises InvalidRequest as `decide` does."""
    given = judge(policy, facts, request)
    told = given.deciding or given.rulings
    decided = told[0] if given.deciding else max(told, key=_fee, default=_FREE)
    amounts = given.amounts
    return Outline(given.outcome, decided.rule, decided.code, amounts.refund, amounts.due)


_FREE = Ruling("rules", Outcome.ALLOWED, "free")


def _fee(ruling: Ruling) -> tuple[int, bool]:
    """What a ruling keeps; of those that keep nothing one that says so comes before a mere pass."""
    return int(ruling.params.get("fee_minor") or 0), ruling.code != "passed"


class Side(StrEnum):
    """The policy tried, or the one it is tried against."""

    NEW = "new"
    PRESENT = "present"


class RuleKey(NamedTuple):
    side: Side
    currency: str
    outcome: Outcome
    rule: str
    code: str


class ChangeKey(NamedTuple):
    """From one outcome to another, and whether more goes back than before: 1, 0 or -1."""

    currency: str
    before: Outcome
    after: Outcome
    direction: int


@dataclass(slots=True)
class Sums:
    """Minor units. Of what was paid, a part is refunded and a part kept; `open` is what a person
    has to decide on, which is neither yet. `due` is collected on top."""

    count: int = 0
    paid: int = 0
    refunded: int = 0
    kept: int = 0
    open: int = 0
    due: int = 0

    def add(self, paid: int, given: Outline) -> None:
        self.count += 1
        self.paid += paid
        if given.outcome is Outcome.HAND_OVER:
            self.open += paid
            return
        self.refunded += given.refund
        self.kept += paid - given.refund
        self.due += given.due

    def merge(self, other: "Sums") -> None:
        self.count += other.count
        self.paid += other.paid
        self.refunded += other.refunded
        self.kept += other.kept
        self.open += other.open
        self.due += other.due


def total(sums: Iterable[Sums]) -> Sums:
    result = Sums()
    for each in sums:
        result.merge(each)
    return result


@dataclass
class Tally:
    """`changes` counts, by what became of what, how many cancellations, and by how much the money
    that goes back differs."""

    rules: dict[RuleKey, Sums] = field(default_factory=dict)
    changes: dict[ChangeKey, Counter[str]] = field(default_factory=dict)

    def add(self, facts: Facts, new: Outline, present: Outline | None) -> None:
        paid = sum(tender.refundable_minor for tender in facts.tenders)
        self._count(Side.NEW, facts.currency, paid, new)
        if present is not None:
            self._count(Side.PRESENT, facts.currency, paid, present)
            more = new.refund - present.refund
            key = ChangeKey(facts.currency, present.outcome, new.outcome, (more > 0) - (more < 0))
            self.changes.setdefault(key, Counter()).update(count=1, refunded=more)

    def merge(self, other: Self) -> None:
        for key, sums in other.rules.items():
            self.rules.setdefault(key, Sums()).merge(sums)
        for change, counts in other.changes.items():
            self.changes.setdefault(change, Counter()).update(counts)

    def of(self, side: Side, currency: str) -> dict[RuleKey, Sums]:
        """By rule, the one that decided most often first."""
        found = [
            (key, sums)
            for key, sums in self.rules.items()
            if key.side is side and key.currency == currency
        ]
        return dict(sorted(found, key=lambda each: (-each[1].count, each[0])))

    @property
    def currencies(self) -> list[str]:
        return sorted({key.currency for key in self.rules})

    def _count(self, side: Side, currency: str, paid: int, given: Outline) -> None:
        key = RuleKey(side, currency, given.outcome, given.rule, given.code)
        self.rules.setdefault(key, Sums()).add(paid, given)
