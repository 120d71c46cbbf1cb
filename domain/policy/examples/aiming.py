"""Values that make the condition of one rule hold, as far as it asks about values."""

from collections.abc import Iterable, Iterator
from typing import Any

from domain.policy.document import Document
from domain.policy.examples.choices import OTHER, Choices, key_of
from domain.policy.linting.walking import Atom, Guard, atoms, guards
from domain.policy.reading.literals import read_literal
from domain.policy.vocabulary import Type

_STEPS = {"over": 1, "under": -1}


def aims(documents: Iterable[Document], found: Choices) -> Iterator[dict[str, Any]]:
    """One for each condition; where it lists several values, the first of them."""
    for document in documents:
        for guard in guards(document):
            aim = dict(_aim(guard, found))
            if len(aim) > 1:
                yield aim


def _aim(guard: Guard, found: Choices) -> Iterator[tuple[str, Any]]:
    for atom in atoms(guard):
        key = key_of(atom.name)
        if key in found:
            is_denied = ".unless." in atom.place
            yield key, _other(found[key], atom) if is_denied else _value(found[key], atom)


def _value(values: tuple[Any, ...], atom: Atom) -> Any:
    if atom.bound == "known":
        return next((each for each in values if (each is not None) is atom.value), None)
    value = atom.value[0] if isinstance(atom.value, (list, tuple)) else atom.value
    if atom.bound == "not":
        return _other(values, atom)
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return value
    step = _STEPS.get(atom.bound, 0)
    if isinstance(value, str) and atom.bound not in ("is", "between"):
        return _money(value, step)
    return value + step if isinstance(value, (int, float)) else value


def _money(value: str, step: int) -> Any:
    try:
        return max(1, read_literal(Type.MONEY, value).minor + step)
    except ValueError:
        return value


def _other(values: tuple[Any, ...], atom: Atom) -> Any:
    """A value that the atom doesn't name."""
    named = atom.value if isinstance(atom.value, (list, tuple)) else (atom.value,)
    return next((each for each in values if each not in named), OTHER)
