"""What is known while a document is read, and what was found wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from domain.policy.cel.expressions import Expression, ResultType, VariableType, compile_expression
from domain.policy.clock.deadlines import FactMissing, instant
from domain.policy.look import Get, Look
from domain.policy.reading.literals import read_literal, read_told
from domain.policy.reading.quantities import Sum, read_sum
from domain.policy.vocabulary import MOMENTS, NAMES, Name, Type, name_of

if TYPE_CHECKING:
    from domain.policy.document import Fact


class Gathering:
    def __init__(self, scope: "Scope") -> None:
        self._scope = scope

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, ValueError):
            self._scope.problems.append((self._scope.place or "document", str(error)))
        return isinstance(error, ValueError)


@dataclass(frozen=True)
class Scope:
    """A place in the document. Problems found there and below are gathered, not raised."""

    facts: Mapping[str, "Fact"]
    place: str = ""
    has_results: bool = False
    problems: list[tuple[str, str]] = field(default_factory=list)
    currencies: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)

    def at(self, *parts: str | int) -> "Scope":
        place = self.place
        for part in parts:
            place += f"[{part}]" if isinstance(part, int) else f".{part}" if place else part
        return replace(self, place=place)

    def with_results(self) -> "Scope":
        return replace(self, has_results=True)

    def gathering(self) -> "Gathering":
        """Notes a ValueError raised within, with its place, and goes on."""
        return Gathering(self)

    def name(self, text: str) -> Name:
        """What a name stands for. Raises ValueError."""
        found = name_of(text, self.facts, read_told)
        self.used.add(text)
        if found.is_result and not self.has_results:
            raise ValueError(f"{text} isn't known yet here; a check or the approval may ask for it")
        return found

    def literal(self, type_: Type, value: object) -> Any:
        """A constant as tests compare it: money in minor units, its currency noted."""
        found = read_literal(type_, value)
        if isinstance(found, Sum):
            self.currencies.add(found.currency)
            return found.minor
        return found

    def bound(self, type_: Type, value: object) -> Get:
        """A constant, or another name of the same type, such as a setting."""
        if isinstance(value, str) and self.is_name(value):
            other = self.name(value)
            wanted = Type.SPAN if type_ is Type.DISTANCE else type_
            if other.type is not wanted:
                raise ValueError(f"{value} is {other.type}, and {wanted} is needed here")
            return other.get
        if type_ is Type.MONEY:
            return self.money(value)
        constant = self.literal(type_, value)
        return lambda _: constant

    def money(self, value: object) -> Get:
        """A constant sum. Where a policy has several currencies, a question in another one."""
        found = read_sum(value)
        self.currencies.add(found.currency)
        minor, currency = found.minor, found.currency

        def get(look: Look) -> int:
            if look.s.facts.currency != currency and len(look.s.policy.currencies) > 1:
                raise FactMissing("currency_differs")
            return minor

        return get

    def is_name(self, text: str) -> bool:
        if text in MOMENTS:
            return text != "now"
        return text in NAMES or text in self.facts or "attributes." in text or "settings." in text

    def expression(self, text: str, result: ResultType) -> tuple[Expression, dict[str, Get]]:
        """An expression with the getters of the names that it reads. Raises ValueError."""
        known = {
            name: _VARIABLES[fact.type]
            for name, fact in self.facts.items()
            if fact.type in _VARIABLES
        }
        known |= {
            name: _VARIABLES[each.type]
            for name, each in NAMES.items()
            if each.type in _VARIABLES and (self.has_results or not each.is_result)
        }
        known |= dict.fromkeys(_MEASURES, VariableType.NUMBER)
        expression = compile_expression(text, known, result)
        self.used.update(expression.names)
        gets = {
            name: _MEASURES[name] if name in _MEASURES else self._plain(name)
            for name in expression.names
        }
        return expression, gets

    def _plain(self, name: str) -> Get:
        found = self.name(name)
        if found.type is not Type.PERCENT:
            return found.get
        return lambda look: found.get(look).numerator * 100 / found.get(look).denominator


def _hours(name: str) -> Get:
    distance = NAMES[name]
    assert distance.here is not None

    def hours(look: Look) -> float:
        assert distance.here is not None
        return (instant(distance.get(look)) - instant(distance.here(look))).total_seconds() / 3600

    return hours


_MEASURES: dict[str, Get] = {
    "notice_hours": _hours("notice"),
    "lead_time_hours": _hours("lead_time"),
    "length_hours": _hours("length"),
}
"""Distances as numbers, for expressions alone."""

_VARIABLES = {
    Type.TEXT: VariableType.TEXT,
    Type.NUMBER: VariableType.NUMBER,
    Type.BOOLEAN: VariableType.BOOLEAN,
    Type.MONEY: VariableType.NUMBER,
    Type.PERCENT: VariableType.NUMBER,
    Type.LIST: VariableType.LIST,
    Type.ANY: VariableType.ANY,
}
