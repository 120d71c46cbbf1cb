"""Quotes: prices promised against the clock, for one use."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, Index, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.decisions import Quote
from storage.base import Base, Instant, Json, Key

NOTES_KEPT = timedelta(days=1)
"""How long a note stays with a quote that has expired: it may still be asked for anew."""


class QuoteRow(Base):
    """`note` is what a customer wrote beside it, until they confirm: personal text, which stays
    here and goes some time after the quote has expired."""

    __tablename__ = "quotes"
    __table_args__ = (
        Index("ix_quotes_noted", "expires_at", postgresql_where=text("note IS NOT NULL")),
    )

    id: Mapped[Key]
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subjects.id"), index=True)
    document: Mapped[Json] = mapped_column(JSONB)
    facts_hash: Mapped[str]
    expires_at: Mapped[Instant]
    used_by: Mapped[UUID | None]
    created_at: Mapped[Instant]
    note: Mapped[str | None]

    @property
    def quote(self) -> Quote:
        used_by = str(self.used_by) if self.used_by else None
        return Quote.model_validate(self.document | {"used_by": used_by})


async def find(session: AsyncSession, quote_id: UUID) -> QuoteRow | None:
    return await session.scalar(select(QuoteRow).where(QuoteRow.id == quote_id))


def keep(
    session: AsyncSession, subject_id: UUID, quote: Quote, at: datetime, note: str | None = None
) -> None:
    session.add(
        QuoteRow(
            id=UUID(quote.id),
            subject_id=subject_id,
            document=quote.model_dump(mode="json", exclude={"used_by"}),
            facts_hash=quote.decision.facts_hash,
            expires_at=quote.expires_at,
            created_at=at,
            note=note,
        )
    )


async def forget_notes(session: AsyncSession, before: datetime) -> None:
    """Drop the notes of quotes that expired before that instant, but for what somebody else drops
    just now."""
    old = select(QuoteRow.id).where(QuoteRow.note.is_not(None), QuoteRow.expires_at < before)
    await session.execute(
        update(QuoteRow)
        .where(QuoteRow.id.in_(old.with_for_update(skip_locked=True)))
        .values(note=None)
        .execution_options(synchronize_session=False)
    )


async def use(session: AsyncSession, quote_id: UUID, cancellation_id: UUID) -> bool:
    """Spend a quote and say whether this cancellation has it; the same one again is True."""
    await session.execute(
        update(QuoteRow)
        .where(QuoteRow.id == quote_id, QuoteRow.used_by.is_(None))
        .values(used_by=cancellation_id)
        .execution_options(synchronize_session=False)
    )
    holder = await session.scalar(select(QuoteRow.used_by).where(QuoteRow.id == quote_id))
    return holder == cancellation_id


async def give_back(session: AsyncSession, quote_id: UUID, cancellation_id: UUID) -> None:
    """Make a quote usable again after its cancellation came to nothing."""
    await session.execute(
        update(QuoteRow)
        .where(QuoteRow.id == quote_id, QuoteRow.used_by == cancellation_id)
        .values(used_by=None)
        .execution_options(synchronize_session=False)
    )
