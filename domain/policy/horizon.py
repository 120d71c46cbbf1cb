"""The moments at which the answer changes."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from domain.decisions import Change, Outcome
from domain.facts import Facts
from domain.lifecycle import SubjectState
from domain.policy.answer import Answer, answer, later
from domain.policy.clock.deadlines import TICK
from domain.policy.look import Item, Together
from domain.policy.moments import Ahead, ahead_of, has_clock
from domain.policy.policy import Policy
from domain.policy.routing import may_be_cancelled
from domain.policy.situation import situation
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
    together = situation(policy, facts, Request(requested_at=now)).asked(now)
    if not together.items:
        return Windows()
    last = open_until(together)
    present = answer(together.s, now)
    coming = (c for c in changes(present, now) if c.at > now)
    dearer = (c for c in coming if c.outcome is not Outcome.DECLINED)
    return Windows(last, next((change.at for change in dearer), None))


def open_until(together: Together) -> datetime | None:
    """When the last of these lines can no longer be cancelled. None: not a matter of time."""
    ends = [_until(together, ahead) for ahead in ahead_of(together)]
    return None if None in ends else max([end for end in ends if end is not None], default=None)


def horizon(given: Answer, at: datetime | None) -> tuple[datetime | None, tuple[Change, ...]]:
    """Until when all of what is asked for can be cancelled, and how the terms change till then."""
    if not has_clock(given.s):
        return None, ()
    lines = _lines(given)
    until = _all_until(given.together, lines)
    return until, _changes(given, at, lines) if given.is_open and at is not None else ()


def cancellable_until(given: Answer) -> datetime | None:
    """The last instant at which all of what is asked for can still be cancelled."""
    return _all_until(given.together, _lines(given)) if has_clock(given.s) else None


def changes(present: Answer, at: datetime) -> tuple[Change, ...]:
    """Each later moment at which outcome or amounts change, and to what.

    A moment is the last one of the terms before it: exactly on it is in the customer's favour.
    """
    return _changes(present, at, _lines(present))


def _changes(present: Answer, at: datetime, lines: Sequence[Ahead]) -> tuple[Change, ...]:
    s, found = present.s, []
    for moment in sorted({moment for line in lines for moment in line.moments if moment >= at}):
        given = later(s, present, moment + TICK)
        if given is not present and _terms(given) != _terms(present):
            found.append(_change(moment, given))
        present = given
    return tuple(found)


def _lines(given: Answer) -> list[Ahead]:
    """All lines of which anything is or was asked for."""
    s, together = given.s, given.together
    return ahead_of(
        together if s.selection.is_first else s.together(together.at, s.selection.parts)
    )


def _all_until(together: Together, lines: Sequence[Ahead]) -> datetime | None:
    ends = [_until(together, line) for line in lines if line.item.is_asked]
    return min([end for end in ends if end is not None], default=None)


def _until(together: Together, line: Ahead) -> datetime | None:
    """The last moment at which this line may be cancelled, whatever reason is given then."""
    if not line.moments or _is_possible(together, line.item, line.moments[-1] + TICK):
        return None
    before = reversed(line.moments)
    return next((moment for moment in before if _is_possible(together, line.item, moment)), None)


def _is_possible(together: Together, item: Item, at: datetime) -> bool:
    return may_be_cancelled(together._replace(at=at), item)


def _terms(given: Answer) -> tuple[Outcome, int, int]:
    return given.outcome, given.amounts.refund, given.amounts.fee


def _change(at: datetime, given: Answer) -> Change:
    outcome, refund, fee = _terms(given)
    if outcome is Outcome.DECLINED:
        return Change(at=at, outcome=outcome)
    lines = tuple(part.line.id for part in given.s.selection.asked)
    return Change(at=at, outcome=outcome, lines=lines, refund_minor=refund, fee_minor=fee)
