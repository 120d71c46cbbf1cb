"""Runs that compare our refunds with the providers', and our side of what they compare."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.lifecycle import REFUND_ACCEPTED
from domain.money import Money
from domain.reconciliation import Ours
from domain.subjects import Handling
from storage.base import Base, Instant, Key
from storage.refunds import RefundRow
from storage.tenders import TenderRow

PAGE = 500


class ReconciliationRow(Base):
    """One run. `strangers` are listed refunds of payments that we don't know."""

    __tablename__ = "reconciliations"
    __table_args__ = (Index("ix_reconciliations_started_at", "started_at"),)

    id: Mapped[Key]
    since: Mapped[Instant]
    started_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
    listed: Mapped[int] = mapped_column(default=0)
    strangers: Mapped[int] = mapped_column(default=0)
    differences: Mapped[int] = mapped_column(default=0)


async def begin(session: AsyncSession, run_id: UUID, since: datetime, at: datetime) -> None:
    """Write a run down; the same again changes nothing."""
    await session.execute(
        insert(ReconciliationRow)
        .values(id=run_id, since=since, started_at=at, listed=0, strangers=0, differences=0)
        .on_conflict_do_nothing(index_elements=[ReconciliationRow.id])
    )


async def find(session: AsyncSession, run_id: UUID) -> ReconciliationRow | None:
    return await session.get(ReconciliationRow, run_id)


async def last_ended(session: AsyncSession) -> ReconciliationRow | None:
    return await session.scalar(
        select(ReconciliationRow)
        .where(ReconciliationRow.ended_at.is_not(None))
        .order_by(ReconciliationRow.started_at.desc())
        .limit(1)
    )


async def ours(
    session: AsyncSession, provider: str, refs: Collection[str], ids: Collection[UUID]
) -> list[Ours]:
    """Our refunds that a page of a provider's list is about."""
    rows = await session.scalars(
        select(RefundRow).where(
            or_(
                (RefundRow.provider == provider) & RefundRow.provider_ref.in_(refs),
                RefundRow.id.in_(ids),
            )
        )
    )
    return [_ours(row) for row in rows]


async def accepted(
    session: AsyncSession, provider: str, since: datetime, before: datetime, after: UUID | None
) -> list[Ours]:
    """A page of refunds that a provider had accepted, made since then and untouched for a while."""
    query = (
        select(RefundRow)
        .where(
            RefundRow.provider == provider,
            RefundRow.handling == Handling.PROVIDER,
            RefundRow.provider_ref.is_not(None),
            RefundRow.state.in_(REFUND_ACCEPTED),
            RefundRow.created_at >= since,
            RefundRow.updated_at < before,
        )
        .order_by(RefundRow.id)
        .limit(PAGE)
    )
    rows = await session.scalars(query if after is None else query.where(RefundRow.id > after))
    return [_ours(row) for row in rows]


async def payments(session: AsyncSession, provider: str, refs: Collection[str]) -> dict[str, UUID]:
    """Of these payments those that we know, each with a subject that was paid by it."""
    rows = await session.execute(
        select(TenderRow.payment_ref, TenderRow.subject_id).where(
            TenderRow.provider == provider, TenderRow.payment_ref.in_(refs)
        )
    )
    return {ref: subject for ref, subject in rows if ref is not None}


def _ours(row: RefundRow) -> Ours:
    return Ours(
        refund_id=row.id,
        subject_id=row.subject_id,
        state=row.state,
        amount=Money(minor=row.amount_minor, currency=row.currency),
        attempt=row.attempt,
        by_provider=row.handling is Handling.PROVIDER,
        provider_ref=row.provider_ref,
        payment_ref=row.payment_ref,
        failure=row.failure,
        made_at=row.created_at,
        touched_at=row.updated_at,
    )
