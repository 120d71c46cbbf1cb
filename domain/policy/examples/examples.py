"""Situations at and around the points where one of some policies changes its answer."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, islice, product
from typing import Any, NamedTuple

from domain.errors import RescindError
from domain.facts import Facts
from domain.policy.clock.deadlines import FactMissing, instant
from domain.policy.document import Document
from domain.policy.examples.aiming import aims
from domain.policy.examples.building import Chosen, Stage, facts_of, request_of
from domain.policy.examples.choices import Choices, choices
from domain.policy.linting.walking import Atom, all_atoms
from domain.policy.look import Look
from domain.policy.policy import Policy
from domain.policy.reading.literals import read_literal
from domain.policy.situation import situation
from domain.policy.vocabulary import Type
from domain.requests import Request
from domain.subjects import Kind

MOST = 400
"""Subjects that are made up, each with its own instants."""

MOST_INSTANTS = 24
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


class Example(NamedTuple):
    """`chosen` are the values that somebody asks about, by name."""

    facts: Facts
    request: Request
    chosen: Mapping[str, Any]


def examples(policies: Sequence[Policy], *, most: int = MOST) -> Iterator[Example]:
    """Ordinary ones first, then those with one value, then with two values out of the ordinary."""
    documents = [policy.document for policy in policies]
    atoms = [atom for document in documents for atom in all_atoms(document)]
    stage = _stage(policies, atoms)
    found = choices(documents, atoms)
    for chosen in islice(_distinct(_several(found, list(aims(documents, found)))), most):
        try:
            facts = facts_of(stage, chosen)
            instants = _instants(policies, facts, chosen, stage)
        except (ValueError, RescindError):
            continue
        for at in instants:
            yield Example(facts, request_of(chosen, stage, at), chosen)


def _several(found: Choices, aimed: Sequence[dict[str, Any]]) -> Iterator[Chosen]:
    ordinary = {name: values[0] for name, values in found.items() if values}
    yield ordinary
    others = {name: values[1:] for name, values in found.items()}
    for count in (1, 2):
        if count == 2:
            yield from (ordinary | aim for aim in aimed)
        for names in combinations(others, count):
            for values in product(*(others[name] for name in names)):
                yield ordinary | dict(zip(names, values, strict=True))


def _distinct(several: Iterator[Chosen]) -> Iterator[Chosen]:
    seen = set()
    for chosen in several:
        key = repr(sorted(chosen.items(), key=lambda each: each[0]))
        if key not in seen:
            seen.add(key)
            yield chosen


def _stage(policies: Sequence[Policy], atoms: Sequence[Atom]) -> Stage:
    """A subject such as these policies are about, on the calendar where they name dates."""
    document = policies[0].document
    names = frozenset[str]().union(*(policy.names for policy in policies))
    written = " ".join(policy.document.model_dump_json() for policy in policies)
    dates = sorted(_dates(atoms))
    first = dates[0] if dates else date(2026, 5, 4)
    placed = datetime(first.year, first.month, first.day, 8, tzinfo=UTC) - 10 * _DAY
    last = dates[-1] if dates else first
    starts = datetime(last.year, last.month, last.day, 8, tzinfo=UTC) + 90 * _DAY
    kind = document.kinds[0] if len(document.kinds) == 1 else Kind.APPOINTMENT
    asks_start = any(_is_about_start(name) for name in names)
    return Stage(
        kind=kind,
        currency=next((p.currency for p in policies if p.currency), None) or "EUR",
        placed=placed,
        starts=starts if kind is Kind.APPOINTMENT or asks_start else None,
        units=_units(policies),
        is_held='"of":"held"' in written,
        is_delivered=any("delivered" in name for name in names),
        moments=tuple(_moments(document for document in (p.document for p in policies))),
    )


def _is_about_start(name: str) -> bool:
    return name in ("notice", "lead_time", "length") or "start" in name.split(".")


def _moments(documents: Iterator[Document]) -> Iterator[str]:
    for document in documents:
        for name, fact in document.facts.items():
            if fact.type is Type.MOMENT and fact.default is None:
                yield name


def _units(policies: Sequence[Policy]) -> int:
    """More units than any base counts, so that what is left of them shows."""
    counts = [1]
    for policy in policies:
        for rule in policy.document.rules:
            of = rule.of
            counts += [2 * count for count in (getattr(of, "first", 0), getattr(of, "next", 0))
                       if count]  # fmt: skip
            counts += [2] if {"unit", "night"} & set(rule.per) else []
    return max(counts)


def _dates(atoms: Sequence[Atom]) -> Iterator[date]:
    for atom in atoms:
        for value in atom.value if isinstance(atom.value, (list, tuple)) else (atom.value,):
            try:
                found = read_literal(Type.MOMENT, value)
            except ValueError:
                continue
            yield found.date() if isinstance(found, datetime) else found


def _instants(
    policies: Sequence[Policy], facts: Facts, chosen: Chosen, stage: Stage
) -> list[datetime]:
    """About the middle, and just up to and just after each moment at which a condition turns."""
    assert facts.placed_at is not None
    soon = facts.placed_at + timedelta(hours=1)
    found = {soon}
    if facts.starts_at is not None:
        start = instant(facts.starts_at)
        found |= {soon + (start - soon) / 2, start, start + _SECOND}
    for policy in policies:
        for turn in _turns(policy, facts, request_of(chosen, stage, soon)):
            found |= {turn, turn + _SECOND}
    ahead = sorted(at.replace(microsecond=0) for at in found if at >= soon)
    step = max(1, -(-len(ahead) // MOST_INSTANTS))
    return list(dict.fromkeys(ahead))[::step]


def _turns(policy: Policy, facts: Facts, request: Request) -> Iterator[datetime]:
    """The last instants before a condition may change its mind."""
    s = situation(policy, facts, request)
    together = s.asked(request.requested_at)
    for item in together.items:
        look = Look(together, item)
        for test in policy.clocks:
            try:
                yield from test.moments(look)
            except FactMissing:
                continue
