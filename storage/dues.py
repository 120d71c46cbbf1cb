"""Money to be collected on top, from a held card or by the merchant."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.dues import DueState, shares
from storage.base import Amount, Base, Instant, Key, words


class DueRow(Base):
    """`tender_id` names the held card that may give it, `taken_minor` is what it gave."""

    __tablename__ = "dues"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", "positive"),
        CheckConstraint("taken_minor >= 0 AND taken_minor <= amount_minor", "taken_within_amount"),
        Index("ix_dues_owed", "created_at", "id", postgresql_where=text("state = 'owed'")),
    )

    id: Mapped[Key]
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subjects.id"), index=True)
    cancellation_id: Mapped[UUID | None] = mapped_column(ForeignKey("cancellations.id"))
    tender_id: Mapped[str | None]
    amount_minor: Mapped[Amount]
    taken_minor: Mapped[Amount] = mapped_column(default=0)
    currency: Mapped[str]
    state: Mapped[DueState] = mapped_column(words(DueState), default=DueState.OWED)
    settled_by: Mapped[str | None]
    reason: Mapped[str | None]
    created_at: Mapped[Instant]
    settled_at: Mapped[Instant | None]

    @property
    def outstanding_minor(self) -> int:
        """What is still to be collected."""
        return self.amount_minor - self.taken_minor if self.state is DueState.OWED else 0


async def find(session: AsyncSession, due_id: UUID) -> DueRow | None:
    return await session.get(DueRow, due_id, populate_existing=True)


async def of_subject(session: AsyncSession, subject_id: UUID) -> list[DueRow]:
    """All dues of a subject, the oldest first."""
    return await _where(session, DueRow.subject_id == subject_id)


async def of_cancellation(session: AsyncSession, cancellation_id: UUID) -> list[DueRow]:
    return await _where(session, DueRow.cancellation_id == cancellation_id)


async def _where(session: AsyncSession, wanted: object) -> list[DueRow]:
    rows = await session.scalars(
        select(DueRow)
        .where(wanted)  # type: ignore[arg-type]
        .order_by(DueRow.created_at, DueRow.id)
        .execution_options(populate_existing=True)
    )
    return list(rows)


def collect(rows: Collection[DueRow], captured_minor: int, at: datetime) -> None:
    """Note what a held card gave, the oldest due first. The caller holds the subject's lock.

    Not safe to repeat: the card's own row changes in the same transaction.
    """
    owed = [row for row in rows if row.state is DueState.OWED]
    outstanding = [row.outstanding_minor for row in owed]
    for row, share in zip(owed, shares(captured_minor, outstanding), strict=True):
        row.taken_minor += share
        if row.taken_minor == row.amount_minor:
            row.state, row.settled_at = DueState.COLLECTED, at
