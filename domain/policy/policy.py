"""A policy ready to judge by: its document read once, every condition turned into a test."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from domain.policy.charges import Node, Steps, tests_of
from domain.policy.clock.deadlines import FactMissing
from domain.policy.conditions import Test
from domain.policy.document import Document, Form
from domain.policy.look import Get, Look
from domain.policy.stages import Meaning, is_among, meaning
from domain.policy.time_conditions import Distance
from domain.policy.usage import DAILY, Usage
from domain.policy.words import fold
from domain.subjects import Kind
from domain.values import Attributes, Code, Ref

_LATE = ("since.start", "since.end", "until.end", "used")
_OF_REQUEST = frozenset(
    ("reason", "method", "initiator", "quantity", "price", "remaining", "share", "whole", "persons")
)
_CLOCKED = (DAILY, "notice_hours")
_REMEMBERED = 1_024
Others = Callable[[str], Mapping[str, Any] | None]
"""Finds another policy's document by its id."""


@dataclass(frozen=True, eq=False)
class Rule:
    """One rule of the table. `rule` names it in decisions, `place` in the document.

    `names` is what its condition reads, `reach` what its charges read as well; `stages` are the
    words that either names, `notices` their tests of the notice.
    """

    rule: str
    test: Test | None
    node: Node | None = None
    refuse: Code | None = None
    hand_over: Code | None = None
    approval: Code | None = None
    form: Code | None = None
    timing: Code | None = None
    grants: Code | None = None
    stages: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    reach: frozenset[str] = frozenset()
    counts_use: bool = False
    notices: tuple[Distance, ...] = ()

    def params(self, look: Look) -> Attributes:
        """What its sentence needs; nothing where that isn't known."""
        try:
            return self.test.params(look) if self.test else {}
        except FactMissing:
            return {}

    @cached_property
    def is_late(self) -> bool:
        """Whether it names a time after the start, or counts what is used up by then."""
        return self.counts_use or not self.reach.isdisjoint(_LATE)

    @cached_property
    def is_about_lines_alone(self) -> bool:
        return bool(self.names) and all(name.startswith("line.") for name in self.names)

    @cached_property
    def is_about_lines(self) -> bool:
        return any(name.startswith("line.") for name in self.names)

    @cached_property
    def depends_on_request(self) -> bool:
        """Whether another request for the same line might fit where this one doesn't."""
        return any(name in _OF_REQUEST or name.startswith("evidence.") for name in self.names)


@dataclass(frozen=True, eq=False)
class FormRule:
    document: Form
    test: Test | None


@dataclass(frozen=True, eq=False)
class Policy:
    """What `decide` judges by. Two are equal where their documents are."""

    document: Document
    rules: tuple[Rule, ...]
    checks: tuple[Rule, ...]
    approvals: tuple[Test, ...]
    forms: tuple[FormRule, ...]
    applies_to: Test | None
    restock: Test | None
    stops: Test | None
    usage: Usage
    closed_from: Get | None
    currencies: frozenset[str]
    rounding: Steps
    words: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    @cached_property
    def keeps(self) -> bool:
        """Whether any rule keeps or returns something. Where none does, all of it goes back."""
        return any(rule.node is not None for rule in self.rules)

    @cached_property
    def refuses(self) -> bool:
        return any(rule.refuse for rule in self.rules)

    @cached_property
    def refuses_lines(self) -> bool:
        """Whether some rule refuses single lines."""
        return any(rule.refuse and rule.is_about_lines for rule in self.rules)

    @cached_property
    def looks_at_lines(self) -> bool:
        """Whether some condition or bound may tell lines of the same start apart."""
        return DAILY in self.names or any("line." in name for name in self.names)

    @cached_property
    def names_initiator(self) -> bool:
        return any("initiator" in rule.names for rule in self.rules)

    @cached_property
    def names_notice(self) -> bool:
        return any(rule.notices for rule in self.rules)

    @cached_property
    def clocks(self) -> tuple[Test, ...]:
        """Every condition that the clock may turn."""
        return tuple(test for test in self.tests() if test.is_timed)

    @cached_property
    def is_steady(self) -> bool:
        """Whether what the clock changes is at most which rule a line is under: no amount, check or
        approval, while the rules stay the same."""
        own = {id(rule.test) for rule in self.rules}
        is_timed = any(test.is_timed and id(test) not in own for test in self.tests())
        return not is_timed and self.names.isdisjoint(_CLOCKED)

    def tests(self) -> Iterator[Test]:
        """Every condition of a rule, a check or the approval."""
        for rule in (*self.rules, *self.checks):
            yield from tests_of(None if rule.node else rule.test, (rule.node,))
        yield from self.approvals

    @property
    def currency(self) -> str | None:
        """The one that amounts are written in, or the first of several."""
        return min(self.currencies, default=None)

    @property
    def id(self) -> Ref:
        return self.document.id

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return self.document.kinds

    @property
    def title(self) -> str:
        return self.document.title

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Policy) and self.document == other.document

    def __hash__(self) -> int:
        return hash(self.document.id)

    @cached_property
    def meaning(self) -> Callable[[str], Meaning | None]:
        """What a stage means; one that rules name is known, and open unless said otherwise.

        Remembered, as every decision asks for the same few words again and again.
        """
        return lru_cache(maxsize=_REMEMBERED)(self._meaning)

    @cached_property
    def is_stage(self) -> Callable[[str, frozenset[str]], bool]:
        """Whether a list of stages names this word or what it means; remembered as well."""
        return lru_cache(maxsize=_REMEMBERED)(self._is_stage)

    def _meaning(self, word: str) -> Meaning | None:
        found = meaning(word, self.document.stages)
        return Meaning.OPEN if found is None and fold(word) in self.words else found

    def is_plainly_open(self, word: str) -> bool:
        """Whether a stage is open by what it says, not only because a rule names it."""
        return meaning(word, self.document.stages) is Meaning.OPEN

    def _is_stage(self, word: str, words: frozenset[str]) -> bool:
        return is_among(word, self.meaning(word), words)
