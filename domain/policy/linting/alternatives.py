"""Tables and lists of which the first charge that fits counts: what is missing or never counts."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from domain.policy.conditions import All, Test
from domain.policy.linting.coverage import MOST_POINTS, MOST_TOLD, Table
from domain.policy.linting.cubes import cubes, words
from domain.policy.linting.findings import PolicyFinding, error, warning
from domain.policy.linting.measures import Measure, cost
from domain.policy.linting.situations import PRICE, holds
from domain.policy.linting.spaces import Point, Space, space
from domain.policy.linting.walking import Atom, Guard, Placed, atoms, charges, parts, table_atoms
from domain.policy.look import Look
from domain.policy.reading.conditions import condition, test_of
from domain.policy.reading.scope import Scope
from domain.policy.routing import route

MOST_TESTS = 40_000


class Choice(NamedTuple):
    """One of several, with its place. `tests` are all to hold."""

    place: str
    tests: tuple[Test, ...]


def alternatives(table: Table) -> Iterator[PolicyFinding]:
    """Each gets its share of the time there is."""
    placed = list(charges(table.policy.document))
    tables = [each for each in placed if each.table is not None]
    lists = [(each, some) for each in placed for word, some in parts(each) if word == "first"]
    most = MOST_TESTS // max(1, len(tables) + len(lists))
    for each in tables:
        yield from _table(table, each, most)
    for each, some in lists:
        place = f"{each.amount_place}.first"
        guards = [Guard(f"{place}[{n}]", one.when, one.unless) for n, one in enumerate(some)]
        yield from _list(table, each, guards, most)


def _table(table: Table, placed: Placed, most: int) -> Iterator[PolicyFinding]:
    assert placed.table is not None
    place = f"{placed.amount_place}.table"
    cells = len(placed.table.rows) * max(1, len(placed.table.columns))
    around = _around(table, placed, list(table_atoms(placed.table, place)), most - 4 * cells)
    if around is None:
        return
    choices = list(_rows(table, placed))
    missing, idle = _tried(table, placed, choices, around)
    missing = [point for point in missing if not _is_nothing(point, around.measures)]
    for cube in list(cubes(missing, around.measures))[:MOST_TOLD]:
        said = words(cube, around.measures) or "anything"
        text = f"no row fits {said}; a person has to decide. Add a row, or `ask` to say so"
        yield warning("gap", f"{place}.rows", text)
    used = {choice.place for choice in choices if choice not in idle}
    for row in dict.fromkeys(choice.place for choice in idle if choice.place not in used):
        yield error("unreachable", row, "this row never counts: others fit first. Leave it out")


def _list(
    table: Table, placed: Placed, guards: Sequence[Guard], most: int
) -> Iterator[PolicyFinding]:
    scope = Scope(table.policy.document.facts)
    found = [condition(each.when, each.unless, scope.at(each.place)) for each in guards]
    choices = [
        Choice(guard.place, (test,) if test else ())
        for guard, test in zip(guards, found, strict=True)
    ]
    own = [atom for guard in guards for atom in atoms(guard)]
    around = _around(table, placed, own, most)
    if around is not None:
        for choice in _tried(table, placed, choices, around)[1]:
            text = "this charge never counts: those before it fit first. Move it up"
            yield error("unreachable", choice.place, f"{text}, or leave it out")


def _rows(table: Table, placed: Placed) -> Iterator[Choice]:
    """The cells, in the order in which they are tried."""
    assert placed.table is not None
    down, across = placed.table.down, placed.table.across
    scope = Scope(table.policy.document.facts)
    columns = [
        (test_of(across, {"at_least": bound}, scope),) if across else ()
        for bound in reversed(placed.table.columns or (None,))
    ]
    for row, cells in enumerate(placed.table.rows):
        place = f"{placed.amount_place}.table.rows[{row}]"
        first = test_of(down, {"at_least": cells[0]}, scope)
        yield from (Choice(place, (first, *column)) for column in columns)


def _around(table: Table, placed: Placed, own: Sequence[Atom], most: int) -> Space | None:
    """The situations that tell these choices apart, with the conditions around them."""
    outer = [atom for guard in placed.guards for atom in atoms(guard)]
    wanted = table.measures.of([*own, *outer])
    if wanted is None or not own or table.depends[placed.rule] is None:
        return None
    weight = 4 * len(table.atoms) + 2 * sum(map(cost, (*own, *outer)))
    around = space(table.measures.frame, wanted, max(0, min(MOST_POINTS, most // weight)))
    return around if len(around.measures) == len(wanted) else None


def _tried(
    table: Table, placed: Placed, choices: Sequence[Choice], around: Space
) -> tuple[list[Point], list[Choice]]:
    """The situations that none fits, and the choices that never come first though they fit."""
    scope = Scope(table.policy.document.facts)
    guards = [condition(g.when, g.unless, scope.at(g.place)) for g in placed.guards]
    outer = All([test for test in guards if test is not None])
    missing, waiting, fitted = [], dict.fromkeys(choices), set[Choice]()
    for point in around.points():
        look = around.look(point)
        if not holds(outer, look) or not _is_open(look):
            continue
        fitting = [c for c in choices if holds(All(c.tests), look)]
        fitted.update(fitting)
        if fitting:
            waiting.pop(fitting[0], None)
        else:
            missing.append(point)
    return missing, [c for c in waiting if around.is_complete and c in fitted]


def _is_open(look: Look) -> bool:
    """Whether something can be kept: neither over nor refused before any rule is asked."""
    rule, ruling = route(look.together, look.item)
    return rule is not None or ruling is None or ruling.code == "amount_open"


def _is_nothing(point: Point, measures: Sequence[Measure]) -> bool:
    """Whether something counts none, which a table need not say."""
    values = (m.options[place].values.get(m.name) for m, place in zip(measures, point, strict=True))
    return any(value == 0 and value != PRICE and value is not False for value in values)
