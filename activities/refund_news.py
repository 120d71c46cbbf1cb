"""Mails about refunds: few, each planned in the transaction of what it tells of."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from domain.lifecycle import REFUND_AT_REST, CancellationState, RefundState
from storage import cancellations, notifications, refunds
from storage.refunds import RefundRow

REFUNDED, CHOICE, DEADLINE = "refunded", "refund_choice", "refund_deadline"

_PAID = frozenset({RefundState.SUCCEEDED, RefundState.PAID_OTHERWISE})


async def tell_landed(session: AsyncSession, row: RefundRow, at: datetime) -> None:
    """Tell the customer once that all of a cancellation's money is on its way to them.

    Once more where it had failed after that. What landed before the pivot is told by its mail.
    """
    if row.cancellation_id is None or row.state not in _PAID:
        return
    cancellation = await cancellations.get(session, row.cancellation_id)
    if cancellation.state is not CancellationState.CANCELLED:
        return
    rows = await refunds.of_cancellation(session, row.cancellation_id)
    if all(each.state in REFUND_AT_REST for each in rows):
        late = sum(each.late_failures for each in rows)
        await _plan(session, row, REFUNDED, "customer", at, str(late) if late else "")


async def has_mail(session: AsyncSession, row: RefundRow) -> bool:
    """Whether its cancellation has a mail about refunds still to be sent."""
    if row.cancellation_id is None:
        return False
    due = await notifications.due(session, row.cancellation_id)
    return any(mail.template in (REFUNDED, CHOICE, DEADLINE, "attention") for mail in due)


async def tell_choice(session: AsyncSession, row: RefundRow, at: datetime) -> None:
    """Ask the customer how else they want their money."""
    await _plan(session, row, CHOICE, "customer", at, f"{row.id} {row.attempt}")


async def tell_deadline(session: AsyncSession, row: RefundRow, at: datetime) -> None:
    """Tell the business that a refund's deadline nears."""
    data = {"step": "refund", "failure": row.failure or row.pending_reason or row.state.value}
    await _plan(session, row, DEADLINE, "business", at, str(row.id), data)


async def _plan(
    session: AsyncSession,
    row: RefundRow,
    template: str,
    audience: str,
    at: datetime,
    occasion: str,
    data: dict[str, str] | None = None,
) -> None:
    if row.cancellation_id is not None:
        told = {"refund": str(row.id)} | (data or {})
        await notifications.plan(
            session, row.subject_id, row.cancellation_id, template, [audience], at, told, occasion
        )
