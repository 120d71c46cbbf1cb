"""Turning a decision's amounts into refund rows."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.contracts import RefundResult
from domain.decisions import TenderAmount
from domain.ids import refund_id
from domain.lifecycle import RefundState
from domain.refunds import handling_of
from storage.refunds import RefundRow
from storage.tenders import TenderRow

ON_REQUEST = "on_request"
"""A refund that is owed but waits until somebody asks for it."""

MOST_ATTEMPTS = 5
"""Definite noes that may pass, on one tender, before a person looks."""


def new_refund(
    cancellation_id: UUID,
    tender: TenderRow,
    amount: TenderAmount,
    state: RefundState,
    at: datetime,
) -> RefundRow:
    """One tender's share of a cancellation."""
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
        created_at=at,
        updated_at=at,
    )


def result_of(row: RefundRow) -> RefundResult:
    return RefundResult(
        refund_id=row.id,
        state=row.state,
        amount_minor=row.amount_minor,
        currency=row.currency,
        failure=row.failure,
        retryable=may_ask_again(row),
    )


def may_ask_again(row: RefundRow) -> bool:
    """Whether a refund that failed is tried again by itself, with a new key."""
    return row.may_retry and row.attempt < MOST_ATTEMPTS and row.attention is None


async def tender_of(session: AsyncSession, subject_id: UUID, tender_id: str) -> TenderRow:
    return await session.get_one(TenderRow, (subject_id, tender_id), populate_existing=True)
