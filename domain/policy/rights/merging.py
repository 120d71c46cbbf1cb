"""One decision of several: each right has decided about its own lines."""

from collections.abc import Iterable, Sequence

from domain.decisions import Decision, Finding, LineAmount, OnRefused, TenderAmount
from domain.facts import Facts
from domain.policy.decide import decide
from domain.policy.rights.splitting import RANK, Option, Part
from domain.requests import Right

BY_LAW = "right_by_law"
"""Names the law and the lines that went by it: what comes later looks it up."""

_CODES = {Right.LAW: BY_LAW, Right.CONTRACT: "right_by_contract"}


def decision_of(option: Option, facts: Facts) -> Decision | None:
    """The decision, which says by which right; None where the parts can't be paid out as one."""
    found = [_decided(part) for part in option.parts]
    decision = found[0] if len(found) == 1 else _merged(found, facts)
    if decision is None:
        return None
    changed = {
        "codes": (*decision.codes, *_rights(option.parts)),
        "lines": _taxed(decision.lines, facts),
        "facts_hash": facts.fingerprint(),
    }
    return decision.model_copy(update=changed)


def _taxed(amounts: Sequence[LineAmount], facts: Facts) -> tuple[LineAmount, ...]:
    """With the tax of the lines as bought: a right may have seen less of them."""
    lines = {line.id: line for line in facts.lines}
    found = ((amount, lines[amount.id]) for amount in amounts)
    return tuple(
        amount.model_copy(
            update={"tax_minor": line.tax_of(line.refunded_minor, amount.refund_minor)}
        )
        for amount, line in found
    )


def _decided(part: Part) -> Decision:
    return decide(part.ground.policy, part.facts, part.request, version=part.ground.version)


def _rights(parts: Sequence[Part]) -> Iterable[Finding]:
    """Which right each part went by; that of the contract alone goes without saying."""
    for part in parts:
        if part.ground.right is Right.LAW or len(parts) > 1:
            lines = [each.line.id for each in part.answer.s.selection.asked]
            params = {"policy": part.ground.policy.id, "lines": lines}
            yield Finding(code=_CODES[part.ground.right], params=params)


def _merged(found: Sequence[Decision], facts: Facts) -> Decision | None:
    """The least sure of them speaks for all, of equals the contract's. A wait is everybody's."""
    tenders = _tenders(found)
    if tenders is None or len({(each.refund, each.form) for each in found}) > 1:
        return None
    lead = min(found, key=lambda each: (RANK[each.outcome], each.right is Right.LAW))
    stands = any(each.on_refused is OnRefused.STAND for each in found)
    ends = [each.cancellable_until for each in found if each.cancellable_until is not None]
    due = [each.refund_by for each in found if each.refund_by is not None]
    undo = [each.undo_window for each in found if each.undo_window is not None]
    changed = {
        "codes": tuple(code for each in found for code in each.codes),
        "trace": tuple(step for each in found for step in each.trace),
        "lines": _lines(found, facts),
        "tenders": tenders,
        "refund_minor": sum(each.refund_minor for each in found),
        "fee_minor": sum(each.fee_minor for each in found),
        "due_minor": sum(each.due_minor for each in found),
        "carried_minor": found[-1].carried_minor,
        "on_refused": OnRefused.STAND if stands else lead.on_refused,
        "refund_by": min(due, default=None),
        "undo_window": max(undo, default=None),
        "cancellable_until": min(ends, default=None),
    }
    return lead.model_copy(update=changed)


def _lines(found: Sequence[Decision], facts: Facts) -> tuple[LineAmount, ...]:
    amounts = {line.id: line for each in found for line in each.lines}
    return tuple(amounts[line.id] for line in facts.lines if line.id in amounts)


def _tenders(found: Sequence[Decision]) -> tuple[TenderAmount, ...] | None:
    """One amount for each tender; None where it would have to go back in two forms."""
    merged: dict[str, TenderAmount] = {}
    for amount in (amount for each in found for amount in each.tenders):
        before = merged.get(amount.id)
        if before is None:
            merged[amount.id] = amount
        elif before.form != amount.form:
            return None
        else:
            both = {
                "amount_minor": before.amount_minor + amount.amount_minor,
                "timing": before.timing or amount.timing,
            }
            merged[amount.id] = before.model_copy(update=both)
    return tuple(merged.values())
