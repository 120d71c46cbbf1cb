"""Reads a document once: a policy of tests and charges, or every place that is wrong."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from domain.errors import PolicyInvalid
from domain.policy.charges import Steps, tests_of
from domain.policy.conditions import All, Either, Not, Stages, Test
from domain.policy.document import Document
from domain.policy.look import Get
from domain.policy.policy import FormRule, Others, Policy, Rule
from domain.policy.purchase import not_of_purchase
from domain.policy.reading.charges import charge, counts_use, steps_of
from domain.policy.reading.conditions import condition
from domain.policy.reading.literals import read_told
from domain.policy.reading.overlay import overlaid
from domain.policy.reading.plain import NotPlain, plain
from domain.policy.reading.problems import problems_of
from domain.policy.reading.scope import Scope
from domain.policy.time_conditions import Distance
from domain.policy.usage import Period, Usage


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
        restock=_restock(document, scope.at("restock")),
        stops=_stops(document, scope.at("warehouse")),
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


def _approvals(document: Document, scope: Scope) -> Iterator[Test]:
    """Each alternative by itself, so that its own reason can be told."""
    if document.approval is None:
        return
    here = scope.at("approval").with_results()
    test = condition(document.approval.when, None, here)
    if test is None:
        yield All(())
    elif isinstance(test, Either):
        yield from test.tests
    else:
        yield test


def _forms(document: Document, scope: Scope) -> Iterator[FormRule]:
    for place, form in enumerate(document.forms):
        yield FormRule(form, condition(form.when, form.unless, scope.at("forms", place)))


def _applies_to(document: Document, scope: Scope) -> Test | None:
    test = condition(document.applies_to, None, scope)
    problem = not_of_purchase(test.names if test else ())
    if problem:
        scope.problems.append((scope.place, problem))
    return test


def _restock(document: Document, scope: Scope) -> Test | None:
    """None where it isn't a condition."""
    return None if isinstance(document.restock, bool) else condition(document.restock, None, scope)


def _stops(document: Document, scope: Scope) -> Test | None:
    """What a warehouse has to be asked to stop; none: all goods."""
    return condition(document.warehouse.when, None, scope) if document.warehouse else None


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
