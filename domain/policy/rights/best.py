"""The best right wins: the law, the contract's policy, or line by line the better of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from domain.decisions import Change, Decision, Finding, Outcome, TraceStep
from domain.facts import Facts
from domain.lifecycle import SubjectState
from domain.policy.clock.deadlines import TICK
from domain.policy.decide import decide, judge_state
from domain.policy.goods import with_goods
from domain.policy.horizon import Windows, cancellable_until, changes, open_until, windows
from domain.policy.rights.grounds import Gone, Ground, Rights, grounds_of, seen_by
from domain.policy.rights.merging import decision_of
from domain.policy.rights.splitting import Option, part, splits
from domain.requests import Request, Right

_OPEN = (Outcome.ALLOWED, Outcome.NEEDS_APPROVAL)


class _Case(NamedTuple):
    grounds: Sequence[Ground]
    facts: Facts
    request: Request
    gone: Gone


def decide_best(rights: Rights, facts: Facts, request: Request) -> Decision:
    """Decide by the best right, and say what becomes of the goods, which is the contract's to say.

    Raises as `decide`.
    """
    return with_goods(_decide_best(rights, facts, request), rights.contract, facts, request)


def _decide_best(rights: Rights, facts: Facts, request: Request) -> Decision:
    """Decide by the right that is best for the customer, and say by which.

    Anything outweighs a no, more of what was asked for less of it, a surer answer a less sure one,
    then the higher refund less what is due; a tie is the law's. A request by law is judged by the
    laws only. Where the contract names no law, it decides alone. Raises as `decide`.
    """
    if not rights.laws:
        return decide(rights.contract, facts, request, version=rights.version)
    case = _Case(grounds_of(rights, request), facts, request, rights.gone)
    wholes = _wholes(case)
    options = _ranked(wholes, case)
    found = ((decision_of(option, facts), option) for option in options)
    decision, option = next((decision, option) for decision, option in found if decision)
    return decision if len(wholes) == 1 else _told(decision, option, wholes, case)


def judge_state_best(rights: Rights, facts: Facts, request: Request) -> tuple[Finding, ...]:
    """`judge_state` by every right: fine where each of the lines has one that says nothing."""
    grounds = grounds_of(rights, request)
    found = [_state(ground, facts, request, rights.gone) for ground in grounds]
    if not all(found):
        return ()
    alone = [request.model_copy(update={"lines": (line,)}) for line in request.lines]
    if len(grounds) < 2 or len(alone) < 2:
        return found[-1]
    is_fine = all(
        any(not _state(ground, facts, one, rights.gone) for ground in grounds) for one in alone
    )
    return () if is_fine else found[-1]


def windows_best(rights: Rights, facts: Facts, now: datetime) -> Windows:
    """`windows` by every right that is open now: until the latest of them ends."""
    if not rights.laws or facts.state is SubjectState.CANCELLED:
        return windows(rights.contract, facts, now)
    request = Request(requested_at=now)
    case = _Case(grounds_of(rights, request), facts, request, rights.gone)
    wholes = _wholes(case)
    found = [
        open_until(whole.parts[0].answer.together)
        for whole in wholes
        if whole.outcome is not Outcome.DECLINED
    ]
    if not found:
        return windows(rights.contract, seen_by(case.grounds[-1], facts, rights.gone), now)
    last = None if None in found else max(end for end in found if end is not None)
    curve = _curve(_ranked(wholes, case)[0], wholes, case, now)
    later = (each for each in curve if each.at > now and each.outcome is not Outcome.DECLINED)
    return Windows(last, next((each.at for each in later), None))


def _wholes(case: _Case) -> list[Option]:
    """Everything by one right, the laws first."""
    return [Option((part(each, case.facts, case.request, case.gone),)) for each in case.grounds]


def _ranked(wholes: Sequence[Option], case: _Case) -> list[Option]:
    """The best first. Where all say no, the right that was asked for tells why."""
    if all(option.outcome is Outcome.DECLINED for option in wholes):
        wholes = wholes[::-1] if case.request.right is not Right.LAW else wholes
    options = [*wholes, *splits(*case)]
    return sorted(options, key=lambda option: option.worth, reverse=True)


def _told(decision: Decision, option: Option, wholes: Sequence[Option], case: _Case) -> Decision:
    """Add which rights were compared, and what comes next when all of them are looked at."""
    at = case.request.requested_at
    compared = tuple(_compared(whole) for whole in wholes)
    changed: dict[str, object] = {"trace": (*decision.trace, *compared)}
    if decision.outcome in _OPEN and at is not None:
        changed["next_changes"] = tuple(_curve(option, wholes, case, at))
    if len(option.parts) == 1:
        changed["cancellable_until"] = _until(option, wholes)
    return decision.model_copy(update=changed)


def _compared(whole: Option) -> TraceStep:
    ground = whole.parts[0].ground
    params = {"right": ground.right.value, "refund_minor": whole.refund, "fee_minor": whole.fee}
    return TraceStep(rule=f"rights.{ground.policy.id}", result=whole.outcome.value, params=params)


def _until(option: Option, wholes: Sequence[Option]) -> datetime | None:
    """The latest end of the rights that are open; a no tells its own."""
    rights = [whole for whole in wholes if whole.outcome is not Outcome.DECLINED] or [option]
    ends = [cancellable_until(right.parts[0].answer) for right in rights]
    return None if None in ends else max(end for end in ends if end is not None)


def _curve(option: Option, wholes: Sequence[Option], case: _Case, at: datetime) -> list[Change]:
    """Each later moment at which the best answer changes, and to what. A right that says no now
    isn't foretold."""
    answers = {id(each.answer): each.answer for one in (option, *wholes) for each in one.parts}
    is_open = [each for each in answers.values() if each.outcome is not Outcome.DECLINED]
    moments = {change.at for each in is_open for change in changes(each, at)}
    found, present = [], option
    for moment in sorted(moments):
        request = case.request.model_copy(update={"requested_at": moment + TICK})
        there = case._replace(request=request)
        later = _ranked(_wholes(there), there)[0]
        if _terms(later) != _terms(present):
            found.append(_change(moment, later))
        present = later
    return found


def _terms(option: Option) -> tuple[Outcome, int, int]:
    return option.outcome, option.refund, option.fee


def _change(at: datetime, later: Option) -> Change:
    if later.outcome is Outcome.DECLINED:
        return Change(at=at, outcome=later.outcome)
    return Change(
        at=at,
        outcome=later.outcome,
        lines=later.lines,
        refund_minor=later.refund,
        fee_minor=later.fee,
    )


def _state(ground: Ground, facts: Facts, request: Request, gone: Gone) -> tuple[Finding, ...]:
    own = request.model_copy(update={"right": ground.right})
    seen = seen_by(ground, facts, gone, [line.id for line in request.lines])
    return judge_state(ground.policy, seen, own)
