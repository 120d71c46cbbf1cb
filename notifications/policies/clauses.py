"""Conditions of a document as a tree of plain tests, with every "not" moved into the tests."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from domain.policy.document import Condition

_OPPOSITES = {
    "under": "at_least",
    "at_least": "under",
    "over": "at_most",
    "at_most": "over",
    "is": "not",
    "not": "is",
    "between": "outside",
    "cel": "not_cel",
    "known": "unknown",
    "unknown": "known",
}


class Leaf(NamedTuple):
    """One name against one bound."""

    name: str
    bound: str
    value: Any


class Group(NamedTuple):
    """Several that must all hold, or any of them: `word` is and, or."""

    word: str
    parts: tuple["Clause", ...]


Clause = Leaf | Group


def clause(when: Condition | None, unless: Condition | None = None) -> Clause | None:
    """Both as one; None where neither is given."""
    parts = []
    if when is not None:
        parts.append(_all(when.root, is_denied=False))
    if unless is not None:
        parts.append(_all(unless.root, is_denied=True))
    return _group("and", parts) if parts else None


def _all(root: Mapping[str, Any], *, is_denied: bool) -> Clause:
    parts = [part for name, test in root.items() for part in _one(name, test, is_denied=is_denied)]
    return _group("or" if is_denied else "and", parts)


def _one(name: str, test: Any, *, is_denied: bool) -> Iterator[Clause]:
    if name in ("any", "all"):
        word = "or" if (name == "any") is not is_denied else "and"
        yield _group(word, [_all(each, is_denied=is_denied) for each in test])
    elif name == "not":
        yield _all(test, is_denied=not is_denied)
    elif name == "cel":
        yield _leaf(name, "cel", test, is_denied=is_denied)
    elif isinstance(test, Mapping):
        parts = [_leaf(name, bound, value, is_denied=is_denied) for bound, value in test.items()]
        yield _group("or" if is_denied else "and", parts)
    else:
        yield _leaf(name, "is", test, is_denied=is_denied)


def _leaf(name: str, bound: str, value: Any, *, is_denied: bool) -> Leaf:
    if bound == "known":
        bound = "known" if value else "unknown"
    return Leaf(name, _OPPOSITES[bound] if is_denied else bound, value)


def _group(word: str, parts: Sequence[Clause]) -> Clause:
    """Flat where a part is joined by the same word."""
    flat: list[Clause] = []
    for part in parts:
        flat += part.parts if isinstance(part, Group) and part.word == word else [part]
    return flat[0] if len(flat) == 1 else Group(word, tuple(flat))
