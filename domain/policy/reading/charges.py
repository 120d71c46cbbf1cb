"""Turns the charges of a document into nodes that work out amounts."""

from collections.abc import Callable
from typing import Any

from domain.money import Rounding
from domain.policy import bases
from domain.policy.bases import Bases, Count
from domain.policy.cel.expressions import ResultType
from domain.policy.charges import (
    Choice,
    Figure,
    First,
    Leaf,
    Node,
    Steps,
    Sum,
    greatest,
    least,
)
from domain.policy.clock.deadlines import FactMissing
from domain.policy.clock.spans import rough_hours
from domain.policy.conditions import All, Cel, Test
from domain.policy.document import Base, Charge, Combination, Of, Table
from domain.policy.document import Steps as StepsDocument
from domain.policy.look import Look
from domain.policy.reading.conditions import condition, test_of
from domain.policy.reading.quantities import EVERYTHING, NOTHING, read_part, read_sum
from domain.policy.reading.scope import Scope
from domain.policy.usage import DAILY
from domain.policy.vocabulary import Type

_BASES: dict[Base, Bases] = {
    Base.PRICE: bases.price,
    Base.REST: bases.rest,
    Base.PAID: bases.paid,
    Base.HELD: bases.held,
    Base.TOTAL: bases.total,
    Base.USED: bases.used,
    Base.UNUSED: bases.unused,
}
_COUNTS: dict[str, Count] = {
    "unit": bases.units,
    "night": bases.units,
    "line": bases.lines,
    "person": bases.persons,
    "day": bases.days,
    "hour": bases.hours,
    "used": bases.used_units,
    "unused": bases.unused_units,
}
_AMOUNTS = (Type.MONEY, Type.NUMBER)


def charge(document: Charge, scope: Scope, rounding: Steps, depth: int = 0) -> Node:
    """One charge with its condition. What makes no sense is noted in the scope."""
    test = condition(document.when, document.unless, scope)
    with scope.gathering():
        if depth > 6:
            raise ValueError("this is nested too deep to be read")
        steps = steps_of(document.rounding, scope.at("rounding")) or rounding
        word, said = (
            ("return", document.return_) if document.keep is None else ("keep", document.keep)
        )
        inner = scope.at(word)
        if isinstance(said, Combination) and said.cel is None and said.table is None:
            if word == "return":
                raise ValueError("return takes one amount or a table; combine charges under keep")
            return _combination(document, said, test, inner, scope, steps, depth)
        if isinstance(said, Combination) and said.table is not None:
            return _table(document, said.table, test, inner.at("table"), scope, steps, depth)
        return _leaf(document, said, test, inner, scope, steps, depth)
    return Leaf(test, lambda _: NOTHING, bases.price, rounding)


def counts_use(document: Charge) -> bool:
    """Whether it asks how much was used up, alone or in one of its parts."""
    of, said = document.of, document.keep
    if of in (Base.USED, Base.UNUSED) or (isinstance(of, Of) and of.next):
        return True
    if {"used", "unused"} & set(document.per):
        return True
    parts: list[object] = [document.at_least, document.at_most]
    if isinstance(said, Combination):
        parts += said.first or said.sum or said.best or said.most or ()
    return any(isinstance(part, Charge) and counts_use(part) for part in parts)


def steps_of(document: Rounding | StepsDocument | None, scope: Scope) -> Steps | None:
    if document is None or isinstance(document, Rounding):
        return Steps(document) if document else None
    with scope.gathering():
        found = read_sum(document.to)
        scope.currencies.add(found.currency)
        if found.minor < 1:
            raise ValueError("a step is at least the smallest unit")
        return Steps(document.way, found.minor)
    return None


def _combination(
    document: Charge, said: Combination, test: Test | None, inner: Scope, scope: Scope,
    steps: Steps, depth: int,
) -> Node:  # fmt: skip
    word = next(w for w in ("first", "sum", "best", "most") if getattr(said, w) is not None)
    nodes = [
        charge(each, inner.at(word, place), steps, depth + 1)
        for place, each in enumerate(getattr(said, word))
    ]
    floor, cap = _limits(document, scope, steps, depth)
    if word == "first":
        return First(test, nodes, floor, cap)
    if word == "sum":
        return Sum(test, nodes, floor, cap)
    return Choice(test, nodes, least if word == "best" else greatest, floor, cap)


def _leaf(
    document: Charge, said: object, test: Test | None, inner: Scope, scope: Scope,
    steps: Steps, depth: int,
) -> Leaf:  # fmt: skip
    floor, cap = _limits(document, scope, steps, depth)
    return Leaf(
        test=test,
        figure=_read_figure(said, inner),
        base=_base(document.of, scope.at("of")),
        steps=steps,
        per=[_count(each, scope.at("per")) for each in document.per],
        floor=floor,
        cap=cap,
        is_return=document.keep is None,
        is_beyond_price=document.beyond_price,
    )


def _read_figure(said: object, scope: Scope) -> Figure:
    with scope.gathering():
        return _figure(said, scope)
    return lambda _: NOTHING


def _figure(said: object, scope: Scope) -> Figure:
    if isinstance(said, Combination):
        assert said.cel is not None
        cel = Cel(*scope.expression(said.cel, ResultType.AMOUNT))
        return lambda look: int(cel.value(look))
    assert isinstance(said, str)
    text = said.strip()
    if text in ("nothing", "everything"):
        whole = NOTHING if text == "nothing" else EVERYTHING
        return lambda _: whole
    if text == "ask":
        return _ask
    if scope.is_name(text):
        return _named(text, scope)
    if text.endswith("%") or "/" in text:
        part = read_part(text)
        return lambda _: part
    if len(text) > 3 and (text[-3:].isupper() or text[:3].isupper()):
        return scope.money(text)
    raise ValueError(f"{said!r} is no amount: 50%, 25.00 EUR, nothing, everything, ask, or a fact")


def _ask(_: Look) -> int:
    raise FactMissing("amount_open")


def _named(text: str, scope: Scope) -> Figure:
    found = scope.name(text)
    if found.type is Type.PERCENT:
        return found.get
    if found.type not in _AMOUNTS:
        raise ValueError(f"{text} is {found.type}: an amount is money, a number or a percentage")
    return lambda look: _minor(found.get(look), text)


def _minor_of(text: str, scope: Scope) -> Callable[[Look], int]:
    found = scope.name(text)
    if found.type not in _AMOUNTS:
        raise ValueError(f"{text} is {found.type}: a base is money or a number")
    return lambda look: _minor(found.get(look), text)


def _minor(value: object, text: str) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) is not int or value < 0:
        raise FactMissing("fact_unreadable", {"name": text})
    return value


def _base(document: Base | Of, scope: Scope) -> Bases:
    if document in (Base.USED, Base.UNUSED) or (isinstance(document, Of) and document.next):
        scope.used.add(DAILY)
    if isinstance(document, Base):
        return _BASES[document]
    if document.first is not None:
        return bases.first(document.first)
    if document.next is not None:
        return bases.coming(document.next)
    if document.tenders:
        return bases.tenders(document.tenders)
    assert document.fact is not None
    with scope.gathering():
        return bases.fact(_minor_of(document.fact, scope))
    return bases.price


def _count(text: str, scope: Scope) -> Count:
    if text in ("used", "unused"):
        scope.used.add(DAILY)
    if text in _COUNTS:
        return _COUNTS[text]
    with scope.gathering():
        found = scope.name(text)
        if found.type is not Type.NUMBER:
            raise ValueError(f"{text} can't be counted; use {', '.join(_COUNTS)} or a number")
        return lambda lot: _minor(found.get(lot.first()), text)
    return bases.lines


def _limits(
    document: Charge, scope: Scope, steps: Steps, depth: int
) -> tuple[Node | None, Node | None]:
    floor, cap = (
        _limit(getattr(document, word), document.of, scope.at(word), steps, depth)
        for word in ("at_least", "at_most")
    )
    return floor, cap


def _limit(
    document: str | Charge | None, of: Base | Of, scope: Scope, steps: Steps, depth: int
) -> Node | None:
    """A limit in percent is of the same base as what it limits."""
    if document is None:
        return None
    if isinstance(document, str):
        document = Charge(keep=document, of=of, beyond_price=True)
    return charge(document, scope, steps, depth + 1)


def _table(
    document: Charge, table: Table, test: Test | None, place: Scope, scope: Scope,
    steps: Steps, depth: int,
) -> Node:  # fmt: skip
    """A cell is the first charge of a list: rows from the highest bound down, columns alike."""
    width = len(table.columns) if table.across else 1
    if bool(table.across) != bool(table.columns):
        raise ValueError("a table that goes across names its columns' bounds")
    nodes: list[Node] = []
    _check_order(table, place)
    for row in table.rows:
        if len(row) != width + 1:
            raise ValueError(f"each row is a bound and {width} amounts, not {len(row) - 1}")
        down = test_of(table.down, {"at_least": row[0]}, place.at("rows"))
        for column in reversed(range(width)):
            tests: list[Test] = [down]
            if table.across:
                bound = {"at_least": table.columns[column]}
                tests.append(test_of(table.across, bound, place.at("columns")))
            cell = _leaf(document, str(row[column + 1]), All(tests), place, scope, steps, depth)
            nodes.append(cell)
    return First(test, nodes, is_complete=True)


def _check_order(table: Table, scope: Scope) -> None:
    """Rows stand from the highest bound down, columns from the lowest up: the first that is reached
    counts. Raises ValueError."""
    down = [_rank(table.down, row[0], scope) for row in table.rows if row]
    across = [_rank(table.across, bound, scope) for bound in table.columns if table.across]
    if down != sorted(down, reverse=True) or across != sorted(across):
        raise ValueError("rows go from the highest bound to the lowest, columns from low to high")


def _rank(name: str | None, bound: object, scope: Scope) -> Any:
    found = scope.name(name or "")
    value = scope.literal(found.type, bound)
    return rough_hours(value) if found.type is Type.DISTANCE else value
