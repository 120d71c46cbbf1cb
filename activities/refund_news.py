"""Mails about refunds: few, each planned in the transaction of what it tells of."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from domain.attention import Waits
from domain.lifecycle import REFUND_AT_REST, CancellationState, RefundState
from domain.requests import INSIDE
from storage import cancellations, notifications, refund_requests, refunds
from storage.refunds import RefundRow

REFUNDED, CHOICE, DEADLINE = "refunded", "refund_choice", "refund_deadline"
ATTENTION, APPROVED, DECLINED = "refund_attention", "refund_approved", "refund_declined"

_PAID = frozenset({RefundState.SUCCEEDED, RefundState.PAID_OTHERWISE})


async def tell_landed(session: AsyncSession, row: RefundRow, at: datetime) -> None:
    """Tell the customer once that all the money of a cancellation, or of a request without one, is
    on its way to them.

    Once more where it had failed after that. What landed before the pivot is told by its mail.
    """
    if row.state not in _PAID or await _is_before_pivot(session, row):
        return
    rows = await _together(session, row)
    if all(each.state in REFUND_AT_REST for each in rows):
        late = sum(each.late_failures for each in rows)
        await _plan(session, row, REFUNDED, "customer", at, str(late) if late else "")


async def _is_before_pivot(session: AsyncSession, row: RefundRow) -> bool:
    if row.cancellation_id is None:
        return False
    cancellation = await cancellations.get(session, row.cancellation_id)
    return cancellation.state is not CancellationState.CANCELLED


async def _together(session: AsyncSession, row: RefundRow) -> list[RefundRow]:
    """The refunds that one mail tells of."""
    if row.cancellation_id is not None:
        return await refunds.of_cancellation(session, row.cancellation_id)
    return await refunds.of_request(session, row.request_id) if row.request_id else [row]


async def tell_answer(session: AsyncSession, row: RefundRow, at: datetime) -> None:
    """Tell the customer what came of their request, once all of its refunds have their answer.

    What the business wanted to give of its own accord the customer never heard of.
    """
    if row.cancellation_id is not None or row.request_id is None:
        return
    request = await refund_requests.get(session, row.request_id)
    rows = await _together(session, row)
    if request.initiator in INSIDE or any(each.attention == Waits.APPROVAL for each in rows):
        return
    is_no = all(each.state is RefundState.WAIVED for each in rows)
    await _plan(session, row, DECLINED if is_no else APPROVED, "customer", at)


async def has_mail(session: AsyncSession, row: RefundRow) -> bool:
    """Whether its cancellation has a mail about refunds still to be sent, or its request any."""
    about = row.cancellation_id or row.request_id
    due = await notifications.due(session, about) if about else []
    told = (REFUNDED, CHOICE, DEADLINE, ATTENTION, "attention")
    return any(mail.template in told or mail.request_id for mail in due)


async def tell_choice(session: AsyncSession, row: RefundRow, at: datetime) -> None:
    """Ask the customer how else they want their money."""
    await _plan(session, row, CHOICE, "customer", at, f"{row.id} {row.attempt}")


async def tell_deadline(session: AsyncSession, row: RefundRow, at: datetime) -> None:
    """Tell the business that a refund's deadline nears."""
    data = {"failure": row.failure or row.pending_reason or row.state.value}
    await _plan(session, row, DEADLINE, "business", at, str(row.id), data)


async def ask_for_help(session: AsyncSession, row: RefundRow, failure: str, at: datetime) -> None:
    """Tell the business that a refund needs a person: one mail each time that it does."""
    occasion = f"{row.id} {at.isoformat()}"
    await _plan(session, row, ATTENTION, "business", at, occasion, {"failure": failure})


async def _plan(
    session: AsyncSession,
    row: RefundRow,
    template: str,
    audience: str,
    at: datetime,
    occasion: str = "",
    data: dict[str, str] | None = None,
) -> None:
    await notifications.plan(
        session,
        row.subject_id,
        row.cancellation_id,
        template,
        [audience],
        at,
        {"refund": str(row.id)} | (data or {}),
        occasion,
        request_id=None if row.cancellation_id else row.request_id,
    )
