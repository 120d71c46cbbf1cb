"""The decision on one request. The quote, the saga and whatever simulates all call this."""

from collections.abc import Iterable, Sequence

from domain.decisions import Decision, Finding, LineAmount, OnRefused, Outcome, TraceStep
from domain.errors import LineNotFound, QuantityTooHigh
from domain.facts import Facts
from domain.policy import approvals, state_rules
from domain.policy.amounts import tenders_of
from domain.policy.answer import Answer, answer
from domain.policy.charges import Amounts
from domain.policy.document import Policy
from domain.policy.horizon import cancellable_until, changes
from domain.policy.situation import Ruling, Situation, situation
from domain.requests import Initiator, Request, Right

_OPEN = (Outcome.ALLOWED, Outcome.NEEDS_APPROVAL)


def decide(policy: Policy, facts: Facts, request: Request, *, version: int = 0) -> Decision:
    """Say whether, on what terms and why, at the request's own instant.

    What rules say is an answer. A request that can't be understood raises InvalidRequest:
    LineNotFound, QuantityTooHigh, RefundTooHigh, or overrides by somebody who has none.
    """
    s = situation(policy, facts, request)
    given = answer(s, request.requested_at)
    return _decision(s, given, version)


def judge_state(policy: Policy, facts: Facts, request: Request) -> tuple[Finding, ...]:
    """Look again at the rules of state only, on fresh facts after a wait. Empty: still fine.

    Pass the lines that were decided on: "everything" may mean less by now.
    """
    try:
        rulings = state_rules.judge(situation(policy, facts, request))
        return _findings(ruling for ruling in rulings if ruling.outcome is not Outcome.ALLOWED)
    except (LineNotFound, QuantityTooHigh) as error:
        return (Finding(code=error.code),)


def _decision(s: Situation, given: Answer, version: int) -> Decision:
    policy, facts, request, amounts = s.policy, s.facts, s.request, given.amounts
    at, is_open = request.requested_at, given.outcome in _OPEN
    by_business = request.initiator is Initiator.BUSINESS
    stands = by_business or request.right is Right.LAW
    is_declined = given.outcome is Outcome.DECLINED
    return Decision(
        outcome=given.outcome,
        codes=_codes(given),
        rule=_rule(given),
        trace=_trace(given.rulings),
        policy_id=policy.id,
        policy_version=version,
        right=request.right,
        currency=facts.currency,
        lines=() if is_declined else _lines(s, amounts),
        tenders=tenders_of(policy, facts, amounts.refund) if amounts.refund else (),
        refund_minor=amounts.refund,
        fee_minor=amounts.fee,
        due_minor=amounts.due,
        refund=policy.refund,
        on_refused=OnRefused.STAND if stands else policy.on_refused,
        approval=approvals.terms(s, given.outcome),
        undo_window=None if is_declined or by_business else policy.undo,
        cancellable_until=cancellable_until(s),
        next_changes=changes(s, at, given) if is_open and at is not None else (),
        decided_at=at,
        facts_hash=facts.fingerprint(),
    )


def _lines(s: Situation, amounts: Amounts) -> tuple[LineAmount, ...]:
    return tuple(
        LineAmount(
            id=part.line.id,
            quantity=part.units,
            price_minor=part.price,
            fee_minor=fee,
            refund_minor=refund,
        )
        for part, fee, refund in zip(s.selection.asked, amounts.fees, amounts.refunds, strict=True)
    )


def _codes(given: Answer) -> tuple[Finding, ...]:
    """Why not, or why a person; for a yes, what it costs and by which rule."""
    if given.outcome is not Outcome.ALLOWED:
        return _findings(given.deciding)
    charges = [ruling for ruling in given.rulings if ruling.code not in ("passed", "free")]
    return _findings(charges) or (Finding(code="free"),)


def _rule(given: Answer) -> str:
    """The first rule that says no or asks; for a yes, the charge that keeps the most."""
    if given.deciding:
        return given.deciding[0].rule
    if not given.amounts.charges:
        return "fee"
    return max(given.amounts.charges, key=lambda charged: charged[1])[0].rule


def _findings(rulings: Iterable[Ruling]) -> tuple[Finding, ...]:
    """Say each thing once, though several rules may stumble over the same missing fact."""
    found: list[Finding] = []
    for ruling in rulings:
        finding = Finding(code=ruling.code, params=ruling.params)
        if finding not in found:
            found.append(finding)
    return tuple(found)


def _trace(rulings: Sequence[Ruling]) -> tuple[TraceStep, ...]:
    return tuple(
        TraceStep(rule=ruling.rule, result=ruling.code, params=ruling.params) for ruling in rulings
    )
