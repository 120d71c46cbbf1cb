"""What conditions depend on, and for each the few values between which they tell a difference."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from functools import cached_property
from typing import Any

from domain.policy.conditions import Test
from domain.policy.document import Document
from domain.policy.linting.candidates import constants, is_mixed, literals, moments, part_of, spans
from domain.policy.linting.situations import (
    PRICE,
    Frame,
    Values,
    frame_of,
    holds,
    look_at,
    moment_of,
)
from domain.policy.linting.walking import Atom, all_atoms
from domain.policy.policy import Policy
from domain.policy.reading.conditions import test_of
from domain.policy.reading.scope import Scope
from domain.policy.stages import Meaning, meaning
from domain.policy.vocabulary import MOMENTS, NAMES, Type
from domain.requests import Initiator
from domain.subjects import LineKind

MOST_TRIES = 100_000
"""Tests tried while the values of all measures are sorted."""

OTHER = "any_other"
_STAGES = ("stage", "line.status")
_MONEY = ("price", "total", "paid", "line.price", "line.unit_price")
_USUAL_STAGES = ("booked", "open", "started", "in_progress", "attended", "finished")
_FIXED: dict[str, tuple[str, ...]] = {
    "notice": ("start",),
    "lead_time": ("start",),
    "length": ("end",),
    "line.quantity": ("quantity",),
    **dict.fromkeys(_MONEY, ("price",)),
}
_UNCLEAR = ("cel", "persons", "fee", "refund", "due", "currency")
"""Nothing is claimed of conditions that ask for these."""


@dataclass(frozen=True, eq=False)
class Option:
    """One value, and what each of the measure's tests says of it."""

    values: Values
    truths: tuple[bool | None, ...]


@dataclass(frozen=True, eq=False)
class Measure:
    """`options` are in order where the measure has one. `is_complete`: no other value makes a
    difference."""

    name: str
    atoms: tuple[Atom, ...]
    options: tuple[Option, ...]
    is_complete: bool = True

    @cached_property
    def likely(self) -> tuple[int, ...]:
        """The options, first those in which most of the tests hold."""
        count = [sum(map(bool, option.truths)) for option in self.options]
        return tuple(sorted(range(len(count)), key=lambda place: -count[place]))


@dataclass(frozen=True)
class Measures:
    frame: Frame
    all: Mapping[str, Measure]

    def of(self, atoms: Iterable[Atom]) -> "tuple[Measure, ...] | None":
        """What these tests depend on; None where that isn't clear."""
        names: dict[str, None] = {}
        for atom in atoms:
            found = measures_of(atom.name, self.frame.document)
            if found is None or any(other in NAMES for other in _names_in(atom)):
                return None
            names |= dict.fromkeys(found)
        return tuple(self.all[name] for name in names if name in self.all)


def measures_of(name: str, document: Document) -> tuple[str, ...] | None:
    """The measures that a name depends on. None: that isn't clear."""
    if name in _UNCLEAR:
        return None
    if name in _FIXED:
        return _FIXED[name]
    if name in document.facts:
        return (name,)
    head, _, rest = name.partition(".")
    if head in ("since", "until"):
        return (rest,)
    part = part_of(name)
    return (name.rpartition(".")[0],) if part else (name,)


def cost(atom: Atom) -> int:
    """How dear a test is: business days are counted one by one, and so are words."""
    if isinstance(atom.value, (list, tuple)):
        return 1 + len(atom.value) // 8
    found = re.search(r"(\d+)\s*bd", str(atom.value))
    return 1 + (int(found[1]) // 8 if found else 0)


def measure(policy: Policy) -> Measures:
    """Sort out everything that the conditions of a policy depend on."""
    document = policy.document
    atoms = list(_distinct_atoms(_split(all_atoms(document))))
    frame = frame_of(policy, _clock(policy, atoms))
    grouped: dict[str, list[Atom]] = {}
    for atom in atoms:
        for name in measures_of(atom.name, document) or ():
            grouped.setdefault(name, []).append(atom)
    scope = Scope(document.facts, has_results=True)
    return Measures(frame, {name: _measure(name, own, frame, scope, grouped)
                            for name, own in grouped.items()})  # fmt: skip


def _distinct_atoms(atoms: Iterable[Atom]) -> Iterator[Atom]:
    """The same test at several places once."""
    seen = set()
    for atom in atoms:
        key = (atom.name, atom.bound, repr(atom.value))
        if key not in seen:
            seen.add(key)
            yield atom


def _split(atoms: Iterable[Atom]) -> Iterator[Atom]:
    """A range as its two ends, where it has no turn of the year or midnight in it."""
    for atom in atoms:
        if atom.bound == "between" and part_of(atom.name) is None:
            for bound, value in zip(("at_least", "at_most"), atom.value, strict=True):
                yield atom._replace(bound=bound, value=value)
        else:
            yield atom


def _clock(policy: Policy, atoms: Sequence[Atom]) -> time:
    """A time of day that some span names, so that a request can be exactly on it."""
    frame = frame_of(policy, time(10))
    for atom in atoms:
        if (measures_of(atom.name, policy.document) or ("",))[0] in MOMENTS:
            for span in spans(frame, [atom]):
                if span.at is not None:
                    return span.at
    return time(10)


def _measure(
    name: str, atoms: list[Atom], frame: Frame, scope: Scope, grouped: Mapping[str, list[Atom]]
) -> Measure:
    found = _values(name, atoms, frame, is_now_free="now" not in grouped)
    tests = [test_of(atom.name, {atom.bound: atom.value}, scope) for atom in atoms]
    most = max(4, MOST_TRIES // len(grouped) // (sum(map(cost, atoms)) + 10))
    is_moment = _is_moment(name, frame)
    options = _distinct(found[:most], tests, frame, is_stage=name == "stage")
    if is_moment:
        options.sort(key=lambda option: _position(name, option, frame))
    is_clear = len(found) <= most and not any(
        other in frame.told for atom in atoms for other in _names_in(atom)
    )
    is_clear = is_clear and not _is_entangled(name, atoms, grouped)
    is_clear = is_clear and not (is_moment and is_mixed(atoms, frame))
    return Measure(name, tuple(atoms), tuple(options), is_clear)


def _names_in(atom: Atom) -> Iterable[str]:
    """Constants that are names of something else, as far as they may be."""
    return (value for value in constants([atom]) if isinstance(value, str))


def _is_entangled(name: str, atoms: Sequence[Atom], grouped: Mapping[str, list[Atom]]) -> bool:
    """Whether a moment's place on the calendar counts beside another's, or in several ways, or what
    a line costs beside what all of them do: the values tried don't make up for all of these."""
    ways = {part_of(atom.name) or ("date" if atom.name == name else None) for atom in atoms}
    others = [other for other in grouped if other != name and other in (*MOMENTS, "now")]
    if name in ("price", "quantity"):
        return len({atom.name for atom in atoms}) > 1
    on_calendar = ways - {None}
    if name in ("start", "end") and any(a.name.endswith(".end") for a in grouped.get("end", ())):
        return True
    leads = any(atom.name == "lead_time" for atom in grouped.get("start", ()))
    if leads and "placed" in grouped and name in ("start", "placed"):
        return True
    return bool(on_calendar and others) or len(on_calendar - {"time"}) > 1


def _distinct(
    found: Iterable[Values], tests: Sequence[Test], frame: Frame, *, is_stage: bool
) -> list[Option]:
    """One option for each pattern of answers."""
    options: dict[Any, Option] = {}
    for values in found:
        look = look_at(frame, values)
        truths = tuple(holds(test, look) for test in tests)
        key = (truths, frame.policy.meaning(values["stage"])) if is_stage else truths
        options.setdefault(key, Option(values, truths))
    return list(options.values())


def _position(name: str, option: Option, frame: Frame) -> Any:
    """Where in order a moment lies; one that never comes is last."""
    here, now = moment_of(name, option.values, frame), moment_of("now", option.values, frame)
    base = frame.now if name == "now" else now
    return (0, here - base) if here is not None and base is not None else (1, timedelta())


def _is_moment(name: str, frame: Frame) -> bool:
    fact = frame.document.facts.get(name)
    return name in MOMENTS or (fact is not None and fact.type is Type.MOMENT)


def _values(name: str, atoms: list[Atom], frame: Frame, *, is_now_free: bool) -> list[Values]:
    """Values to try, in order where there is one."""
    if _is_moment(name, frame):
        found = moments(name, atoms, frame, is_now_free=is_now_free)
        return found + _absent(name, atoms)
    return [{name: each} for each in _plain(name, atoms, frame)] + _absent(name, atoms)


def _absent(name: str, atoms: Sequence[Atom]) -> list[Values]:
    is_asked = any(atom.bound == "known" for atom in atoms) or name in ("reason", "method")
    return [{name: None}] if is_asked else []


def _plain(name: str, atoms: list[Atom], frame: Frame) -> list[Any]:
    fact = frame.document.facts.get(name)
    type_ = fact.type if fact else NAMES[atoms[0].name].type
    if name in _STAGES:
        return _stage_words(atoms, frame.document)
    if name == "kind":
        return list(frame.document.kinds)
    if name == "initiator":
        return [i for i in Initiator if i in literals(Type.TEXT, atoms)] + [Initiator.CUSTOMER]
    if name == "line.kind":
        return list(LineKind)
    if type_ is Type.BOOLEAN:
        return [False, True]
    if type_ is Type.TEXT:
        usual = [fact.default] if fact and fact.default is not None else []
        return [*literals(type_, atoms), OTHER, *usual]
    if type_ in (Type.NUMBER, Type.MONEY, Type.PERCENT):
        return _numbers(name, type_, atoms)
    return [*literals(type_, atoms), *([frame.told[name]] if name in frame.told else [])]


def _stage_words(atoms: Sequence[Atom], document: Document) -> list[str]:
    words = [word for atom in atoms if atom.bound != "known" for word in _words(atom.value)]
    known = [*words, *document.stages, *_USUAL_STAGES]
    return [w for w in dict.fromkeys(known)
            if w in words or meaning(w, document.stages) is not Meaning.CANCELLED]  # fmt: skip


def _words(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _numbers(name: str, type_: Type, atoms: Sequence[Atom]) -> list[Any]:
    """Each constant and what lies next to it; none below nothing, no order of no units."""
    found: set[Any] = {PRICE} if type_ is Type.MONEY and name == "price" else set()
    for value in literals(type_, atoms):
        at = _minor(value) if type_ is not Type.PERCENT else _percent(value)
        found |= {at - 1, at, at + 1} if at == int(at) else {int(at), at, int(at) + 1}
    lowest = 1 if name == "quantity" else 0
    return sorted(each for each in found if each >= lowest) or [lowest]


def _minor(value: Any) -> Any:
    return value.minor if hasattr(value, "minor") else value


def _percent(value: Any) -> float:
    return float(100 * value.numerator / value.denominator)
