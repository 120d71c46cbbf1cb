"""Refunds: one row for each tender of a cancellation, or for a subject on its own."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    bindparam,
    exists,
    func,
    select,
    text,
    true,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.attention import Waits
from domain.decisions import IfRefundFails
from domain.errors import IllegalMove, SubjectNotFound
from domain.lifecycle import (
    CANCELLATION_AT_REST,
    REFUND_AT_REST,
    REFUND_MOVES,
    CancellationState,
    RefundState,
)
from domain.subjects import Handling
from storage import credit_notes, subjects, tenders
from storage.base import Amount, Base, Instant, Key, words
from storage.cancellations import CancellationRow
from storage.subjects import SubjectRow


class RefundRow(Base):
    """Money that goes back. A refund belongs to a subject; its cancellation is optional.

    `request_id` names the request it goes back to, where it was asked for on its own.

    `attempt` counts what was asked of the provider; it rises only after a definite no.
    `attempt_begun` says that this attempt may have reached the provider, `may_retry` that its
    failure may pass, `mender` who can mend it. `late_failures` counts how often it failed after it
    had succeeded. `pending_reason` and `action` say what a waiting one waits for. The customer can
    expect the money by `expected_by`; `due_by` is the deadline, `escalated_at` when a person was
    told that it nears. `attention` is one of domain.attention.Waits;
    one that waits for a yes has it by `answer_by`, or it is a no; one that waits for its customer
    is paid out by a person after that.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", "positive"),
        Index(
            "ix_refunds_unrest",
            "updated_at",
            postgresql_where=text("state NOT IN ('succeeded', 'paid_otherwise', 'waived')"),
        ),
        Index("ix_refunds_provider_ref", "provider", "provider_ref"),
        Index("ix_refunds_listing", "created_at", "id"),
    )

    id: Mapped[Key]
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subjects.id"), index=True)
    cancellation_id: Mapped[UUID | None] = mapped_column(ForeignKey("cancellations.id"), index=True)
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("refund_requests.id"), index=True)
    tender_id: Mapped[str]
    method: Mapped[str]
    handling: Mapped[Handling] = mapped_column(words(Handling))
    form: Mapped[str]
    timing: Mapped[str | None]
    amount_minor: Mapped[Amount]
    currency: Mapped[str]
    state: Mapped[RefundState] = mapped_column(words(RefundState))
    attempt: Mapped[int] = mapped_column(default=1)
    attempt_begun: Mapped[bool] = mapped_column(default=False)
    provider: Mapped[str | None]
    payment_ref: Mapped[str | None]
    provider_ref: Mapped[str | None]
    failure: Mapped[str | None]
    may_retry: Mapped[bool] = mapped_column(default=False)
    mender: Mapped[str | None]
    late_failures: Mapped[int] = mapped_column(default=0, server_default="0")
    pending_reason: Mapped[str | None]
    action: Mapped[str | None]
    expected_by: Mapped[date | None]
    due_by: Mapped[Instant | None]
    escalated_at: Mapped[Instant | None]
    if_refund_fails: Mapped[IfRefundFails] = mapped_column(
        words(IfRefundFails), default=IfRefundFails.ASK, server_default="ask"
    )
    attention: Mapped[str | None]
    answer_by: Mapped[Instant | None]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    settled_at: Mapped[Instant | None]


_PENDING = frozenset({RefundState.REQUESTED, RefundState.PENDING, RefundState.REQUIRES_ACTION})


async def find(session: AsyncSession, refund_id: UUID) -> RefundRow | None:
    return await session.scalar(_FIND, {"refund_id": refund_id})


async def lock_subject(session: AsyncSession, refund_id: UUID) -> SubjectRow:
    """Lock the subject a refund belongs to. Raises SubjectNotFound if there is no such refund."""
    row = await session.scalar(_LOCK_SUBJECT, {"refund_id": refund_id})
    if row is None:
        raise SubjectNotFound(f"there is no refund {refund_id}")
    return row


async def of_cancellation(session: AsyncSession, cancellation_id: UUID) -> list[RefundRow]:
    return list(await session.scalars(_OF_CANCELLATION, {"cancellation_id": cancellation_id}))


_FIND = (
    select(RefundRow)
    .where(RefundRow.id == bindparam("refund_id"))
    .execution_options(populate_existing=True)
)
_LOCK_SUBJECT = subjects.locking(
    select(RefundRow.subject_id).where(RefundRow.id == bindparam("refund_id")).scalar_subquery()
)
_OF_CANCELLATION = (
    select(RefundRow)
    .where(RefundRow.cancellation_id == bindparam("cancellation_id"))
    .order_by(RefundRow.created_at, RefundRow.tender_id)
)


async def of_subject(session: AsyncSession, subject_id: UUID) -> list[RefundRow]:
    rows = await session.scalars(
        select(RefundRow)
        .where(RefundRow.subject_id == subject_id)
        .order_by(RefundRow.created_at, RefundRow.tender_id)
    )
    return list(rows)


async def of_request(session: AsyncSession, request_id: UUID) -> list[RefundRow]:
    rows = await session.scalars(
        select(RefundRow)
        .where(RefundRow.request_id == request_id)
        .order_by(RefundRow.created_at, RefundRow.tender_id)
        .execution_options(populate_existing=True)
    )
    return list(rows)


async def of_provider(session: AsyncSession, provider: str, provider_ref: str) -> RefundRow | None:
    """The refund that a provider knows by this id of its own."""
    return await session.scalar(
        select(RefundRow)
        .where(RefundRow.provider == provider, RefundRow.provider_ref == provider_ref)
        .limit(1)
    )


async def unrest(session: AsyncSession, before: datetime, limit: int) -> list[RefundRow]:
    """Refunds that somebody must bring to rest, untouched since that instant, longest first.

    Until its cancellation is done a refund is that one's business: it may still be put back, and
    what was dropped with it is nobody's any more. One that waits for a person is known.
    """
    not_done = (
        exists()
        .where(CancellationRow.id == RefundRow.cancellation_id)
        .where(CancellationRow.state != CancellationState.CANCELLED)
    )
    rows = await session.scalars(
        select(RefundRow)
        .where(
            RefundRow.state.not_in(REFUND_AT_REST),
            RefundRow.attention.is_(None),
            RefundRow.updated_at < before,
            ~not_done,
        )
        .order_by(RefundRow.updated_at)
        .limit(limit)
    )
    return list(rows)


async def unbegun(session: AsyncSession, before: datetime, limit: int) -> list[RefundRow]:
    """Refunds that were asked for on their own before that instant, whose run has done nothing
    yet, also where it only waits for a yes; oldest first."""
    rows = await session.scalars(
        select(RefundRow)
        .where(
            RefundRow.request_id.is_not(None),
            RefundRow.cancellation_id.is_(None),
            RefundRow.state == RefundState.OWED,
            ~RefundRow.attempt_begun,
            func.coalesce(RefundRow.attention, Waits.APPROVAL.value) == Waits.APPROVAL,
            RefundRow.updated_at < before,
        )
        .order_by(RefundRow.updated_at)
        .limit(limit)
    )
    return list(rows)


async def add(session: AsyncSession, row: RefundRow) -> None:
    """Write a new refund and book its amount on the tender in the same transaction.

    The caller holds the subject's lock. The tender's check refuses more than was captured.
    """
    session.add(row)
    await session.flush()
    pending, returned = _booked(row.state, row.amount_minor)
    if pending or returned:
        await tenders.shift(
            session, row.subject_id, row.tender_id, pending=pending, returned=returned
        )
    if returned:
        await credit_notes.issue(session, row, row.settled_at or row.created_at)


async def move(session: AsyncSession, row: RefundRow, to: RefundState, at: datetime) -> None:
    """Set a refund's state and shift its amount on the tender. The same state is no move."""
    if row.state is to:
        return
    if to not in REFUND_MOVES[row.state]:
        raise IllegalMove(f"refund {row.id} can't go from {row.state} to {to}")
    before, after = _booked(row.state, row.amount_minor), _booked(to, row.amount_minor)
    row.state = to
    row.updated_at = at
    row.settled_at = at if to in REFUND_AT_REST else None
    row.attention = None if to in REFUND_AT_REST else row.attention
    await session.flush()
    await tenders.shift(
        session,
        row.subject_id,
        row.tender_id,
        pending=after[0] - before[0],
        returned=after[1] - before[1],
    )
    if after[1] > before[1]:
        await credit_notes.issue(session, row, at)
    elif after[1] < before[1]:
        await credit_notes.take_back(session, row, at)


async def try_move(session: AsyncSession, row: RefundRow, to: RefundState, at: datetime) -> bool:
    """Move a refund unless its tender no longer holds the amount; False then, and nothing moved."""
    await session.flush()
    try:
        async with session.begin_nested():
            await move(session, row, to, at)
    except IntegrityError as error:
        if _WITHIN_CAPTURED not in str(error.orig):
            raise
        await session.refresh(row)
        return False
    return True


_WITHIN_CAPTURED = "returned_within_captured"
"""The check of the tenders that keeps all that goes back within what was captured."""


async def claimed(
    session: AsyncSession, subject_id: UUID, *, but: UUID | None = None, unanswered: bool = True
) -> dict[str, int]:
    """What refunds that are owed or failed still claim of each tender: a new refund can't have it.

    It isn't booked on the tender, since it may yet go back in another way. Those of cancellations
    that were put back claim nothing, nor do those of the cancellation `but`, nor what its tender
    can't give any more. What waits for a yes claims its money from others that do, yet not from a
    cancellation: that is what `unanswered` False leaves out.
    """
    put_back = (
        exists()
        .where(CancellationRow.id == RefundRow.cancellation_id)
        .where(CancellationRow.state.in_(_PUT_BACK))
    )
    rows = await session.execute(
        select(RefundRow.tender_id, func.sum(RefundRow.amount_minor))
        .where(
            RefundRow.subject_id == subject_id,
            RefundRow.state.in_((RefundState.OWED, RefundState.FAILED)),
            RefundRow.cancellation_id.is_distinct_from(but) if but else true(),
            ~put_back,
            func.coalesce(RefundRow.failure, "") != "no_longer_held",
            true() if unanswered else func.coalesce(RefundRow.attention, "") != Waits.APPROVAL,
        )
        .group_by(RefundRow.tender_id)
    )
    return {tender: int(amount) for tender, amount in rows}


_PUT_BACK = CANCELLATION_AT_REST - {CancellationState.CANCELLED}


def _booked(state: RefundState, amount_minor: int) -> tuple[int, int]:
    """What a refund in this state keeps pending and returned on its tender."""
    if state in _PENDING:
        return amount_minor, 0
    if state in (RefundState.SUCCEEDED, RefundState.PAID_OTHERWISE):
        return 0, amount_minor
    return 0, 0
