"""Turns the conditions of a document into tests, and says where one makes no sense."""

from collections.abc import Callable, Mapping
from typing import Any

from domain.policy.cel.expressions import ResultType
from domain.policy.conditions import All, Cel, Comparison, Either, Known, Not, Stages, Test, order
from domain.policy.document import Condition
from domain.policy.look import Look
from domain.policy.reading.scope import Scope
from domain.policy.time_conditions import Calendar, Distance, Recurring
from domain.policy.vocabulary import Name, Type
from domain.policy.words import fold

DEEPEST = 8
_BOUNDS = ("under", "over", "at_least", "at_most")
_TESTS = (*_BOUNDS, "is", "not", "known", "between")
_EQUAL = (Type.TEXT, Type.BOOLEAN, Type.WEEKDAY, Type.MONTH)
_STAGES = ("stage", "line.status")


def condition(when: Condition | None, unless: Condition | None, scope: Scope) -> Test | None:
    """Both together as one test; None where neither is given."""
    tests = []
    if when is not None:
        tests.append(_all(when.root, scope.at("when"), 0))
    if unless is not None:
        tests.append(Not(_all(unless.root, scope.at("unless"), 0)))
    return tests[0] if len(tests) == 1 else All(tests) if tests else None


def test_of(name: str, test: Any, scope: Scope) -> Test:
    """One name's test. Raises ValueError."""
    return _one(name, test, scope, 0)


def _all(document: object, scope: Scope, depth: int) -> Test:
    tests: list[Test] = []
    with scope.gathering():
        if not isinstance(document, Mapping) or not document:
            raise ValueError("a condition names what it tests: {notice: {under: 24h}}")
        if depth > DEEPEST:
            raise ValueError("this is nested too deep to be read")
        for name, test in document.items():
            inner = scope.at(str(name))
            with inner.gathering():
                tests.append(_one(str(name), test, inner, depth))
    return tests[0] if len(tests) == 1 else All(tests)


def _one(name: str, test: Any, scope: Scope, depth: int) -> Test:
    if name in ("any", "all"):
        if not isinstance(test, (list, tuple)) or not 0 < len(test) <= 50:
            raise ValueError(f"{name} is a list of conditions")
        tests = [_all(each, scope.at(place), depth + 1) for place, each in enumerate(test)]
        return Either(tests) if name == "any" else All(tests)
    if name == "not":
        return Not(_all(test, scope, depth + 1))
    if name == "cel":
        if not isinstance(test, str):
            raise ValueError("an expression is text")
        return Cel(*scope.expression(test, ResultType.BOOLEAN))
    found = scope.name(name)
    if name in _STAGES:
        return _stages(name, found, test)
    if not isinstance(test, Mapping):
        return _equals(name, found, test, scope, is_wanted=True)
    parts = [_part(name, found, str(bound), value, scope) for bound, value in test.items()]
    if not parts:
        raise ValueError(f"say what is tested: one of {', '.join(_TESTS)}")
    return parts[0] if len(parts) == 1 else All(parts)


def _part(name: str, found: Name, bound: str, value: Any, scope: Scope) -> Test:
    if bound not in _TESTS:
        raise ValueError(f"{bound!r} is no test; use one of {', '.join(_TESTS)}")
    if bound == "known":
        if not isinstance(value, bool):
            raise ValueError("known is true or false")
        return Known(name, found.get, value)
    if bound in ("is", "not"):
        return _equals(name, found, value, scope, is_wanted=bound == "is")
    if bound == "between":
        return _between(name, found, value, scope)
    if found.type in (*_EQUAL, Type.LIST, Type.SPAN, Type.ANY):
        raise ValueError(f"{name} is {found.type}: it can be compared by `is` and `not` only")
    edge = scope.bound(found.type, value)
    if found.type is Type.DISTANCE:
        return Distance(name, found, bound, edge)
    if found.type is Type.MOMENT:
        return Calendar(name, found.get, bound, edge)
    fits = order(bound)
    return _compare(name, found, lambda got, look: fits(got, edge(look)), [edge])


def _between(name: str, found: Name, value: Any, scope: Scope) -> Test:
    """Both ends included; days, months and times run over the turn of the year, or midnight."""
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise ValueError("between takes two: [a, b]")
    if found.type in (Type.DAY, Type.MONTH, Type.WEEKDAY, Type.CLOCK):
        first, last = (scope.literal(found.type, end) for end in value)

        def fits(got: Any, _: Look) -> bool:
            if first <= last:
                return bool(first <= got <= last)
            return bool(got >= first or got <= last)

        return _compare(name, found, fits, [lambda _: first, lambda _: last])
    ends = zip(("at_least", "at_most"), value, strict=True)
    return All([_part(name, found, bound, end, scope) for bound, end in ends])


def _compare(
    name: str, found: Name, fits: Callable[[Any, Look], bool], edges: list[Callable[[Any], Any]]
) -> Test:
    if found.type is Type.CLOCK:
        return Recurring(name, found.get, fits, [edge(None) for edge in edges])
    if found.type in (Type.WEEKDAY, Type.MONTH, Type.DAY):
        return Recurring(name, found.get, fits)
    return Comparison(name, found.get, fits)


def _equals(name: str, found: Name, value: Any, scope: Scope, *, is_wanted: bool) -> Test:
    """Equal to a constant, or to any of several; a list, if it holds one of them. A text that isn't
    there equals nothing."""
    if found.type in (Type.DISTANCE, Type.SPAN):
        raise ValueError(f"{name} is a length of time: use under, over, at_least or at_most")
    if found.type is Type.MOMENT:
        raise ValueError(f"{name} is a moment: use under, over, at_least or at_most")
    several = value if isinstance(value, (list, tuple)) else [value]
    if not several:
        raise ValueError("an empty list fits nothing")
    edges = [_edge(found, each, scope) for each in several]

    def fits(got: Any, look: Look) -> bool:
        held = [_folded(each) for each in got] if isinstance(got, list) else (_folded(got),)
        return any(edge(look) in held for edge in edges) is is_wanted

    return _compare(name, found, fits, [] if found.type is Type.CLOCK else edges)


def _edge(found: Name, value: Any, scope: Scope) -> Callable[[Look], Any]:
    if found.type in (Type.TEXT, Type.LIST, Type.ANY):
        constant = scope.literal(Type.TEXT if found.type is Type.TEXT else Type.ANY, value)
        return lambda _: _folded(constant)
    return scope.bound(found.type, value)


def _folded(value: Any) -> Any:
    return fold(value) if isinstance(value, str) else value


def _stages(name: str, found: Name, test: Any) -> Test:
    """A stage is one of these words, or what they mean."""
    is_wanted = True
    if isinstance(test, Mapping):
        if "known" in test and len(test) == 1 and isinstance(test["known"], bool):
            return Known(name, found.get, test["known"])
        if len(test) != 1 or next(iter(test)) not in ("is", "not"):
            raise ValueError(f"{name} can be compared by `is`, `not` and `known`")
        is_wanted, test = "is" in test, next(iter(test.values()))
    words = list(test) if isinstance(test, (list, tuple)) else [test]
    if not words or not all(isinstance(word, str) for word in words):
        raise ValueError(f"{name} is a word, or a list of words")
    return Stages(name, found.get, words, is_wanted=is_wanted)
