"""Cancellations: one row for each run, made when it is decided, on record for good."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    Index,
    UniqueConstraint,
    bindparam,
    func,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.errors import CancellationNotFound, IllegalMove
from domain.lifecycle import CANCELLATION_AT_REST, CANCELLATION_MOVES, CancellationState
from domain.requests import Initiator, Right
from storage.base import Amount, Base, Instant, Json, words


class CancellationRow(Base):
    """`n` counts a subject's cancellations; `cause` says why one did not go through.

    `attention` names the step that waits for a person, `attention_failure` what went wrong there.
    """

    __tablename__ = "cancellations"
    __table_args__ = (
        UniqueConstraint("subject_id", "n"),
        Index(
            "ix_cancellations_unrest",
            "updated_at",
            postgresql_where=text("state NOT IN ('cancelled', 'declined', 'undone', 'restored')"),
        ),
        Index("ix_cancellations_listing", "requested_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(ForeignKey("requests.id"), primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subjects.id"))
    n: Mapped[int]
    state: Mapped[CancellationState] = mapped_column(words(CancellationState))
    cause: Mapped[str | None]
    initiator: Mapped[Initiator] = mapped_column(words(Initiator))
    right: Mapped[Right] = mapped_column(words(Right))
    reason: Mapped[str | None]
    lines: Mapped[Json] = mapped_column(JSONB)
    refund_minor: Mapped[Amount] = mapped_column(default=0)
    fee_minor: Mapped[Amount] = mapped_column(default=0)
    due_minor: Mapped[Amount] = mapped_column(default=0)
    currency: Mapped[str]
    restores_to: Mapped[str]
    approval_until: Mapped[Instant | None]
    undo_until: Mapped[Instant | None]
    retry_quote_id: Mapped[UUID | None]
    attention: Mapped[str | None]
    attention_failure: Mapped[str | None]
    requested_at: Mapped[Instant]
    decided_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]

    @property
    def is_at_rest(self) -> bool:
        return self.state in CANCELLATION_AT_REST


async def find(session: AsyncSession, cancellation_id: UUID) -> CancellationRow | None:
    return await session.scalar(_FIND, {"cancellation_id": cancellation_id})


_FIND = (
    select(CancellationRow)
    .where(CancellationRow.id == bindparam("cancellation_id"))
    .execution_options(populate_existing=True)
)


async def get(session: AsyncSession, cancellation_id: UUID) -> CancellationRow:
    if row := await find(session, cancellation_id):
        return row
    raise CancellationNotFound(f"there is no cancellation {cancellation_id}")


async def next_number(session: AsyncSession, subject_id: UUID) -> int:
    """One more than the subject's cancellations at rest: what the next run is called."""
    return 1 + (await session.scalar(_AT_REST, {"subject_id": subject_id}) or 0)


_AT_REST = select(func.count()).where(
    CancellationRow.subject_id == bindparam("subject_id"),
    CancellationRow.state.in_(CANCELLATION_AT_REST),
)


async def of_subject(session: AsyncSession, subject_id: UUID) -> list[CancellationRow]:
    rows = await session.scalars(
        select(CancellationRow)
        .where(CancellationRow.subject_id == subject_id)
        .order_by(CancellationRow.n)
    )
    return list(rows)


async def at_work(session: AsyncSession, subject_id: UUID) -> CancellationRow | None:
    """The subject's one cancellation that is not at rest."""
    return await session.scalar(
        select(CancellationRow).where(
            CancellationRow.subject_id == subject_id,
            CancellationRow.state.not_in(CANCELLATION_AT_REST),
        )
    )


async def unrest(
    session: AsyncSession, before: datetime, limit: int, after: UUID | None = None
) -> list[CancellationRow]:
    """Cancellations not at rest that nobody looks at, untouched since that instant, by id.

    The next page begins `after` the last id of the one before.
    """
    rows = await session.scalars(
        select(CancellationRow)
        .where(
            CancellationRow.state.not_in(CANCELLATION_AT_REST),
            CancellationRow.attention.is_(None),
            CancellationRow.updated_at < before,
            CancellationRow.id > after if after else true(),
        )
        .order_by(CancellationRow.id)
        .limit(limit)
    )
    return list(rows)


def move(row: CancellationRow, to: CancellationState, at: datetime) -> None:
    """Set the state of a row whose subject is locked. The state it has already is no move."""
    if row.state is to:
        return
    if to not in CANCELLATION_MOVES[row.state]:
        raise IllegalMove(f"cancellation {row.id} can't go from {row.state} to {to}")
    row.state = to
    row.updated_at = at
    if to in CANCELLATION_AT_REST:
        row.ended_at = at
