"""What was paid by which means, and what went back."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.subjects import Handling
from storage.base import Amount, Base, table, words


class TenderRow(Base):
    """One means of payment. The checks keep all that goes back within what was captured, and what
    is captured of a held card within what was held.

    `hold_settled` says that we let go of the held card or captured a part of it: from then on its
    authorised and captured money is ours to tell, and no report changes it.
    """

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
        CheckConstraint(
            "handling <> 'held' OR captured_minor <= authorised_minor", "captured_within_held"
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
    hold_settled: Mapped[bool] = mapped_column(default=False)


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
