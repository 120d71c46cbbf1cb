"""How much an expression could do at most, found without running it.

The library stops a loop after 10,000 turns, all loops together, and bounds nothing else.
"""

import math
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Self

from domain.policy.cel.tree import Kind, Node

BUDGET = 500_000
"""Steps, at most about a microsecond each."""

_TURNS = 10_000
_LETTERS = 4
_REPEATED = re.compile(r"\{(\d*),?(\d*)\}")
_NUMERIC = frozenset({"_-_", "_*_", "_/_"})
_SCANS = frozenset({"@in", "contains", "startsWith", "endsWith", "math.@max", "math.@min"})


class Extent(NamedTuple):
    """A bound on a value. A text counts one for each 4 letters, a collection one and its parts."""

    size: int = 1
    longest: int = 0
    """Of the collections in it, the one with the most members."""

    def and_also(self, other: Self) -> "Extent":
        return Extent(self.size + other.size, max(self.longest, other.longest))


Extents = Mapping[str, Extent]


def text_extent(text: str) -> Extent:
    return Extent(1 + len(text) // _LETTERS)


def work(root: Node, given: Extent) -> int:
    """Bound the steps when all values read are together as large as `given`."""
    return _measure(root, {}, given)[0]


def _measure(node: Node, local: Extents, given: Extent) -> tuple[int, Extent]:
    if node.kind is Kind.NAME:
        return 1, local.get(node.name, given)
    if node.kind is Kind.CONSTANT:
        return 1, text_extent(node.constant) if isinstance(node.constant, str) else Extent()
    if node.kind is Kind.LOOP:
        return _loop(node, local, given)
    parts = [_measure(child, local, given) for child in node.children]
    steps, extents = 1 + sum(part[0] for part in parts), [part[1] for part in parts]
    if node.kind is Kind.SELECT:
        return steps, extents[0]
    if node.kind in (Kind.LIST, Kind.MAP):
        return steps, Extent(1, len(parts)).and_also(_together(extents))
    if node.name == "_+_":
        effort, extent = _sum(node, extents)
        return steps + effort, extent
    return steps + _effort(node, extents), _result(node.name, extents)


def _loop(node: Node, local: Extents, given: Extent) -> tuple[int, Extent]:
    source, first, condition, step, result = node.children
    steps, over = _measure(source, local, given)
    turns = min(over.longest, _TURNS)
    inside = {**local, node.name: over, "@result": Extent()}
    each, (added, longest) = _measure(step, inside, given)
    until, _ = _measure(condition, inside, given)
    total = Extent(1 + turns * added, max(turns, longest))
    last, extent = _measure(result, {**local, "@result": total}, given)
    begin, _ = _measure(first, local, given)
    copies = turns * turns // 4 if first.kind is Kind.LIST else 0  # the list so far, at each turn
    return steps + begin + turns * (each + until) + copies + last, extent


def _sum(node: Node, extents: list[Extent]) -> tuple[int, Extent]:
    """Add numbers, or join what may be texts or lists. What a loop collects counts elsewhere."""
    if any(
        isinstance(child.constant, int | float) or child.name in _NUMERIC for child in node.children
    ):
        return 0, Extent()
    if node.children[0].name == "@result":
        return 1, _together(extents)
    joined = Extent(*(sum(parts) for parts in zip(*extents, strict=True)))
    return joined.size, joined


def _effort(node: Node, extents: list[Extent]) -> int:
    if node.name in ("_==_", "_!=_"):
        return min(extent.size for extent in extents)
    if node.name == "matches":
        return _LETTERS * _together(extents).size + _pattern(str(node.children[-1].constant))
    return _together(extents).size if node.name in _SCANS else 0


def repetitions(pattern: str) -> int:
    counts = (int(count) for pair in _REPEATED.findall(pattern) for count in pair if count)
    return math.prod(max(1, count) for count in counts)


def _pattern(pattern: str) -> int:
    """Bound what preparing costs, each time anew. A class of Unicode has hundreds of ranges."""
    weight = 100 if re.search(r"\\p", pattern, re.IGNORECASE) else 4
    return 100 + weight * len(pattern) * repetitions(pattern)


def _result(function: str, extents: list[Extent]) -> Extent:
    if function == "_[_]":
        return extents[0]
    if function == "_?_:_":
        return _together(extents)
    return Extent()


def _together(extents: Iterator[Extent] | list[Extent]) -> Extent:
    size, longest = 0, 0
    for extent in extents:
        size, longest = size + extent.size, max(longest, extent.longest)
    return Extent(size, longest)
