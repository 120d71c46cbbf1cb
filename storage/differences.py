"""Differences between our refunds and a provider's, each kept once until it is closed."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.reconciliation import Difference, DifferenceState, Disagreement
from storage.base import Amount, Base, Instant, Key, words
from storage.tenders import TenderRow


class DifferenceRow(Base):
    """`ours_…` is what our row said when it was last seen, the rest what the provider said."""

    __tablename__ = "refund_differences"
    __table_args__ = (
        UniqueConstraint("provider", "provider_ref", "difference"),
        Index("ix_refund_differences_listing", "found_at", "id"),
        Index("ix_refund_differences_open", "found_at", postgresql_where=text("state = 'open'")),
    )

    id: Mapped[Key]
    provider: Mapped[str]
    provider_ref: Mapped[str]
    difference: Mapped[Difference] = mapped_column(words(Difference))
    state: Mapped[DifferenceState] = mapped_column(words(DifferenceState))
    refund_id: Mapped[UUID | None] = mapped_column(ForeignKey("refunds.id"))
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subjects.id"), index=True)
    payment_ref: Mapped[str | None] = mapped_column(index=True)
    provider_state: Mapped[str | None]
    provider_minor: Mapped[Amount | None]
    ours_state: Mapped[str | None]
    ours_minor: Mapped[Amount | None]
    currency: Mapped[str]
    made_at: Mapped[Instant]
    found_at: Mapped[Instant]
    seen_at: Mapped[Instant]
    closed_at: Mapped[Instant | None]
    closed_by: Mapped[str | None]


async def note(
    session: AsyncSession, provider: str, found: Disagreement, subject_id: UUID, at: datetime
) -> DifferenceRow | None:
    """Keep a difference and return its row if it is news; one that is known is only seen again.

    What had gone and is there again is news. The caller holds the subject's lock.
    """
    row = await session.scalar(
        select(DifferenceRow).where(
            DifferenceRow.provider == provider,
            DifferenceRow.provider_ref == found.provider_ref,
            DifferenceRow.difference == found.difference,
        )
    )
    is_news = row is None or row.state is DifferenceState.GONE
    if row is None:
        row = DifferenceRow(id=uuid4(), provider=provider, provider_ref=found.provider_ref)
        row.difference, row.found_at = found.difference, at
        row.subject_id = subject_id
        session.add(row)
    if is_news:
        row.state, row.closed_at, row.closed_by = DifferenceState.OPEN, None, None
    _describe(row, found, at)
    if is_news and await _is_told(session, row):
        row.state, row.closed_at = DifferenceState.TOLD, at
    await session.flush()
    return row if is_news and row.state is DifferenceState.OPEN else None


async def close_gone(
    session: AsyncSession, provider: str, since: datetime, seen_before: datetime, at: datetime
) -> int:
    """Close what a complete look at all since then did not find again; return how many."""
    gone = await session.scalars(
        update(DifferenceRow)
        .where(
            DifferenceRow.provider == provider,
            DifferenceRow.state == DifferenceState.OPEN,
            DifferenceRow.made_at >= since,
            DifferenceRow.seen_at < seen_before,
        )
        .values(state=DifferenceState.GONE, closed_at=at)
        .returning(DifferenceRow.id)
    )
    return len(list(gone))


async def open_ones(session: AsyncSession, provider_ref: str) -> list[DifferenceRow]:
    """Open differences about one refund, by the provider's name for it."""
    rows = await session.scalars(
        select(DifferenceRow).where(
            DifferenceRow.provider_ref == provider_ref,
            DifferenceRow.state == DifferenceState.OPEN,
        )
    )
    return list(rows)


async def page(
    session: AsyncSession,
    limit: int,
    state: DifferenceState | None = None,
    after: tuple[datetime, UUID] | None = None,
) -> list[DifferenceRow]:
    """Differences, last found first."""
    query = select(DifferenceRow).order_by(DifferenceRow.found_at.desc(), DifferenceRow.id.desc())
    if state is not None:
        query = query.where(DifferenceRow.state == state)
    if after is not None:
        query = query.where(tuple_(DifferenceRow.found_at, DifferenceRow.id) < after)
    return list(await session.scalars(query.limit(limit)))


async def count_open(session: AsyncSession) -> int:
    return (
        await session.scalar(
            select(func.count())
            .select_from(DifferenceRow)
            .where(DifferenceRow.state == DifferenceState.OPEN)
        )
        or 0
    )


def _describe(row: DifferenceRow, found: Disagreement, at: datetime) -> None:
    ours, theirs = found.ours, found.theirs
    known = theirs or ours
    assert known is not None
    row.refund_id = ours.refund_id if ours else None
    row.payment_ref, row.made_at = known.payment_ref, known.made_at
    row.currency = known.amount.currency
    row.provider_state = theirs.state if theirs else None
    row.provider_minor = theirs.amount.minor if theirs else None
    row.ours_state = ours.state if ours else None
    row.ours_minor = ours.amount.minor if ours else None
    row.seen_at = at


async def _is_told(session: AsyncSession, row: DifferenceRow) -> bool:
    """Whether the merchant has reported this money as returned elsewhere: the payment's tenders
    tell of more than all that is known to have been."""
    if row.difference is not Difference.MADE_ELSEWHERE:
        return False
    told = await session.scalar(
        select(func.sum(TenderRow.returned_elsewhere_minor)).where(
            TenderRow.provider == row.provider, TenderRow.payment_ref == row.payment_ref
        )
    )
    known = await session.scalar(
        select(func.sum(DifferenceRow.provider_minor)).where(
            DifferenceRow.provider == row.provider,
            DifferenceRow.payment_ref == row.payment_ref,
            DifferenceRow.state.in_((DifferenceState.TOLD, DifferenceState.ADOPTED)),
        )
    )
    return int(told or 0) - int(known or 0) >= (row.provider_minor or 0)
