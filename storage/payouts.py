"""Refunds that people pay out: where the money goes, and who paid it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Instant


class PayoutRow(Base):
    """`details` is where the customer wants it, in their own words, and stays here. Who paid names
    a `reference`; above a limit a second person confirms it."""

    __tablename__ = "payouts"

    refund_id: Mapped[UUID] = mapped_column(ForeignKey("refunds.id"), primary_key=True)
    details: Mapped[str | None]
    reference: Mapped[str | None]
    proposed_by: Mapped[str | None]
    proposed_at: Mapped[Instant | None]
    confirmed_by: Mapped[str | None]
    confirmed_at: Mapped[Instant | None]


async def find(session: AsyncSession, refund_id: UUID) -> PayoutRow | None:
    return await session.get(PayoutRow, refund_id)


async def keep_details(session: AsyncSession, refund_id: UUID, details: str) -> None:
    """Keep where a refund's money goes, in place of what was kept before."""
    await session.execute(
        insert(PayoutRow)
        .values(refund_id=refund_id, details=details)
        .on_conflict_do_update(index_elements=[PayoutRow.refund_id], set_={"details": details})
    )


async def propose(
    session: AsyncSession, refund_id: UUID, reference: str, actor: str, at: datetime
) -> None:
    """Note who says that it was paid. The caller has the subject locked."""
    row = await _row(session, refund_id)
    row.reference, row.proposed_by, row.proposed_at = reference, actor, at
    await session.flush()


async def confirm(
    session: AsyncSession, refund_id: UUID, reference: str, actor: str, at: datetime
) -> None:
    """Note who has the last word on a payout; the first confirmation stays."""
    row = await _row(session, refund_id)
    if row.proposed_by is None:
        row.reference, row.proposed_by, row.proposed_at = reference, actor, at
    if row.confirmed_by is None:
        row.confirmed_by, row.confirmed_at = actor, at
    await session.flush()


async def withdraw(session: AsyncSession, refund_id: UUID) -> bool:
    """Forget what was said of a payment, and whether there was something; `details` stay."""
    row = await find(session, refund_id)
    if row is None or row.proposed_by is None:
        return False
    row.reference = row.proposed_by = row.proposed_at = None
    row.confirmed_by = row.confirmed_at = None
    await session.flush()
    return True


async def _row(session: AsyncSession, refund_id: UUID) -> PayoutRow:
    row = await find(session, refund_id) or PayoutRow(refund_id=refund_id)
    session.add(row)
    return row
