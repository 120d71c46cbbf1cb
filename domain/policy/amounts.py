"""Amounts that a person sets."""

from collections.abc import Sequence

from domain.decisions import REFUND_SET, Decision, LineAmount, TenderAmount, TraceStep
from domain.errors import RefundTooHigh
from domain.facts import Facts
from domain.money import split_minor
from domain.policy.forms import ORIGINAL, tenders_of
from domain.policy.policy import Policy
from domain.policy.situation import situation
from domain.refunds import Share, allocate, refundable
from domain.requests import Request


def check_refund(refund: int, held: int) -> None:
    """Refuse to return more than the tenders still hold."""
    if refund > held:
        raise RefundTooHigh("that is more than can be returned", left=held)


def reshare(prices: Sequence[int], held: int, refund: int) -> tuple[list[int], list[int]]:
    """Share a refund that was set over lines by their prices, and keep the rest of what was paid
    for them as fees. Returns fees and refunds."""
    refunds = list(split_minor(refund, prices))
    rest = [max(0, price - back) for price, back in zip(prices, refunds, strict=True)]
    kept = min(sum(rest), max(0, held - refund))
    return list(split_minor(kept, rest)), refunds


def with_refund(
    decision: Decision, facts: Facts, refund_minor: int, policy: Policy | None = None
) -> Decision:
    """Reset the amount to return, as an approval may; the rest of what was paid is the fee, and
    nothing is due on top.

    Raises RefundTooHigh. Without the policy each tender keeps the form and timing it had, and
    those with an amount are filled first.
    """
    check_refund(refund_minor, refundable(facts.tenders))
    prices = [line.price_minor for line in decision.lines]
    fees, refunds = reshare(prices, refundable(facts.tenders), refund_minor)
    known = {line.id: line for line in facts.lines}
    lines = tuple(
        LineAmount(
            id=line.id,
            quantity=line.quantity,
            price_minor=line.price_minor,
            fee_minor=fee,
            refund_minor=back,
            tax_minor=known[line.id].tax_of(known[line.id].refunded_minor, back),
            restock=line.restock,
            kept_out=line.kept_out,
        )
        for line, fee, back in zip(decision.lines, fees, refunds, strict=True)
    )
    tenders = (
        _by_policy(policy, facts, decision, refund_minor)
        if policy
        else _like(decision.tenders, facts, refund_minor)
    )
    step = TraceStep(rule="approval.amount", result=REFUND_SET, params={"minor": refund_minor})
    changed = {
        "lines": lines,
        "tenders": tenders,
        "refund_minor": refund_minor,
        "fee_minor": sum(fees),
        "due_minor": 0,
        "carried_minor": facts.carried_minor,
        "trace": (*decision.trace, step),
    }
    return decision.model_copy(update=changed)


def _by_policy(
    policy: Policy, facts: Facts, decision: Decision, refund: int
) -> tuple[TenderAmount, ...]:
    first = decision.tenders[0].method if decision.tenders else None
    chosen = first if policy.document.share is Share.CHOICE else None
    s = situation(policy, facts, Request(requested_at=decision.decided_at, method=chosen))
    return tenders_of(s, s.asked(decision.decided_at), refund)


def _like(known: Sequence[TenderAmount], facts: Facts, refund: int) -> tuple[TenderAmount, ...]:
    order = [tender.method for tender in known]
    form = known[0].form if known else ORIGINAL
    timing = {tender.method: tender.timing for tender in known if tender.timing}
    return allocate(refund, facts.tenders, order, form=form, timing=timing)
