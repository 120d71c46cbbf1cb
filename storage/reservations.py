"""Who has a resource when. An exclusion constraint makes double booking impossible."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, bindparam, select, text, update
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Instant, Key, words


class ReservationState(StrEnum):
    """A releasing one still keeps others out, so taking the release back always works."""

    ACTIVE = "active"
    RELEASING = "releasing"
    RELEASED = "released"


class ReservationRow(Base):
    """One unit of a resource for a time. `during` includes the buffers, `starts_at` doesn't."""

    __tablename__ = "reservations"
    __table_args__ = (
        ExcludeConstraint(
            ("resource_id", "="),
            ("unit", "="),
            ("during", "&&"),
            where=text("state IN ('active', 'releasing')"),
            using="gist",
            name="ex_reservations_no_double_booking",
        ),
        Index("ix_reservations_subject", "subject_id", "line_id"),
    )

    id: Mapped[Key]
    resource_id: Mapped[str] = mapped_column(ForeignKey("resources.id"))
    unit: Mapped[int] = mapped_column(default=1)
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    state: Mapped[ReservationState] = mapped_column(
        words(ReservationState), default=ReservationState.ACTIVE
    )
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subjects.id"))
    line_id: Mapped[str]
    cancellation_id: Mapped[UUID | None]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]


async def active(session: AsyncSession, subject_id: UUID) -> list[ReservationRow]:
    """A subject's reservations that still keep others out, earliest unit first."""
    rows = await session.scalars(
        select(ReservationRow)
        .where(
            ReservationRow.subject_id == subject_id,
            ReservationRow.state != ReservationState.RELEASED,
        )
        .order_by(ReservationRow.line_id, ReservationRow.unit)
    )
    return list(rows)


async def lines_held(session: AsyncSession, subject_id: UUID) -> set[str]:
    """The lines that have something reserved which still keeps others out."""
    return set(await session.scalars(_LINES_HELD, {"subject_id": subject_id}))


_LINES_HELD = select(ReservationRow.line_id).where(
    ReservationRow.subject_id == bindparam("subject_id"),
    ReservationRow.state != ReservationState.RELEASED,
)


async def move(
    session: AsyncSession,
    cancellation_id: UUID,
    *,
    come_from: ReservationState,
    to: ReservationState,
    at: datetime,
) -> int:
    """Move what this cancellation releases; repeating it finds nothing left to move."""
    moved = await session.scalars(
        update(ReservationRow)
        .where(ReservationRow.cancellation_id == cancellation_id, ReservationRow.state == come_from)
        .values(state=to, updated_at=at)
        .returning(ReservationRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(moved.all())


async def begin_release(
    session: AsyncSession, ids: Collection[UUID], cancellation_id: UUID, at: datetime
) -> None:
    """Mark reservations as being released by this cancellation; only active ones change."""
    await session.execute(
        update(ReservationRow)
        .where(ReservationRow.id.in_(ids), ReservationRow.state == ReservationState.ACTIVE)
        .values(state=ReservationState.RELEASING, cancellation_id=cancellation_id, updated_at=at)
        .execution_options(synchronize_session=False)
    )
