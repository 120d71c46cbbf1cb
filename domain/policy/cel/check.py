"""What is refused when an expression is saved, beside what the library refuses."""

import math
from collections.abc import Collection, Iterator
from functools import cache

from cel_expr_python import cel

from domain.policy.cel.arithmetic import (
    SMALLEST,
    find_divisors,
    is_math,
    may_overflow,
)
from domain.policy.cel.cost import repetitions
from domain.policy.cel.language import FUNCTIONS, environment
from domain.policy.cel.tree import Kind, Node, Tree, path_of, walk
from domain.policy.cel.wording import nearest, place

LETTERS, NODES, LOOPS, NESTED = 2_000, 400, 6, 2
PATTERN, REPEATED = 100, 50

_CHECKS = {
    "matches": ("''.matches(text)", "pattern"),
    "timestamp": ("timestamp(text) == timestamp(text)", "instant"),
    "duration": ("duration(text) == duration(text)", "duration"),
}
_COUNTS = frozenset({"size", "int", "getHours", "getMinutes"})


def check_text(text: str) -> None:
    if not text.strip():
        raise ValueError("The expression is empty.")
    if len(text) > LETTERS:
        raise ValueError(f"The expression has {len(text)} letters; {LETTERS} are allowed.")
    if any(ord(letter) < 32 and letter not in "\n\r\t" for letter in text):
        raise ValueError("The expression contains control characters.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"There is half a letter at {place(text, error.start)}.") from None


def check_tree(text: str, tree: Tree) -> None:
    """Refuse what is large, and what belongs to CEL but not to policies."""
    if sum(1 for _ in walk(tree.root)) > NODES:
        raise ValueError(f"The expression has more than {NODES} parts.")
    if sum(node.kind is Kind.LOOP for node in walk(tree.root)) > LOOPS:
        raise ValueError(f"The expression has more than {LOOPS} loops (map, filter, exists, all).")
    if _nested(tree.root) > NESTED:
        raise ValueError(f"Loops are nested more than {NESTED} deep.")
    for node in walk(tree.root):
        if problem := _problem(node):
            raise ValueError(f"{problem} ({_place_of(text, tree, node)}).")


def find_names(text: str, tree: Tree, known: Collection[str]) -> frozenset[str]:
    """Return the variables that are read. A name that isn't known is refused."""
    found = set()
    for path, node in _paths(text, tree, tree.root, frozenset(), known):
        parts = path.split(".")
        prefixes = [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
        name = next((prefix for prefix in prefixes if prefix in known), None)
        if name is None:
            where = _place_of(text, tree, node)
            raise ValueError(f"There is no '{path}' ({where}).{nearest(path, known)}")
        found.add(name)
    return frozenset(found)


def check_arithmetic(text: str, tree: Tree, numbers: Collection[str]) -> frozenset[str]:
    """Return the variables that are divided by. A divisor that may be 0 is refused."""
    found = set()
    for divisor in find_divisors(tree.root):
        constant, path = divisor.constant, path_of(divisor)
        if isinstance(constant, int | float) and abs(constant) >= SMALLEST:
            continue
        if path not in numbers:
            where = _place_of(text, tree, divisor)
            raise ValueError(f"Only a number variable or a number other than 0 divides ({where}).")
        found.add(path)
    if may_overflow(tree.root):
        raise ValueError("The numbers could become too large.")
    return frozenset(found)


def _place_of(text: str, tree: Tree, node: Node) -> str:
    return place(text, tree.offsets.get(node.id, 0))


def _nested(node: Node) -> int:
    depths = [_nested(child) for child in node.children]
    if node.kind is Kind.LOOP:
        return max(depths[0], 1 + max(depths[1:]))
    return max(depths, default=0)


def _problem(node: Node) -> str | None:
    if node.kind is Kind.MESSAGE:
        return f"'{node.name}' can't be made in a policy"
    if isinstance(node.constant, bytes):
        return "Unsigned numbers and bytes aren't known in policies"
    if isinstance(node.constant, float) and not math.isfinite(node.constant):
        return "The number is too large"
    if node.kind is not Kind.CALL:
        return None
    if is_math(node) and _math_name(node) not in FUNCTIONS:
        return f"There is no function '{_math_name(node)}'"
    if node.name == "double" and node.children[-1].name not in _COUNTS:
        return "double() takes a count, such as size(...)"
    return _problem_with_constant(node) if node.name in _CHECKS and node.children else None


def _problem_with_constant(call: Node) -> str | None:
    constant, (test, noun) = call.children[-1].constant, _CHECKS[call.name]
    if call.name == "matches":
        if not isinstance(constant, str):
            return "A pattern is written out, it can't be worked out"
        if problem := _problem_with_pattern(constant):
            return problem
    if isinstance(constant, str):
        verdict = _test(test).eval(data={"text": constant})
        if verdict.type() != cel.Type.BOOL:
            return f"'{constant}' isn't a valid {noun}"
    return None


def _problem_with_pattern(pattern: str) -> str | None:
    if len(pattern) > PATTERN:
        return f"A pattern has at most {PATTERN} letters"
    if repetitions(pattern) > REPEATED:
        return f"A pattern repeats at most {REPEATED} times, its counts in braces multiplied"
    return None


def _math_name(node: Node) -> str:
    name = node.name.replace("math.@max", "greatest").replace("math.@min", "least")
    return f"math.{name}"


@cache
def _test(expression: str) -> cel.Expression:
    return environment(frozenset({("text", "string")})).compile(expression)


def _paths(
    text: str, tree: Tree, node: Node, local: frozenset[str], known: Collection[str]
) -> Iterator[tuple[str, Node]]:
    if (path := path_of(node)) and (root := _root(node)).name not in local:
        if node.kind is Kind.HAS and path in known:
            where = _place_of(text, tree, root)
            raise ValueError(f"'{path}' needs no has(): without it nothing is decided ({where}).")
        yield path, root
        return
    if node.kind is Kind.LOOP:
        if any(name.split(".")[0] == node.name for name in known):
            where = _place_of(text, tree, node)
            raise ValueError(f"A loop can't call its items '{node.name}', a known name ({where}).")
        yield from _paths(text, tree, node.children[0], local, known)
        inside = local | {node.name, "@result"}
        for child in node.children[1:]:
            yield from _paths(text, tree, child, inside, known)
        return
    is_target = node.kind is Kind.CALL and is_math(node) and not node.name.startswith("math.")
    for child in node.children[1:] if is_target else node.children:
        yield from _paths(text, tree, child, local, known)


def _root(node: Node) -> Node:
    return _root(node.children[0]) if node.kind in (Kind.SELECT, Kind.HAS) else node
