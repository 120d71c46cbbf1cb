"""Requests for a refund that came after a cancellation, or without one."""

from collections.abc import Collection
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.attention import Waits
from domain.decisions import Outcome
from domain.errors import RefundRequestNotFound
from domain.lifecycle import RefundState
from domain.requests import Initiator
from storage.base import Amount, Base, Instant, Json, Key, table, words
from storage.events import EventRow
from storage.refunds import RefundRow


class RefundRequestRow(Base):
    """A refund somebody asked for, and what was decided at once. It never changes.

    What became of it is told by its refunds, which name it. `note` is in the customer's own words
    and stays here. `cancellation_id` is what it belongs to, also where the refunds are its own.
    """

    __tablename__ = "refund_requests"
    __table_args__ = (
        UniqueConstraint("actor", "idempotency_key"),
        Index("ix_refund_requests_cancellation_id", "cancellation_id"),
    )

    id: Mapped[Key]
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subjects.id"), index=True)
    cancellation_id: Mapped[UUID | None] = mapped_column(ForeignKey("cancellations.id"))
    initiator: Mapped[Initiator] = mapped_column(words(Initiator))
    actor: Mapped[str]
    asker: Mapped[str]
    reason: Mapped[str | None]
    note: Mapped[str | None]
    lines: Mapped[Json] = mapped_column(JSONB, default=list)
    form: Mapped[str | None]
    amount_minor: Mapped[Amount]
    currency: Mapped[str]
    outcome: Mapped[Outcome] = mapped_column(words(Outcome))
    body_hash: Mapped[str]
    idempotency_key: Mapped[str | None]
    requested_at: Mapped[Instant]


async def write(session: AsyncSession, **columns: Any) -> UUID | None:
    """Write a new request down; None if there is one of that actor and key."""
    written: UUID | None = await session.scalar(_WRITE, {"id": uuid4(), **columns})
    return written


_WRITE = (
    insert(table(RefundRequestRow))
    .on_conflict_do_nothing(
        index_elements=[RefundRequestRow.actor, RefundRequestRow.idempotency_key]
    )
    .returning(RefundRequestRow.id)
)


async def find_by_key(session: AsyncSession, actor: str, key: str) -> RefundRequestRow | None:
    return await session.scalar(
        select(RefundRequestRow).where(
            RefundRequestRow.actor == actor, RefundRequestRow.idempotency_key == key
        )
    )


async def get(session: AsyncSession, request_id: UUID) -> RefundRequestRow:
    if row := await session.get(RefundRequestRow, request_id):
        return row
    raise RefundRequestNotFound(f"there is no refund request {request_id}")


async def refusals(session: AsyncSession, refund_ids: Collection[UUID]) -> dict[UUID, str]:
    """Of these refunds those that were declined, each with who did."""
    return await _said(session, refund_ids, "refund_decline")


async def approvals(session: AsyncSession, refund_ids: Collection[UUID]) -> dict[UUID, str]:
    """Of these refunds those that somebody approved, each with who did."""
    return await _said(session, refund_ids, "refund_approve")


async def _said(session: AsyncSession, refund_ids: Collection[UUID], event: str) -> dict[UUID, str]:
    if not refund_ids:
        return {}
    subject = select(RefundRow.subject_id).where(RefundRow.id.in_(refund_ids))
    refund = EventRow.data["refund"].astext
    rows = await session.execute(
        select(refund, EventRow.actor)
        .where(
            EventRow.subject_id.in_(subject),
            EventRow.type == event,
            refund.in_([str(id_) for id_ in refund_ids]),
        )
        .order_by(EventRow.sequence)
    )
    return {UUID(id_): actor for id_, actor in rows}


async def given(session: AsyncSession, subject_id: UUID) -> int:
    """What has been given back of a subject on request alone, in minor units: what no cancellation
    decided, was not declined and doesn't wait for a yes."""
    total = await session.scalar(
        select(func.coalesce(func.sum(RefundRow.amount_minor), 0)).where(
            RefundRow.subject_id == subject_id,
            RefundRow.request_id.is_not(None),
            RefundRow.cancellation_id.is_(None),
            RefundRow.state != RefundState.WAIVED,
            func.coalesce(RefundRow.attention, "") != Waits.APPROVAL,
        )
    )
    return int(total or 0)


async def of_cancellation(session: AsyncSession, cancellation_id: UUID) -> list[UUID]:
    """The requests that belong to a cancellation, the first one first."""
    ids = await session.scalars(
        select(RefundRequestRow.id)
        .where(RefundRequestRow.cancellation_id == cancellation_id)
        .order_by(RefundRequestRow.requested_at, RefundRequestRow.id)
    )
    return list(ids)
