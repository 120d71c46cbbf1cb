"""Tiers that make a customer better off for waiting longer."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import pairwise, product
from typing import NamedTuple

from domain.decisions import Outcome
from domain.policy.answer import answer
from domain.policy.linting.coverage import Table
from domain.policy.linting.findings import PolicyFinding, warning
from domain.policy.linting.labels import label
from domain.policy.linting.measures import Measure, Option
from domain.policy.linting.situations import PRICE
from domain.policy.linting.spaces import Point, Space, space
from domain.policy.look import Look

MOST_TESTS = 20_000
CHEAP = 2_000
"""A low price, in minor units."""

_CLOSENESS = ("notice", "until.start", "since.start")
_DECIDED = (Outcome.ALLOWED, Outcome.NEEDS_APPROVAL)


class Terms(NamedTuple):
    """What is kept at one place on the way to the start; None: a person has to say. Being refused
    is worse than paying all of it. `rule` is the one that decides."""

    place: int
    kept: int | None
    rule: int | None


def order(table: Table) -> Iterator[PolicyFinding]:
    """Along the notice, all else being equal: what is kept must not fall as the start nears."""
    start = table.measures.all.get("start")
    if start is None or not table.policy.keeps:
        return
    others = dict.fromkeys(m for own in table.depends for m in own or () if m is not start)
    weight = table.weight + sum(1 for _ in table.policy.tests()) + 20
    around = space(table.measures.frame, [start, *others], min(1_000, MOST_TESTS // weight))
    if start not in around.measures:
        return
    cheap = replace(around, given={"price": CHEAP}, _looks={})
    told = set()
    for rest in product(*(range(len(m.options)) for m in around.measures[1:])):
        for before, after in _falls(around, rest):
            pair = before.rule, after.rule
            if pair not in told and not _rises(cheap, rest, before, after):
                told.add(pair)
                yield _told(start, before, after)


def _falls(around: Space, rest: Point) -> Iterator[tuple[Terms, Terms]]:
    """Neighbours of which the one with less notice is better for the customer."""
    alike: dict[object, list[Terms]] = {}
    for place, option in enumerate(around.measures[0].options):
        look = around.look((place, *rest))
        starts_at = look.s.facts.starts_at
        if isinstance(starts_at, datetime) and starts_at >= look.now:
            alike.setdefault(_beside(around.measures[0], option), []).append(_terms(look, place))
    for terms in alike.values():
        decided = [each for each in terms if each.kept is not None]
        for near, far in pairwise(decided):
            if (near.kept or 0) < (far.kept or 0):
                yield far, near


def _rises(cheap: Space, rest: Point, before: Terms, after: Terms) -> bool:
    """Whether it is the other way round for something cheap, as with a percentage and a sum."""
    then = [_terms(cheap.look((each.place, *rest)), each.place).kept for each in (before, after)]
    return None not in then and (then[0] or 0) < (then[1] or 0)


def _beside(start: Measure, option: Option) -> object:
    """What else is so, which waiting wouldn't change: on which day it starts, how long before it
    was booked; or at what time of day it is cancelled."""
    answers = list(zip(start.atoms, option.truths, strict=True))
    others = tuple(truth for atom, truth in answers if atom.name not in _CLOSENESS)
    return others or option.values.get("now")


def _terms(look: Look, place: int) -> Terms:
    given = answer(look.s, look.now)
    rules = {id(rule): n for n, rule in enumerate(look.s.policy.rules)}
    chosen = next(iter(given.routes.values()), None)
    rule = None if chosen is None else rules[id(chosen)]
    if given.outcome is Outcome.DECLINED:
        return Terms(place, look.s.total + PRICE, rule)
    kept = given.amounts.fee + given.amounts.due if given.outcome in _DECIDED else None
    return Terms(place, kept, rule)


def _told(start: Measure, before: Terms, after: Terms) -> PolicyFinding:
    place = "rules" if after.rule is None else f"rules[{after.rule}]"
    more, less = (label(start, [terms.place]) for terms in (before, after))
    than = "being refused" if before.kept and before.kept > PRICE else "what is kept"
    text = f"waiting pays: {less} is better for the customer than {than} at {more}"
    return warning("better_later", place, f"{text}. Check the order of these amounts")
