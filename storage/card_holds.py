"""Cards that were only held, and what becomes of them once a subject is cancelled whole."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.card_holds import CARD_HOLD_AT_REST, CARD_HOLD_MOVES, CardHoldState
from domain.errors import CardHoldNotFound, IllegalMove
from storage import subjects
from storage.base import Amount, Base, Instant, Key, words
from storage.subjects import SubjectRow


class CardHoldRow(Base):
    """One held card, written by the pivot that cancelled the rest of its subject.

    `take_minor` is what is to be captured, 0 lets the card go. `attempt` counts what was asked of
    the provider; it rises only after a definite no. The checks keep what is taken within what is
    held.
    """

    __tablename__ = "card_holds"
    __table_args__ = (
        UniqueConstraint("subject_id", "tender_id"),
        CheckConstraint("take_minor >= 0 AND take_minor <= authorised_minor", "take_within_held"),
        CheckConstraint(
            "captured_minor >= 0 AND captured_minor <= take_minor", "captured_within_take"
        ),
        Index(
            "ix_card_holds_unrest",
            "updated_at",
            postgresql_where=text("state NOT IN ('done', 'waived')"),
        ),
    )

    id: Mapped[Key]
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subjects.id"))
    cancellation_id: Mapped[UUID] = mapped_column(ForeignKey("cancellations.id"), index=True)
    tender_id: Mapped[str]
    method: Mapped[str]
    provider: Mapped[str | None]
    payment_ref: Mapped[str | None]
    currency: Mapped[str]
    authorised_minor: Mapped[Amount]
    take_minor: Mapped[Amount]
    captured_minor: Mapped[Amount] = mapped_column(default=0)
    state: Mapped[CardHoldState] = mapped_column(words(CardHoldState))
    attempt: Mapped[int] = mapped_column(default=1)
    failure: Mapped[str | None]
    attention: Mapped[str | None]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    settled_at: Mapped[Instant | None]


async def get(session: AsyncSession, hold_id: UUID) -> CardHoldRow:
    """Raises CardHoldNotFound."""
    row = await session.get(CardHoldRow, hold_id, populate_existing=True)
    if row is None:
        raise CardHoldNotFound(f"there is no card hold {hold_id}")
    return row


async def lock(session: AsyncSession, hold_id: UUID) -> tuple[SubjectRow, CardHoldRow]:
    """Lock the subject, then read the card's row as it is now. Raises CardHoldNotFound."""
    subject = await session.scalar(
        subjects.locking(
            select(CardHoldRow.subject_id).where(CardHoldRow.id == hold_id).scalar_subquery()
        )
    )
    row = await get(session, hold_id)
    assert subject is not None
    return subject, row


async def of_subject(session: AsyncSession, subject_id: UUID) -> list[CardHoldRow]:
    rows = await session.scalars(
        select(CardHoldRow)
        .where(CardHoldRow.subject_id == subject_id)
        .order_by(CardHoldRow.created_at, CardHoldRow.tender_id)
        .execution_options(populate_existing=True)
    )
    return list(rows)


async def of_cancellation(session: AsyncSession, cancellation_id: UUID) -> list[CardHoldRow]:
    rows = await session.scalars(
        select(CardHoldRow)
        .where(CardHoldRow.cancellation_id == cancellation_id)
        .order_by(CardHoldRow.tender_id)
        .execution_options(populate_existing=True)
    )
    return list(rows)


async def unrest(session: AsyncSession, before: datetime, limit: int) -> list[CardHoldRow]:
    """Cards that somebody must settle and that wait for no person, untouched for longest first."""
    rows = await session.scalars(
        select(CardHoldRow)
        .where(
            CardHoldRow.state.not_in(CARD_HOLD_AT_REST),
            CardHoldRow.attention.is_(None),
            CardHoldRow.updated_at < before,
        )
        .order_by(CardHoldRow.updated_at)
        .limit(limit)
    )
    return list(rows)


def move(row: CardHoldRow, to: CardHoldState, at: datetime) -> None:
    """The same state is no move."""
    if row.state is to:
        return
    if to not in CARD_HOLD_MOVES[row.state]:
        raise IllegalMove(f"card hold {row.id} can't go from {row.state} to {to}")
    row.state, row.updated_at = to, at
    row.settled_at = at if to in CARD_HOLD_AT_REST else None
    row.attention = None if to in CARD_HOLD_AT_REST else row.attention
