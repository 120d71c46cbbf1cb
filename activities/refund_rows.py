"""Rows of refunds: how one begins, and what its run needs to know of it."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.arrival import warn_at
from domain.attention import CHOOSE_WITHIN, Waits
from domain.contracts import RefundResult
from domain.decisions import Decision, IfRefundFails, TenderAmount
from domain.ids import refund_id
from domain.lifecycle import REFUND_AT_REST, RefundState
from domain.refunds import handling_of
from domain.subjects import Handling
from storage.refunds import RefundRow
from storage.subjects import SubjectRow
from storage.tenders import TenderRow

ON_REQUEST = Waits.ON_REQUEST.value
"""A refund that is owed but waits until somebody asks for it."""

NO_LONGER_HELD = "no_longer_held"
"""The tender doesn't hold the amount any more: it went back in another way."""

MOST_ATTEMPTS = 5
"""Definite noes that may pass, on one tender, before a person looks."""

_ANSWERED = (Waits.APPROVAL, Waits.CUSTOMER)
"""What has an end of its own, `answer_by`."""

HORIZON = timedelta(days=45)
"""Card schemes report late failures within about a month; after this a person looks."""


def new_refund(
    cancellation_id: UUID,
    tender: TenderRow,
    amount: TenderAmount,
    state: RefundState,
    at: datetime,
    decision: Decision | None = None,
) -> RefundRow:
    """One tender's share of a cancellation. Its deadline and its ladder are the decision's."""
    handling = handling_of(amount.form, tender.handling)
    return RefundRow(
        id=refund_id(cancellation_id, tender.id),
        subject_id=tender.subject_id,
        cancellation_id=cancellation_id,
        tender_id=tender.id,
        method=tender.method,
        handling=handling,
        form=amount.form,
        timing=amount.timing,
        amount_minor=amount.amount_minor,
        currency=tender.currency,
        state=state,
        attempt=1,
        attempt_begun=False,
        provider=tender.provider if handling is tender.handling else None,
        payment_ref=tender.payment_ref,
        due_by=decision.refund_by if decision else None,
        if_refund_fails=decision.if_refund_fails if decision else IfRefundFails.ASK,
        created_at=at,
        updated_at=at,
    )


def result_of(
    row: RefundRow,
    subject: SubjectRow | None = None,
    *,
    is_dropped: bool = False,
    horizon: timedelta | None = None,
) -> RefundResult:
    """What a run needs to know; `is_dropped`: its cancellation was put back."""
    is_over = is_dropped or row.handling is Handling.HELD
    return RefundResult(
        refund_id=row.id,
        state=row.state,
        amount_minor=row.amount_minor,
        currency=row.currency,
        failure=row.failure,
        retryable=may_ask_again(row) and not is_over,
        waits=row.attention,
        fallback=None if is_over else _fallback(row),
        is_over=is_over,
        pending_reason=row.pending_reason,
        expected_by=row.expected_by,
        due_by=row.due_by,
        escalate_at=None if is_over else _escalate_at(row),
        answer_by=row.answer_by if row.attention in _ANSWERED else None,
        horizon=horizon,
        cancellation_id=row.cancellation_id,
        request_id=None if row.cancellation_id else row.request_id,
        subject=subject.subject if subject else None,
    )


def may_ask_again(row: RefundRow) -> bool:
    """Whether a refund that failed is tried again by itself, with a new key."""
    return row.may_retry and row.attempt < MOST_ATTEMPTS and row.attention is None


def account_of(subject: SubjectRow, refund: RefundRow) -> str:
    """The gift card that paid, or the customer's store credit."""
    if refund.form in ("original", "void") and refund.payment_ref:
        return refund.payment_ref
    return f"credit/{subject.customer_ref or subject.id}"


def _fallback(row: RefundRow) -> IfRefundFails | None:
    """The next rung, where the one before it is at its end and nobody has been asked yet."""
    if row.attention is not None or row.state in REFUND_AT_REST:
        return None
    if row.handling is Handling.MANUAL:
        return IfRefundFails.PERSON
    if row.state is not RefundState.FAILED or may_ask_again(row):
        return None
    return None if row.failure == NO_LONGER_HELD else row.if_refund_fails


def choose_by(row: RefundRow, at: datetime) -> datetime:
    """Until when a customer who is asked now may choose: a person takes it on as soon as its
    deadline nears."""
    week, near = at + CHOOSE_WITHIN, _escalate_at(row)
    return min(week, near) if near is not None and near > at else week


def _escalate_at(row: RefundRow) -> datetime | None:
    if row.due_by is None or row.escalated_at is not None or row.state in REFUND_AT_REST:
        return None
    return warn_at(row.created_at, row.due_by)


async def tender_of(session: AsyncSession, subject_id: UUID, tender_id: str) -> TenderRow:
    return await session.get_one(TenderRow, (subject_id, tender_id), populate_existing=True)
