"""What keeps arithmetic in expressions finite, and fractions from meeting whole numbers.

The library divides by 0.0 to infinity, and infinity is above every limit: an error read as true.
So a divisor is a number or a variable, looked at before, and nothing can outgrow a double.
"""

import math
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from domain.policy.cel.tree import Kind, Node, Tree, walk

SMALLEST = 1e-6
"""What is divided by is at least this far from 0."""

_DIGITS, _VARIABLE, _MOST = 20, 16, 300
_LITERAL = re.compile(r"-?\s*\d+(?![\dxX.])")
_ARITHMETIC = frozenset({"_+_", "_-_", "_*_", "_/_", "_?_:_"})


class Written(NamedTuple):
    """A text as the library gets it, and where something was put in: always two letters."""

    text: str
    inserted: tuple[int, ...]

    def original(self, offset: int) -> int:
        return offset - 2 * sum(1 for place in self.inserted if place < offset)


def write_fractions(text: str, tree: Tree) -> Written:
    """Write 15 as 15.0 where it is added, multiplied, chosen or rounded."""
    ends = []
    for node in _fractions(tree.root):
        found = _LITERAL.match(text, tree.offsets.get(node.id, 0))
        if found and isinstance(node.constant, int) and not isinstance(node.constant, bool):
            ends.append(found.end())
    pieces = [
        text[start:end]
        for start, end in zip([0, *sorted(ends)], [*sorted(ends), None], strict=True)
    ]
    return Written(".0".join(pieces), tuple(end + 2 * at for at, end in enumerate(sorted(ends))))


def find_divisors(root: Node) -> Iterator[Node]:
    return (
        node.children[1] for node in walk(root) if node.kind is Kind.CALL and node.name == "_/_"
    )


def may_overflow(root: Node) -> bool:
    return _digits(root, {}) > _MOST


def is_math(node: Node) -> bool:
    target = node.children[0] if node.children else node
    return node.name.startswith("math.") or (target.kind is Kind.NAME and target.name == "math")


def _fractions(root: Node) -> Iterator[Node]:
    for node in walk(root):
        if node.kind is not Kind.CALL:
            continue
        if node.name in _ARITHMETIC or is_math(node):
            yield from node.children
        if is_math(node):
            yield from (
                each for part in node.children if part.kind is Kind.LIST for each in part.children
            )


def _digits(node: Node, local: Mapping[str, int]) -> int:
    """Bound the digits before the point of any number in a value."""
    if node.kind is Kind.NAME:
        return local.get(node.name, _VARIABLE)
    if isinstance(node.constant, int | float):
        return 1 + math.ceil(abs(math.log10(abs(node.constant) or 1)))
    if node.kind is Kind.LOOP:
        source, first, condition, step, result = node.children
        inside = {**local, node.name: _digits(source, local), "@result": _DIGITS}
        added = max(_digits(part, inside) for part in (first, condition, step))
        return _digits(result, {**local, "@result": added})
    parts = [_digits(child, local) for child in node.children]
    if node.kind is Kind.CALL and node.name in ("_*_", "_/_"):
        return sum(parts)
    return max([_DIGITS, *parts]) + (1 if node.name in ("_+_", "_-_") else 0)
