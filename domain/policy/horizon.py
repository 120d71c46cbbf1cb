"""The moments at which the answer changes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple

from domain.decisions import Change, Outcome
from domain.facts import Facts
from domain.lifecycle import SubjectState
from domain.policy.answer import Answer, answer
from domain.policy.charges import fits
from domain.policy.conditions import DAYS_FORESEEN
from domain.policy.deadlines import TICK, FactMissing, day_of, end_of_day
from domain.policy.look import Item, Look, Together
from domain.policy.policy import Policy
from domain.policy.reading_charges import DAILY
from domain.policy.routing import has_started
from domain.policy.situation import Situation, situation
from domain.policy.state_rules import is_finished, names_late_stage
from domain.requests import Request


class Windows(NamedTuple):
    """Instants for a subject's columns, each the last at which the present terms still hold.

    `cancellable_until` is when the last of its open lines can no longer be cancelled; None: that
    is not a matter of time. `terms_change_at` is when the price changes next.
    """

    cancellable_until: datetime | None = None
    terms_change_at: datetime | None = None


def windows(policy: Policy, facts: Facts, now: datetime) -> Windows:
    """What the clock will do to a customer's cancellation of this subject, after `now`."""
    if facts.state is SubjectState.CANCELLED:
        return Windows()
    s = situation(policy, facts, Request(requested_at=now))
    together = s.asked(now)
    if not together.items:
        return Windows()
    ends = [_until(s, together, item) for item in together.items]
    last = None if None in ends else max(end for end in ends if end is not None)
    present = answer(s, now)
    later = (c for c in changes(present, now) if c.at > now and c.outcome is not Outcome.DECLINED)
    return Windows(last, next((change.at for change in later), None))


def cancellable_until(s: Situation, at: datetime | None) -> datetime | None:
    """The last instant at which all of what is asked for can still be cancelled."""
    together = s.asked(at)
    if not s.policy.clocks and not _has_starts(s):
        return None
    ends = (_until(s, together, item) for item in together.items)
    return min((end for end in ends if end is not None), default=None)


def _has_starts(s: Situation) -> bool:
    """Whether anything begins some time, or has to."""
    return s.facts.starts_at is not None or any(line.starts_at for line in s.facts.lines)


def changes(present: Answer, at: datetime) -> tuple[Change, ...]:
    """Each later moment at which outcome or amounts change, and to what.

    A moment is the last one of the terms before it: exactly on it is in the customer's favour.
    """
    s, found = present.s, []
    for moment in sorted({moment for moment in _moments(s, present.together) if moment >= at}):
        later = answer(s, moment + TICK)
        if _terms(later) != _terms(present):
            found.append(_change(moment, later))
        present = later
    return tuple(found)


def _until(s: Situation, together: Together, item: Item) -> datetime | None:
    """The last moment at which this line may be cancelled, whatever reason is given then."""
    moments = sorted(set(_line_moments(s, together, item)))
    if not moments:
        return None
    is_open = partial(_is_possible, s, together, item)
    if is_open(moments[-1] + TICK):
        return None
    return next((moment for moment in reversed(moments) if is_open(moment)), None)


def _is_possible(s: Situation, together: Together, item: Item, at: datetime) -> bool:
    """Whether no rule surely refuses it then."""
    look = Look(Together(s, at, together.items, together.is_whole), item)
    started = _has_started(look)
    for rule in s.policy.rules:
        is_beyond = rule.is_late or names_late_stage(s, item.line, rule)
        if rule.refuse is None and started and not is_beyond:
            continue
        if _depends_on_request(rule.names):
            if rule.refuse is None:
                return True
            continue
        try:
            if fits(rule.test, look):
                return rule.refuse is None
        except FactMissing:
            if rule.refuse is None:
                return True
    return not started and not is_finished(s)


_OF_REQUEST = (
    *("reason", "method", "initiator", "persons", "whole"),
    *("quantity", "price", "remaining", "share"),
)


def _depends_on_request(names: frozenset[str]) -> bool:
    return any(name in _OF_REQUEST or name.startswith("evidence.") for name in names)


def _has_started(look: Look) -> bool:
    try:
        start = look.s.start_of(look.item.line)
        return start is not None and has_started(start, look.now, look.s.facts.zone)
    except FactMissing:
        return False


def _moments(s: Situation, together: Together) -> Iterator[datetime]:
    """Every moment at which some rule of the clock may change its mind."""
    everything = s.together(together.at, s.selection.parts)
    for item in everything.items:
        yield from _line_moments(s, everything, item)


def _line_moments(s: Situation, together: Together, item: Item) -> Iterator[datetime]:
    look = Look(together, item)
    for test in s.policy.clocks:
        yield from test.moments(look)
    yield from _around_start(look)
    if DAILY in s.policy.names:
        yield from _daily(look)


def _around_start(look: Look) -> Iterator[datetime]:
    try:
        start = look.s.start_of(look.item.line)
    except FactMissing:
        return
    if isinstance(start, datetime):
        yield start.astimezone(UTC)
    elif start is not None:
        try:
            yield end_of_day(start - timedelta(days=1), look.s.facts.zone)
            yield end_of_day(start, look.s.facts.zone)
        except FactMissing:
            return


def _daily(look: Look) -> Iterator[datetime]:
    if look.together.at is None:
        return
    today = day_of(look.now, look.s.facts.zone)
    for ahead in range(DAYS_FORESEEN):
        yield end_of_day(today + timedelta(days=ahead), look.s.facts.zone)


def _terms(given: Answer) -> tuple[Outcome, int, int]:
    return given.outcome, given.amounts.refund, given.amounts.fee


def _change(at: datetime, later: Answer) -> Change:
    if later.outcome is Outcome.DECLINED:
        return Change(at=at, outcome=later.outcome)
    return Change(
        at=at,
        outcome=later.outcome,
        refund_minor=later.amounts.refund,
        fee_minor=later.amounts.fee,
    )
