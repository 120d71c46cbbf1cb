"""The point of no return: everything that becomes true at once, in the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from activities import card_hold_rows
from activities.refund_rows import ON_REQUEST, account_of, new_refund
from domain.contracts import PivotResult, Verdict
from domain.decisions import Decision, RefundRule, TenderAmount
from domain.dues import DueState
from domain.errors import IllegalMove
from domain.ids import refund_id
from domain.lifecycle import REFUND_AT_REST, CancellationState, RefundState, SubjectState
from domain.subjects import Handling, LineKind
from storage import (
    cancellations,
    credit,
    decisions,
    events,
    holds,
    notifications,
    refunds,
    reservations,
    stock,
    subjects,
    tenders,
)
from storage.dues import DueRow
from storage.refunds import RefundRow
from storage.reservations import ReservationState
from storage.subjects import LineRow, SubjectRow
from storage.tenders import TenderRow


async def become_cancelled(
    session: AsyncSession, row: SubjectRow, cancellation_id: UUID, at: datetime
) -> PivotResult:
    """Make a locked subject's cancellation true and return what is to follow it.

    Not safe to repeat: the caller has claimed it.
    """
    cancellation, kept = await decisions.get_with_cancellation(session, cancellation_id)
    decision, verdict = kept.decision, Verdict.model_validate(kept.verdict)
    lines = await subjects.lines_of(session, row.id)
    _cancel_lines(lines, decision)
    row.carried_minor = decision.carried_minor
    if verdict.release:
        await reservations.move(
            session,
            cancellation_id,
            come_from=ReservationState.RELEASING,
            to=ReservationState.RELEASED,
            at=at,
        )
    if verdict.restock:
        await stock.finalise(session, cancellation_id, at)
    written = await _write_refunds(session, row, cancellation_id, decision, at)
    await _write_due(session, row, cancellation_id, decision, at)
    whole = is_whole(lines)
    held = await card_hold_rows.write(session, row.id, cancellation_id, at) if whole else []
    subjects.move(row, SubjectState.CANCELLED if whole else SubjectState.PARTLY_CANCELLED, at)
    cancellations.move(cancellation, CancellationState.CANCELLED, at)
    cancellation.attention = cancellation.attention_failure = None
    await holds.release(session, row.id, cancellation_id)
    await _tell(session, row, cancellation_id, decision, lines, at)
    return PivotResult(owed=owed(written), holds=card_hold_rows.unsettled(held))


def owed(rows: Sequence[RefundRow]) -> tuple[UUID, ...]:
    """Of a cancellation's refunds those not at rest, each to be followed by its own run."""
    return tuple(row.id for row in rows if row.state not in REFUND_AT_REST)


def is_whole(lines: Sequence[LineRow]) -> bool:
    """Whether nothing of substance is left: shipping and fees don't keep a subject alive."""
    substance = [line for line in lines if line.kind in (LineKind.GOODS, LineKind.SERVICE)]
    return all(line.quantity_cancelled == line.quantity for line in substance or lines)


def _cancel_lines(lines: Sequence[LineRow], decision: Decision) -> None:
    by_id = {line.id: line for line in lines}
    for amount in decision.lines:
        line = by_id.get(amount.id)
        if line is None or line.quantity_cancelled + amount.quantity > line.quantity:
            raise IllegalMove(f"line {amount.id} no longer has {amount.quantity} to cancel")
        line.quantity_cancelled += amount.quantity
        line.refunded_minor += amount.refund_minor


async def _write_refunds(
    session: AsyncSession, row: SubjectRow, cancellation_id: UUID, decision: Decision, at: datetime
) -> list[RefundRow]:
    """Book what our ledger returns; write down what is still owed. The rest has its row already."""
    if decision.refund is RefundRule.NONE or not decision.tenders:
        return []
    rows = await refunds.of_cancellation(session, cancellation_id)
    there = {refund.id for refund in rows}
    missing = [
        amount for amount in decision.tenders if refund_id(cancellation_id, amount.id) not in there
    ]
    if missing:
        paid = {tender.id: tender for tender in await tenders.of_subject(session, row.id)}
        for amount in missing:
            tender = paid[amount.id]
            rows.append(
                await _write_refund(session, row, cancellation_id, decision, amount, tender, at)
            )
    return rows


async def _write_refund(
    session: AsyncSession,
    row: SubjectRow,
    cancellation_id: UUID,
    decision: Decision,
    amount: TenderAmount,
    tender: TenderRow,
    at: datetime,
) -> RefundRow:
    refund = new_refund(cancellation_id, tender, amount, RefundState.OWED, at, decision)
    waits = decision.refund is RefundRule.ON_REQUEST
    if refund.handling is Handling.LEDGER and not waits:
        refund.state, refund.settled_at = RefundState.SUCCEEDED, at
    refund.attention = ON_REQUEST if waits else None
    await refunds.add(session, refund)
    if refund.state is RefundState.SUCCEEDED:
        await credit.book(
            session, account_of(row, refund), refund.amount_minor, refund.currency, refund.id, at
        )
    return refund


async def _write_due(
    session: AsyncSession, row: SubjectRow, cancellation_id: UUID, decision: Decision, at: datetime
) -> None:
    """Write down what is to be collected on top: from a held card, else by the merchant.

    The card gives it when the rest of the subject is cancelled, too; it can be captured only once.
    """
    if not decision.due_minor:
        return
    paid = await tenders.of_subject(session, row.id)
    held = next((tender.id for tender in paid if card_hold_rows.is_held(tender)), None)
    session.add(
        DueRow(
            id=uuid4(),
            subject_id=row.id,
            cancellation_id=cancellation_id,
            tender_id=held,
            amount_minor=decision.due_minor,
            taken_minor=0,
            currency=decision.currency,
            state=DueState.OWED,
            created_at=at,
        )
    )
    await session.flush()


async def _tell(
    session: AsyncSession,
    row: SubjectRow,
    cancellation_id: UUID,
    decision: Decision,
    lines: Sequence[LineRow],
    at: datetime,
) -> None:
    """Record what happened, on the subject and on the appointments that are lines of it."""
    data: dict[str, Any] = {
        "state": row.cancellation_state,
        "refund_minor": decision.refund_minor,
        "fee_minor": decision.fee_minor,
        "due_minor": decision.due_minor,
        "currency": decision.currency,
        "lines": [{"id": line.id, "quantity": line.quantity} for line in decision.lines],
    }
    audiences = ["customer", "business"]
    await notifications.plan(session, row.id, cancellation_id, "cancelled", audiences, at)
    await session.flush()
    await events.record(
        session, row.id, "cancelled", at, cancellation_id=cancellation_id, data=data
    )
    await _tell_kept_out(session, row, cancellation_id, decision, at)
    gone = {line.id for line in lines if line.quantity_cancelled == line.quantity}
    has_services = any(line.kind is LineKind.SERVICE for line in lines)
    for view in await subjects.views_of(session, row.id) if has_services else []:
        if view.order_line_id in gone and view.cancellation_state is not SubjectState.CANCELLED:
            subjects.move(view, SubjectState.CANCELLED, at)
            await session.flush()
            await events.record(
                session, view.id, "cancelled", at, cancellation_id=cancellation_id, data=data
            )


async def _tell_kept_out(
    session: AsyncSession, row: SubjectRow, cancellation_id: UUID, decision: Decision, at: datetime
) -> None:
    """Record which goods don't go back to stock, and who said so."""
    kept = [
        {"id": line.id, "quantity": line.quantity, "why": line.kept_out}
        for line in decision.lines
        if not line.restock
    ]
    if kept:
        await events.record(
            session,
            row.id,
            "not_restocked",
            at,
            cancellation_id=cancellation_id,
            data={"lines": kept},
        )
