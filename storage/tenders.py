"""What was paid by which means, what went back, and what is still to be collected."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.subjects import Handling
from storage.base import Amount, Base, Instant, Key, table, words


class TenderRow(Base):
    """One means of payment. The check keeps all that goes back within what was captured."""

    __tablename__ = "tenders"
    __table_args__ = (
        CheckConstraint(
            "returned_minor + pending_minor + returned_elsewhere_minor <= captured_minor",
            "returned_within_captured",
        ),
        CheckConstraint(
            "authorised_minor >= 0 AND captured_minor >= 0 AND pending_minor >= 0"
            " AND returned_minor >= 0 AND returned_elsewhere_minor >= 0",
            "not_negative",
        ),
        Index("ix_tenders_payment_ref", "payment_ref"),
    )

    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subjects.id"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    method: Mapped[str]
    handling: Mapped[Handling] = mapped_column(words(Handling))
    provider: Mapped[str | None]
    payment_ref: Mapped[str | None]
    currency: Mapped[str]
    authorised_minor: Mapped[Amount] = mapped_column(default=0)
    captured_minor: Mapped[Amount] = mapped_column(default=0)
    pending_minor: Mapped[Amount] = mapped_column(default=0)
    returned_minor: Mapped[Amount] = mapped_column(default=0)
    returned_elsewhere_minor: Mapped[Amount] = mapped_column(default=0)


class DueRow(Base):
    """Money to be collected on top, from a held card or by the merchant."""

    __tablename__ = "dues"
    __table_args__ = (CheckConstraint("amount_minor > 0", "positive"),)

    id: Mapped[Key]
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subjects.id"), index=True)
    cancellation_id: Mapped[UUID | None] = mapped_column(ForeignKey("cancellations.id"))
    tender_id: Mapped[str | None]
    amount_minor: Mapped[Amount]
    currency: Mapped[str]
    state: Mapped[str] = mapped_column(default="owed")
    created_at: Mapped[Instant]
    settled_at: Mapped[Instant | None]


async def of_subject(session: AsyncSession, subject_id: UUID) -> list[TenderRow]:
    return list(await session.scalars(_OF_SUBJECT, {"subject_id": subject_id}))


_OF_SUBJECT = (
    select(TenderRow)
    .where(TenderRow.subject_id == bindparam("subject_id"))
    .order_by(TenderRow.position)
)


async def shift(
    session: AsyncSession, subject_id: UUID, tender_id: str, *, pending: int = 0, returned: int = 0
) -> None:
    """Move money between a tender's columns. The table's check refuses more than was captured.

    Not safe to repeat: the caller changes the refund's row in the same transaction.
    """
    moved = {"pending": pending, "returned": returned}
    await session.execute(_SHIFT, {"subject": subject_id, "tender": tender_id, **moved})


_SHIFT = (
    update(table(TenderRow))
    .where(TenderRow.subject_id == bindparam("subject"), TenderRow.id == bindparam("tender"))
    .values(
        pending_minor=TenderRow.pending_minor + bindparam("pending"),
        returned_minor=TenderRow.returned_minor + bindparam("returned"),
    )
)
