"""A policy ready to judge by: its document read once, every condition turned into a test."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from pydantic import ValidationError

from domain.errors import PolicyInvalid
from domain.policy.charges import Node, Steps, tests_of
from domain.policy.conditions import All, Distance, Either, Not, Stages, Test
from domain.policy.document import Document, Form
from domain.policy.purchase import not_of_purchase
from domain.policy.reading.charges import DAILY, charge, counts_use, steps_of
from domain.policy.reading.conditions import condition
from domain.policy.reading.literals import read_told
from domain.policy.reading.overlay import overlaid
from domain.policy.reading.plain import NotPlain, plain
from domain.policy.reading.problems import problems_of
from domain.policy.reading.scope import Scope
from domain.policy.stages import Meaning, is_among, meaning
from domain.policy.usage import Period, Usage
from domain.policy.vocabulary import Get
from domain.policy.words import fold
from domain.subjects import Kind
from domain.values import Code, Ref

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
    approvals: tuple[tuple[str, Test], ...]
    forms: tuple[FormRule, ...]
    applies_to: Test | None
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
        yield from (test for _, test in self.approvals)

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


def parse_policy(document: Mapping[str, Any], others: Others | None = None) -> Policy:
    """Read a document. Raises PolicyInvalid, which names each place that is wrong.

    `others` finds the document that this one extends.
    """
    try:
        return _policy(Document.model_validate(_whole(document, others)))
    except ValidationError as error:
        problems = problems_of(error)
    except _Wrong as error:
        problems = error.problems
    raise PolicyInvalid("; ".join(f"{place}: {text}" for place, text in problems), problems)


class _Wrong(Exception):
    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__()
        self.problems = problems


def _whole(document: Mapping[str, Any], others: Others | None) -> dict[str, Any]:
    try:
        return plain(overlaid(document, others))
    except NotPlain as error:
        raise _Wrong([(error.place, str(error))]) from None
    except ValueError as error:
        raise _Wrong([("extends", str(error))]) from None


def _policy(document: Document) -> Policy:
    scope = Scope(facts=document.facts)
    _check_facts(document, scope)
    rounding = steps_of(document.rounding, scope.at("rounding")) or Steps()
    rules = tuple(_rules(document, scope, rounding))
    checks = tuple(_checks(document, scope))
    approvals = tuple(_approvals(document, scope))
    policy = Policy(
        document=document,
        rules=rules,
        checks=checks,
        approvals=approvals,
        forms=tuple(_forms(document, scope)),
        applies_to=_applies_to(document, scope.at("applies_to")),
        usage=_usage(document, scope),
        closed_from=_closed_from(document, scope),
        currencies=_currencies(document, scope),
        rounding=rounding,
        words=frozenset(word for test in _all_tests(rules, checks) for word in _words(test, True)),
        names=frozenset(scope.used),
    )
    if scope.problems:
        raise _Wrong(scope.problems)
    return policy


def _rules(document: Document, scope: Scope, rounding: Steps) -> Iterator[Rule]:
    for place, rule in enumerate(document.rules):
        here = scope.at("rules", place)
        node = test = None
        if rule.refuse is None and rule.hand_over is None:
            node = charge(rule, here, rounding)
            test = node.test
        else:
            test = condition(rule.when, rule.unless, here)
        tests = list(tests_of(None if node else test, (node,)))
        yield Rule(
            rule=rule.name or f"rules[{place}]",
            test=test,
            node=node,
            refuse=rule.refuse,
            hand_over=rule.hand_over,
            approval=rule.approval,
            form=rule.form,
            timing=rule.timing,
            grants=rule.grants,
            stages=frozenset(word for each in tests for word in _words(each)),
            names=test.names if test else frozenset(),
            reach=frozenset(name for each in tests for name in each.names),
            counts_use=node is not None and counts_use(rule),
            notices=tuple(each for test in tests for each in _notices(test)),
        )


def _checks(document: Document, scope: Scope) -> Iterator[Rule]:
    for place, check in enumerate(document.checks):
        here = scope.at("checks", place).with_results()
        yield Rule(
            rule=check.name or f"checks[{place}]",
            test=condition(check.when, check.unless, here),
            refuse=check.refuse,
            hand_over=check.hand_over,
        )


def _approvals(document: Document, scope: Scope) -> Iterator[tuple[str, Test]]:
    """Each alternative by itself, so that its own reason can be told."""
    if document.approval is None:
        return
    here = scope.at("approval").with_results()
    test = condition(document.approval.when, None, here)
    if test is None:
        yield "approval", All(())
    elif isinstance(test, Either):
        yield from (("approval", each) for each in test.tests)
    else:
        yield "approval", test


def _forms(document: Document, scope: Scope) -> Iterator[FormRule]:
    for place, form in enumerate(document.forms):
        yield FormRule(form, condition(form.when, form.unless, scope.at("forms", place)))


def _applies_to(document: Document, scope: Scope) -> Test | None:
    test = condition(document.applies_to, None, scope)
    problem = not_of_purchase(test.names if test else ())
    if problem:
        scope.problems.append((scope.place, problem))
    return test


def _usage(document: Document, scope: Scope) -> Usage:
    given = document.usage
    if given is None:
        return Usage()
    with scope.at("usage").gathering():
        count, out_of = (
            scope.name(name).get if name else None for name in (given.count, given.out_of)
        )
        return Usage(count, out_of, given.by or Period.DAY, given.begun)
    return Usage()


def _closed_from(document: Document, scope: Scope) -> Get | None:
    if document.closed_from is None:
        return None
    with scope.at("closed_from").gathering():
        return scope.name(document.closed_from).get
    return None


def _currencies(document: Document, scope: Scope) -> frozenset[str]:
    """Those that amounts are written in; one that the document names is the only one."""
    found = scope.currencies
    if document.currency is None:
        return frozenset(found)
    if found - {document.currency}:
        text = (
            f"amounts are in {' and '.join(sorted(found))}; this policy is in {document.currency}"
        )
        scope.problems.append(("currency", text))
    return frozenset((document.currency,))


def _check_facts(document: Document, scope: Scope) -> None:
    for name, fact in document.facts.items():
        with scope.at("facts", name).gathering():
            if fact.default is not None:
                read_told(fact, fact.default)


def _all_tests(*tables: tuple[Rule, ...]) -> Iterator[Test]:
    for table in tables:
        for rule in table:
            if rule.test is not None:
                yield rule.test


def _notices(test: Test) -> Iterator[Distance]:
    if isinstance(test, Distance) and test.text == "notice":
        yield test
    elif isinstance(test, Not):
        yield from _notices(test.test)
    elif isinstance(test, (All, Either)):
        for each in test.tests:
            yield from _notices(each)


def _words(test: Test | None, even_denied: bool = False) -> Iterator[str]:
    """The stage words that a condition names; those it merely excludes only if asked."""
    if isinstance(test, Stages) and (test.is_wanted or even_denied):
        yield from test.words
    elif isinstance(test, (All, Either)):
        for each in test.tests:
            yield from _words(each, even_denied)
    elif isinstance(test, Not) and even_denied:
        yield from _words(test.test, even_denied)
