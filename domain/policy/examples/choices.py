"""Values at and around which policies tell a difference, by the name that they ask about."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from domain.policy.document import Document
from domain.policy.linting.walking import Atom
from domain.policy.reading.literals import read_literal
from domain.policy.vocabulary import NAMES, Type
from domain.requests import Initiator

OTHER = "something_else"
"""A word that no policy names."""

Choices = dict[str, tuple[Any, ...]]
"""The first value of each is the ordinary one. None: not told."""

_WORDS = (
    *("stage", "reason", "method", "line.kind", "line.category", "line.component"),
    *("line.sku", "line.person", "line.status"),
)
_ORDINARY = {"stage": "booked", "line.kind": None, "line.status": None, "reason": None}
_STAGES = ("packed", "delivered", "no_show")
"""Under way, and over in two ways: a rule that names one word may mean more of them."""

_AMOUNTS = ("price", "total", "paid", "line.price", "line.unit_price")
_COUNTS = ("quantity", "line.quantity", "reschedules", "persons")
_FACTS: dict[Type, tuple[Any, ...]] = {
    Type.TEXT: (OTHER,),
    Type.NUMBER: (1,),
    Type.BOOLEAN: (False, True),
    Type.MONEY: (1_000,),
    Type.PERCENT: (10, 50),
    Type.SPAN: ("24h", "72h"),
    Type.LIST: ([],),
}


def choices(documents: Iterable[Document], atoms: Iterable[Atom]) -> Choices:
    """What to try for each name that any of these documents asks about."""
    several = tuple(documents)
    asked = tuple(atoms)
    absent = {atom.name for atom in asked if atom.bound == "known"}
    found: dict[str, list[Any]] = {}
    facts = {name: fact for each in several for name, fact in each.facts.items()}
    for name, fact in facts.items():
        if fact.type in _FACTS:
            is_usual = fact.default is not None or name in absent
            usual = [fact.default] if is_usual else []
            found[name] = [*usual, *_FACTS[fact.type]]
    types = {name: fact.type for name, fact in facts.items()}
    for atom in asked:
        key = key_of(atom.name)
        values = [each for value in _constants(atom.value) for each in _around(key, value, types)]
        if key == "initiator":
            values = [Initiator.CUSTOMER, *values]
        if values or atom.bound == "known" or key == "whole":
            found.setdefault(key, _first(key)).extend(values)
    found.pop("", None)
    names = {atom.name for atom in asked}
    if "since.placed" in names and "notice" in names:
        leads = [atom.value for atom in asked if atom.name == "notice"]
        found.setdefault("lead_time", [None]).extend(x for x in leads if isinstance(x, str))
    return {name: tuple(_distinct(values)) for name, values in found.items()}


def key_of(name: str) -> str:
    """The name that is chosen for a name that is asked about; empty: time, or what follows."""
    if name in _AMOUNTS:
        return "price"
    if name in ("quantity", "line.quantity"):
        return "quantity"
    kept = (*_WORDS, *_COUNTS, "initiator", "whole", "kind")
    is_fact = "." in name and name.split(".")[0] not in ("since", "until", "line")
    is_part = name.rpartition(".")[2] in ("weekday", "month", "day", "time")
    own = name in kept or name.startswith("line.attributes.") or (is_fact and not is_part)
    return name if own else name if name in ("lead_time", "length") else ""


def _first(key: str) -> list[Any]:
    if key == "whole":
        return [True, False]
    if key in ("lead_time", "length"):
        return [None]
    if key in _WORDS:
        more = _STAGES if key == "stage" else ()
        return [_ORDINARY.get(key, OTHER), *more]
    return []


def _constants(value: Any) -> Iterator[Any]:
    for each in value if isinstance(value, (list, tuple)) else (value,):
        if not isinstance(each, Mapping) and each not in NAMES:
            yield each


def _around(key: str, value: Any, types: Mapping[str, Type]) -> Iterator[Any]:
    """A value and its neighbours, where it has some."""
    type_ = types.get(key) or _type(key)
    try:
        if type_ is Type.MONEY:
            minor = read_literal(Type.MONEY, value).minor
            yield from (each for each in (minor, minor + 1, minor - 1) if each > 0)
        elif type_ is Type.NUMBER:
            least = 0 if key in types or key == "reschedules" else 1
            number = read_literal(Type.NUMBER, value)
            yield from (each for each in (number, number + 1, number - 1) if each >= least)
        elif type_ in (Type.TEXT, Type.PERCENT, Type.DISTANCE) and isinstance(value, str):
            yield value
    except ValueError:
        return


def _type(key: str) -> Type | None:
    if key == "price":
        return Type.MONEY
    return NAMES[key].type if key in NAMES else None


def _distinct(values: Iterable[Any]) -> Iterator[Any]:
    seen = set()
    for value in values:
        if repr(value) not in seen:
            seen.add(repr(value))
            yield value
