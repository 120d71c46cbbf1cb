"""Two rules that claim the same situations, where neither is an exception of the other."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from domain.policy.document import Rule
from domain.policy.linting.coverage import MOST_POINTS, MOST_TOLD, Table
from domain.policy.linting.cubes import cubes, words
from domain.policy.linting.findings import PolicyFinding, warning
from domain.policy.linting.measures import cost
from domain.policy.linting.situations import holds
from domain.policy.linting.spaces import Point, Space, space

MOST_TESTS = 30_000
MOST_RULES = 60
"""Compared with one another, of those that test the same names."""

_CONDITION = {"when", "unless", "name"}


def overlaps(table: Table) -> Iterator[PolicyFinding]:
    """Rules on the same names whose ranges cross: the first wins where both fit, and the author may
    not have meant it. A narrower rule before a wider one is an exception, and fine."""
    groups: dict[frozenset[str], list[int]] = {}
    for place, own in enumerate(table.atoms):
        if own and table.depends[place] is not None:
            groups.setdefault(frozenset(atom.name for atom in own), []).append(place)
    for group in groups.values():
        if len(group) > 1:
            yield from _in_group(table, group[:MOST_RULES])


def _in_group(table: Table, group: Sequence[int]) -> Iterator[PolicyFinding]:
    wanted = dict.fromkeys(m for place in group for m in table.depends[place] or ())
    weight = sum(cost(atom) for place in group for atom in table.atoms[place])
    if weight > MOST_TESTS:
        return
    most = max(4, min(MOST_POINTS, MOST_TESTS // weight))
    around = space(table.measures.frame, list(wanted), most)
    points = list(around.points())
    fitting = {place: _fitting(table, place, around, points) for place in group}
    found = [
        _overlap(table, around, first, second, fitting[first] & fitting[second])
        for first, second in combinations(group, 2)
        if _differ(table, first, second)
        and _cross(fitting[first], fitting[second], len(around.measures))
    ]
    yield from found[:MOST_TOLD]


def _fitting(table: Table, place: int, around: Space, points: Sequence[Point]) -> set[Point]:
    test = table.policy.rules[place].test
    return {point for point in points if holds(test, around.look(point))}


def _cross(first: set[Point], second: set[Point], width: int) -> bool:
    """Whether they meet, and on no measure one lies within the other: they are equal there, or each
    has something of its own."""
    if not first & second or not first - second or not second - first:
        return False
    sides = [({p[axis] for p in first}, {p[axis] for p in second}) for axis in range(width)]
    return all(a == b or (a - b and b - a) for a, b in sides) and any(a != b for a, b in sides)


def _differ(table: Table, first: int, second: int) -> bool:
    rules = table.policy.document.rules
    return _said(rules[first]) != _said(rules[second])


def _said(rule: Rule) -> object:
    return rule.model_dump(exclude=_CONDITION)


def _overlap(
    table: Table, around: Space, first: int, second: int, both: set[Point]
) -> PolicyFinding:
    shared = words(next(cubes(sorted(both), around.measures)), around.measures)
    text = f"rules[{first}] and rules[{second}] both claim {shared}; rules[{first}] comes first and"
    where = f"rules[{second}]"
    guard = "when" if table.policy.document.rules[second].when else "unless"
    return warning("overlap", f"{where}.{guard}", f"{text} wins. Let only one of them reach there")
