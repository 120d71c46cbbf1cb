"""Conditions ready to be asked. A missing fact is raised only where it decides."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol

from domain.policy.cel.expressions import Expression, ExpressionFailed
from domain.policy.clock.deadlines import (
    FactMissing,
)
from domain.policy.look import Get, Look
from domain.policy.stages import Meaning
from domain.policy.words import fold
from domain.values import Attributes


class Test(Protocol):
    """`names` are those it reads, `moments` the last instants before it may change its mind;
    `is_timed` says whether there may be any."""

    @property
    def names(self) -> frozenset[str]: ...

    @property
    def is_timed(self) -> bool: ...

    def holds(self, look: Look) -> bool: ...

    def moments(self, look: Look) -> Iterator[datetime]: ...

    def params(self, look: Look) -> Attributes: ...


class _Several:
    def __init__(self, tests: Sequence[Test]) -> None:
        self.tests = tuple(tests)
        self.names = frozenset[str]().union(*(test.names for test in tests))
        self._timed = tuple(test for test in tests if test.is_timed)
        self.is_timed = bool(self._timed)

    def moments(self, look: Look) -> Iterator[datetime]:
        for test in self._timed:
            yield from test.moments(look)

    def params(self, look: Look) -> Attributes:
        found: Attributes = {}
        for test in self.tests:
            found |= test.params(look)
        return found


class All(_Several):
    """A no outweighs a missing fact."""

    def holds(self, look: Look) -> bool:
        missing = None
        for test in self.tests:
            try:
                if not test.holds(look):
                    return False
            except FactMissing as error:
                missing = missing or error
        if missing:
            raise missing
        return True


class Either(_Several):
    """A yes outweighs a missing fact."""

    def holds(self, look: Look) -> bool:
        missing = None
        for test in self.tests:
            try:
                if test.holds(look):
                    return True
            except FactMissing as error:
                missing = missing or error
        if missing:
            raise missing
        return False

    def params(self, look: Look) -> Attributes:
        return next((test.params(look) for test in self.tests if _is_sure(test, look)), {})


class Not:
    def __init__(self, test: Test) -> None:
        self.test = test
        self.names = test.names
        self.is_timed = test.is_timed

    def holds(self, look: Look) -> bool:
        return not self.test.holds(look)

    def moments(self, look: Look) -> Iterator[datetime]:
        return self.test.moments(look)

    def params(self, look: Look) -> Attributes:
        return self.test.params(look)


class Comparison:
    """A name's value against constants or other names."""

    is_timed = False

    def __init__(self, text: str, get: Get, fits: Callable[[Any, Look], bool]) -> None:
        self.text = text
        self.names = frozenset((text,))
        self._get = get
        self._fits = fits

    def holds(self, look: Look) -> bool:
        return self._fits(self._get(look), look)

    def moments(self, look: Look) -> Iterator[datetime]:
        return iter(())

    def params(self, look: Look) -> Attributes:
        if self.text not in _TOLD:
            return {}
        value = self._get(look)
        return {_TOLD[self.text]: str(value) if value is not None else None}


_UNKNOWN = {"stage": "stage_unknown", "line.status": "line_stage_unknown"}
_TOLD = {"stage": "stage", "reason": "reason", "line.status": "status"}


class Known:
    """Whether a fact is there at all."""

    is_timed = False

    def __init__(self, text: str, get: Get, is_wanted: bool) -> None:
        self.names = frozenset((text,))
        self._get = get
        self._is_wanted = is_wanted

    def holds(self, look: Look) -> bool:
        try:
            return (self._get(look) is not None) is self._is_wanted
        except FactMissing:
            return not self._is_wanted

    def moments(self, look: Look) -> Iterator[datetime]:
        return iter(())

    def params(self, look: Look) -> Attributes:
        return {}


class Stages:
    """A stage against words of the merchant's, or what they mean. A word that nobody explained is
    none of the merchant's others, but may mean anything."""

    is_timed = False

    def __init__(self, text: str, get: Get, words: Iterable[str], *, is_wanted: bool) -> None:
        self.text = text
        self.names = frozenset((text,))
        self.words = frozenset(map(fold, words))
        self._asks_meaning = not self.words.isdisjoint(Meaning)
        self.is_wanted = is_wanted
        self._get = get

    def holds(self, look: Look) -> bool:
        word = self._get(look)
        is_among = word is not None and look.s.policy.is_stage(word, self.words)
        if word is None or is_among or not self._asks_meaning:
            return is_among is self.is_wanted
        if look.s.policy.meaning(word) is None:
            raise FactMissing(_UNKNOWN[self.text], {_TOLD[self.text]: word})
        return is_among is self.is_wanted

    def moments(self, look: Look) -> Iterator[datetime]:
        return iter(())

    def params(self, look: Look) -> Attributes:
        return {_TOLD[self.text]: self._get(look)}


class Cel:
    """An expression over plain values. One that fails sends the request to a person."""

    is_timed = False

    def __init__(self, expression: Expression, gets: dict[str, Get]) -> None:
        self.expression = expression
        self.names = frozenset(gets)
        self._gets = gets

    def value(self, look: Look) -> Any:
        values = {name: get(look) for name, get in self._gets.items()}
        try:
            return self.expression.evaluate(values)
        except ExpressionFailed as error:
            raise FactMissing("expression_failed", {"expression": str(error)}) from None

    def holds(self, look: Look) -> bool:
        return self.value(look) is True

    def moments(self, look: Look) -> Iterator[datetime]:
        return iter(())

    def params(self, look: Look) -> Attributes:
        return {}


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "under": lambda value, edge: value < edge,
    "over": lambda value, edge: value > edge,
    "at_least": lambda value, edge: value >= edge,
    "at_most": lambda value, edge: value <= edge,
    "is": lambda value, edge: value == edge,
    "not": lambda value, edge: value != edge,
}


def order(bound: str) -> Callable[[Any, Any], bool]:
    return _ORDER[bound]


def _is_sure(test: Test, look: Look) -> bool:
    try:
        return test.holds(look)
    except FactMissing:
        return False
