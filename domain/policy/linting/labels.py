"""Situations in words."""

from collections.abc import Iterable, Sequence
from typing import Any

from domain.policy.clock.spans import read_notice, rough_hours
from domain.policy.linting.candidates import part_of
from domain.policy.linting.measures import Measure
from domain.policy.linting.walking import Atom
from domain.policy.reading.literals import read_literal
from domain.policy.vocabulary import Type

_BOUNDS = ("under", "over", "at_least", "at_most")
_LOWER = {("at_least", True): "at_least", ("over", True): "over",
          ("under", False): "at_least", ("at_most", False): "over"}  # fmt: skip
_UPPER = {("at_most", True): "at_most", ("under", True): "under",
          ("over", False): "at_most", ("at_least", False): "under"}  # fmt: skip
_SAID = {"at_least": "{0} or more", "over": "over {0}", "at_most": "up to {0}",
         "under": "under {0}"}  # fmt: skip


def label(measure: Measure, places: Sequence[int]) -> str:
    """What these options of a measure have in common; empty where they are all there are."""
    if len(places) == len(measure.options):
        return ""
    names = {atom.name: None for atom in measure.atoms}
    found = (_of_name(measure, name, places) for name in names)
    return " and ".join(text for text in found if text)


def _of_name(measure: Measure, name: str, places: Sequence[int]) -> str:
    """One name's part in it, from the answers that its tests gave."""
    own = [(n, atom) for n, atom in enumerate(measure.atoms) if atom.name == name]
    options = [measure.options[place] for place in places]
    if all(atom.bound in _BOUNDS for _, atom in own):
        first = [(atom, option.truths[n]) for option in options for n, atom in own]
        return _range(name, first, len(options))
    return _words(name, own, measure, places)


def _range(name: str, answers: Iterable[tuple[Atom, bool | None]], count: int) -> str:
    """The narrowest bounds that hold of all of them."""
    sides: list[tuple[Any, bool, str] | None] = [None, None]
    tally: dict[tuple[int, str, str], int] = {}
    for atom, truth in answers:
        for side, table in enumerate((_LOWER, _UPPER)):
            if truth is not None and (atom.bound, truth) in table:
                key = (side, table[atom.bound, truth], str(atom.value))
                tally[key] = tally.get(key, 0) + 1
    for (side, bound, text), times in tally.items():
        if times >= count:
            rank = (_rank(text), bound in ("over", "at_most"))
            best = sides[side]
            is_better = best is None or (rank > best[:2] if side == 0 else rank < best[:2])
            if is_better:
                sides[side] = (*rank, _SAID[bound].format(text))
    lower, upper = (each[2] if each else "" for each in sides)
    if lower.endswith(" or more") and upper == f"up to {lower.removesuffix(' or more')}":
        return f"{name} of exactly {upper.removeprefix('up to ')}"
    said = ", ".join(each for each in (lower, upper) if each)
    return f"{name} of {said}" if said else ""


def _rank(text: str) -> float:
    for type_ in (Type.NUMBER, Type.MONEY, Type.PERCENT, Type.MOMENT):
        try:
            found = read_literal(type_, _plain(text))
        except ValueError:
            continue
        if type_ is Type.MOMENT:
            return float(found.toordinal())
        if type_ is Type.MONEY:
            return float(found.minor)
        return float(found) if type_ is Type.NUMBER else found.numerator / found.denominator
    try:
        return rough_hours(read_notice(text))
    except ValueError:
        return 0.0


def _plain(text: str) -> Any:
    return float(text) if text.replace(".", "", 1).isdigit() else text


def _words(
    name: str, own: Sequence[tuple[int, Atom]], measure: Measure, places: Sequence[int]
) -> str:
    """The values themselves; of text that no test names, that it is another."""
    if part_of(name) or measure.name in ("start", "end", "now", "placed", "delivered"):
        return _tests(name, own, measure, places)
    said = []
    for place in places:
        value = measure.options[place].values.get(measure.name)
        is_named = any(measure.options[place].truths[n] for n, a in own if a.bound != "known")
        if value is None:
            said.append("not known")
        elif isinstance(value, str) and not is_named:
            said.append("any other")
        else:
            said.append(str(value).lower() if isinstance(value, bool) else str(value))
    return f"{name}: {' or '.join(dict.fromkeys(said))}"


def _tests(
    name: str, own: Sequence[tuple[int, Atom]], measure: Measure, places: Sequence[int]
) -> str:
    common = []
    for n, atom in own:
        answers = {measure.options[place].truths[n] for place in places}
        if answers in ({True}, {False}):
            is_so = "" if answers == {True} else "not "
            common.append(f"{is_so}{atom.bound.replace('_', ' ')} {_text(atom.value)}")
    return f"{name} {', '.join(common)}" if common else ""


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
