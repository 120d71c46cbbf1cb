"""The moments at which the answer changes."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeVarTuple

from domain.decisions import Change, Outcome
from domain.facts import Facts
from domain.lifecycle import SubjectState
from domain.policy.answer import Answer, answer
from domain.policy.deadlines import TICK, FactMissing, after, before, end_of_day, instant
from domain.policy.document import Policy
from domain.policy.situation import Situation, start_of
from domain.subjects import Line
from domain.values import Moment

Given = TypeVarTuple("Given")


class Windows(NamedTuple):
    """Instants for a subject's columns, each the last at which the present terms still hold.

    `cancellable_until` is when the last of its open lines can no longer be cancelled; None: that
    is not a matter of time. `terms_change_at` is the next tier's boundary.
    """

    cancellable_until: datetime | None = None
    terms_change_at: datetime | None = None


def windows(policy: Policy, facts: Facts, now: datetime) -> Windows:
    """What the clock will do to a customer's cancellation of this subject, after `now`."""
    if facts.state is SubjectState.CANCELLED:
        return Windows()
    lines: list[Line | None] = [line for line in facts.lines if line.quantity_open] or [None]
    ends = [_known(until(policy, facts, _starts(facts, [line]))) for line in lines]
    last = None if None in ends else max(end for end in ends if end is not None)
    boundaries = tiers(policy, facts, _starts(facts, lines))
    return Windows(last, min((at for at in boundaries if at > now), default=None))


def cancellable_until(s: Situation) -> datetime | None:
    """The last instant at which all of what is asked for can still be cancelled."""
    return _known(until(s.policy, s.facts, _asked(s)))


def changes(s: Situation, at: datetime, present: Answer) -> tuple[Change, ...]:
    """Each later moment at which outcome or amounts change, and to what.

    A moment is the last one of the terms before it: exactly on it is in the customer's favour.
    """
    found = []
    for moment in sorted({moment for moment in _moments(s) if moment >= at}):
        later = answer(s, moment + TICK)
        if _terms(later) != _terms(present):
            found.append(_change(moment, later))
        present = later
    return tuple(found)


def until(policy: Policy, facts: Facts, starts: Iterable[Moment]) -> Iterator[datetime | None]:
    """Every end of the time in which it is allowed; None where it can't be known."""
    if policy.since_placement is not None and facts.placed_at is not None:
        yield _if_known(after, facts.placed_at, policy.since_placement, facts.zone)
    for start in starts:
        yield _if_known(_end, policy, facts, start)


def tiers(policy: Policy, facts: Facts, starts: Iterable[Moment]) -> Iterator[datetime]:
    """Every boundary between tiers that can be known."""
    for start in starts:
        for tier in policy.tiers:
            boundary = _if_known(before, start, tier.under, facts.zone)
            if boundary is not None:
                yield boundary


def _if_known(work: Callable[[*Given], datetime | None], *given: *Given) -> datetime | None:
    try:
        return work(*given)
    except FactMissing:
        return None


def _end(policy: Policy, facts: Facts, start: Moment) -> datetime | None:
    """When this start closes the window, by a rule of the policy or by coming."""
    late = [rule for rule in policy.after_start if not rule.stages]
    if any(rule.within is None for rule in late):
        return None
    if late:
        periods = [rule.within for rule in late if rule.within is not None]
        return max(after(instant(start), period, facts.zone) for period in periods)
    if policy.before_start is not None:
        return before(start, policy.before_start, facts.zone)
    return start.astimezone(UTC) if isinstance(start, datetime) else end_of_day(start, facts.zone)


def _known(ends: Iterable[datetime | None]) -> datetime | None:
    return min((end for end in ends if end is not None), default=None)


def _starts(facts: Facts, lines: Iterable[Line | None]) -> set[Moment]:
    found = set()
    for line in lines:
        try:
            start = start_of(facts, line)
        except FactMissing:
            continue
        if start is not None:
            found.add(start)
    return found


def _asked(s: Situation) -> set[Moment]:
    return _starts(s.facts, [part.line for part in s.selection.asked] or [None])


def _moments(s: Situation) -> Iterator[datetime]:
    """Every moment at which some rule of the clock may change its mind."""
    policy, facts = s.policy, s.facts
    starts = _asked(s) | _starts(facts, [part.line for part in s.selection.parts])
    yield from tiers(policy, facts, starts)
    for moment in until(policy, facts, starts):
        if moment is not None:
            yield moment
    for start in starts:
        for found in _around(s, start):
            if found is not None:
                yield found


def _around(s: Situation, start: Moment) -> Iterator[datetime | None]:
    """The cutoff before a start, the start itself, and what runs on after it."""
    policy, zone = s.policy, s.facts.zone
    notices = [policy.before_start, policy.approval.notice_under if policy.approval else None]
    for notice in notices:
        if notice is not None:
            yield _if_known(before, start, notice, zone)
    if not isinstance(start, datetime):
        yield _if_known(end_of_day, start - timedelta(days=1), zone)
        yield _if_known(end_of_day, start, zone)
        return
    yield start.astimezone(UTC)
    for rule in policy.after_start:
        if rule.within is not None:
            yield _if_known(after, start, rule.within, zone)


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
