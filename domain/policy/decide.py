"""The decision on one request. The quote, the saga and whatever simulates all call this."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from domain.decisions import Decision, Finding, LineAmount, OnRefused, Outcome, TraceStep
from domain.errors import LineNotFound, QuantityTooHigh
from domain.facts import Facts
from domain.policy import approvals
from domain.policy.answer import Answer, answer, state_answer
from domain.policy.clock.deadlines import FactMissing, after
from domain.policy.forms import form_of, tenders_of
from domain.policy.horizon import horizon
from domain.policy.look import Look
from domain.policy.policy import Policy, Rule
from domain.policy.situation import Ruling, situation
from domain.requests import Initiator, Request, Right


def decide(policy: Policy, facts: Facts, request: Request, *, version: int = 0) -> Decision:
    """Say whether, on what terms and why, at the request's own instant.

    What rules say is an answer. A request that can't be understood raises InvalidRequest:
    LineNotFound, QuantityTooHigh, RefundTooHigh, or overrides by somebody who has none.
    """
    return _decision(judge(policy, facts, request), version)


def judge(policy: Policy, facts: Facts, request: Request) -> Answer:
    """The answer alone: without what lies ahead and without a record of it. Raises as `decide`."""
    return answer(situation(policy, facts, request), request.requested_at)


def judge_state(policy: Policy, facts: Facts, request: Request) -> tuple[Finding, ...]:
    """Look again at what can't be cancelled as things stand, on fresh facts after a wait, at the
    request's own instant. Empty: still fine.

    Pass the lines that were decided on: "everything" may mean less by now.
    """
    try:
        return _findings(state_answer(situation(policy, facts, request)))
    except (LineNotFound, QuantityTooHigh) as error:
        return (Finding(code=error.code),)


def _decision(given: Answer, version: int) -> Decision:
    s, amounts = given.s, given.amounts
    policy, facts, request = s.policy, s.facts, s.request
    until, changes = horizon(given, request.requested_at)
    by_business = request.initiator is Initiator.BUSINESS
    stands = by_business or request.right is Right.LAW
    is_declined = given.outcome is Outcome.DECLINED
    rule, together = _first_rule(given), given.together
    tenders = tenders_of(s, together, amounts.refund, rule) if amounts.refund else ()
    return Decision.of_checked(
        outcome=given.outcome,
        codes=_codes(given),
        rule=_rule(given),
        trace=_trace(given.rulings),
        policy_id=policy.id,
        policy_version=version,
        right=request.right,
        currency=facts.currency,
        lines=() if is_declined else _lines(given),
        tenders=tenders,
        refund_minor=amounts.refund,
        fee_minor=amounts.fee,
        due_minor=amounts.due,
        carried_minor=facts.carried_minor if is_declined else amounts.carried,
        form="original" if is_declined else form_of(s, together, tenders, rule),
        refund=policy.document.refund,
        on_refused=OnRefused.STAND if stands else policy.document.on_refused,
        if_refund_fails=policy.document.if_refund_fails,
        refund_by=_refund_by(given) if amounts.refund else None,
        approval=approvals.terms(s, given.outcome),
        undo_window=None if is_declined or by_business else policy.document.undo,
        cancellable_until=until,
        next_changes=changes,
        decided_at=request.requested_at,
        facts_hash=facts.fingerprint(),
    )


def _refund_by(given: Answer) -> datetime | None:
    """The last instant to send the money; None where the policy or the clock doesn't say."""
    s, within = given.s, given.s.policy.document.refund_within
    if within is None or s.request.requested_at is None:
        return None
    try:
        calendar = s.calendar(Look(given.together, given.together.items[0]))
        return after(s.request.requested_at, within, s.facts.zone, calendar)
    except FactMissing:
        return None


def _lines(given: Answer) -> tuple[LineAmount, ...]:
    """None for a subject that has no lines."""
    if not given.s.facts.lines:
        return ()
    asked, amounts = given.s.selection.asked, given.amounts
    adjustments = amounts.adjustments or ((),) * len(asked)
    return tuple(
        LineAmount.of_checked(
            id=part.line.id,
            quantity=part.units,
            price_minor=part.price,
            fee_minor=fee,
            refund_minor=refund,
            tax_minor=part.line.tax_of(part.line.refunded_minor, refund),
            adjustments=adjusted,
        )
        for part, fee, refund, adjusted in zip(
            asked, amounts.fees, amounts.refunds, adjustments, strict=True
        )
    )


def _first_rule(given: Answer) -> Rule | None:
    """The rule of the first line that has one with something to say of form, timing or gifts."""
    found = [rule for rule in given.routes.values() if rule is not None]
    return next((rule for rule in found if rule.form or rule.timing or rule.grants), None)


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
        return "rules"
    most = max(given.amounts.charges, key=lambda charged: charged.kept)
    return most.rule.rule if most.rule else most.place


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
        TraceStep.of_checked(rule=ruling.rule, result=ruling.code, params=ruling.params)
        for ruling in rulings
    )
