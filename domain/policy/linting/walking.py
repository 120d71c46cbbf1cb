"""The parts of a document with their places."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from domain.policy.document import Charge, Combination, Condition, Document, Table

LISTS = ("first", "sum", "best", "most")


class Atom(NamedTuple):
    """One test of one name against a constant. An expression is an atom called `cel`."""

    place: str
    name: str
    bound: str
    value: Any


class Guard(NamedTuple):
    """A condition of a rule or a charge. `place` is of what it belongs to; empty: of the policy."""

    place: str
    when: Condition | None
    unless: Condition | None

    @property
    def when_place(self) -> str:
        return f"{self.place}.when" if self.place else "applies_to"


class Placed(NamedTuple):
    """A charge. `guards` are the conditions under which it counts, its own last; `rule` is the
    place of its rule in the table, `limits` says which of its charge's limits it is."""

    place: str
    charge: Charge
    rule: int
    guards: tuple[Guard, ...]
    limits: str | None = None

    @property
    def amount(self) -> str | Combination:
        said = self.charge.return_ if self.charge.keep is None else self.charge.keep
        assert said is not None
        return said

    @property
    def amount_place(self) -> str:
        return f"{self.place}.{'return' if self.charge.keep is None else 'keep'}"

    @property
    def table(self) -> Table | None:
        return self.amount.table if isinstance(self.amount, Combination) else None


def charges(document: Document) -> Iterator[Placed]:
    """Every charge of the rules, outer ones before what they are made of."""
    for place, rule in enumerate(document.rules):
        if rule.keep is not None or rule.return_ is not None:
            yield from _charges(rule, f"rules[{place}]", place, ())


def parts(placed: Placed) -> Iterator[tuple[str, tuple[Charge, ...]]]:
    """The charges that an amount combines, by the way it does."""
    if isinstance(placed.amount, Combination):
        for word in LISTS:
            combined = getattr(placed.amount, word)
            if combined is not None:
                yield word, combined


def guards(document: Document) -> Iterator[Guard]:
    """Every condition of the document."""
    if document.applies_to is not None:
        yield Guard("", document.applies_to, None)
    for place, rule in enumerate(document.rules):
        yield Guard(f"rules[{place}]", rule.when, rule.unless)
    for placed in charges(document):
        if placed.place.count(".") and placed.guards:
            yield placed.guards[-1]
    for place, check in enumerate(document.checks):
        yield Guard(f"checks[{place}]", check.when, check.unless)
    if document.approval is not None:
        yield Guard("approval", document.approval.when, None)
    for place, form in enumerate(document.forms):
        yield Guard(f"forms[{place}]", form.when, form.unless)
    if not isinstance(document.restock, bool):
        yield Guard("restock", document.restock, None)
    if document.warehouse is not None:
        yield Guard("warehouse", document.warehouse.when, None)


def atoms(guard: Guard) -> Iterator[Atom]:
    """Every test of a condition, whether it must hold or must not."""
    if guard.when is not None:
        yield from _atoms(guard.when.root, guard.when_place)
    if guard.unless is not None:
        yield from _atoms(guard.unless.root, f"{guard.place}.unless")


def table_atoms(table: Table, place: str) -> Iterator[Atom]:
    """What a table tests; `place` is the table's."""
    for row, cells in enumerate(table.rows):
        yield Atom(f"{place}.rows[{row}][0]", table.down, "at_least", cells[0])
    for column, bound in enumerate(table.columns):
        yield Atom(f"{place}.columns[{column}]", table.across or "", "at_least", bound)


def all_atoms(document: Document) -> Iterator[Atom]:
    for guard in guards(document):
        yield from atoms(guard)
    for placed in charges(document):
        if placed.table is not None:
            yield from table_atoms(placed.table, f"{placed.amount_place}.table")


def _charges(
    charge: Charge, place: str, rule: int, outer: tuple[Guard, ...], limits: str | None = None
) -> Iterator[Placed]:
    inner = (*outer, Guard(place, charge.when, charge.unless))
    placed = Placed(place, charge, rule, inner, limits)
    yield placed
    for word, combined in parts(placed):
        for number, each in enumerate(combined):
            yield from _charges(each, f"{placed.amount_place}.{word}[{number}]", rule, inner)
    for word in ("at_least", "at_most"):
        limit = getattr(charge, word)
        if isinstance(limit, Charge):
            yield from _charges(limit, f"{place}.{word}", rule, inner, word)


def _atoms(root: Mapping[str, Any], place: str) -> Iterator[Atom]:
    for name, test in root.items():
        here = f"{place}.{name}"
        if name in ("any", "all"):
            for number, each in enumerate(test):
                yield from _atoms(each, f"{here}[{number}]")
        elif name == "not":
            yield from _atoms(test, here)
        elif isinstance(test, Mapping):
            for bound, value in test.items():
                yield Atom(f"{here}.{bound}", name, bound, value)
        else:
            yield Atom(here, name, "cel" if name == "cel" else "is", test)
