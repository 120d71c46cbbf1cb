"""History and analytics in one table; the outbox points to what others must hear of."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    Uuid,
    bindparam,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Instant, Json


class EventRow(Base):
    """What happened to a subject, in order. `data` holds ids, codes and amounts, never words."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("subject_id", "sequence"),
        Index("ix_events_cancellation_id", "cancellation_id"),
        Index("ix_events_analytics", "type", "at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subjects.id"))
    sequence: Mapped[int]
    type: Mapped[str]
    cancellation_id: Mapped[UUID | None]
    actor: Mapped[str]
    at: Mapped[Instant]
    data: Mapped[Json] = mapped_column(JSONB, default=dict)


class OutboxRow(Base):
    """An event still to be told to other systems."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_unsent", "next_at", postgresql_where=text("delivered_at IS NULL")),
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[Instant]
    delivered_at: Mapped[Instant | None]


async def record(
    session: AsyncSession,
    subject_id: UUID,
    name: str,
    at: datetime,
    *,
    actor: str = "system",
    cancellation_id: UUID | None = None,
    data: dict[str, Any] | None = None,
) -> int:
    """Record an event with its outbox row and return its place in the subject's sequence.

    Taking the number locks the subject's row, so the sequence has no gaps and follows commits.
    Not safe to repeat: call it in the transaction of the change it tells of.
    """
    sequence: int = await session.scalar(
        _RECORD,
        {
            "subject_id": subject_id,
            "type": name,
            "cancellation_id": cancellation_id,
            "actor": actor,
            "at": at,
            "data": data or {},
        },
    )
    return sequence


_RECORD = text(
    """
    WITH place AS (
        UPDATE subjects SET event_sequence = event_sequence + 1 WHERE id = :subject_id
        RETURNING event_sequence
    ), event AS (
        INSERT INTO events (subject_id, sequence, type, cancellation_id, actor, at, data)
        SELECT :subject_id, event_sequence, :type, :cancellation_id, :actor, :at, :data FROM place
        RETURNING id, sequence
    )
    INSERT INTO outbox (event_id, next_at, attempts) SELECT id, :at, 0 FROM event
    RETURNING (SELECT sequence FROM event)
    """
).bindparams(
    bindparam("subject_id", type_=Uuid()),
    bindparam("type", type_=String()),
    bindparam("cancellation_id", type_=Uuid()),
    bindparam("actor", type_=String()),
    bindparam("at", type_=DateTime(timezone=True)),
    bindparam("data", type_=JSONB()),
)
"""One round trip, and nothing to build each time: every step of every run ends with it."""


class Happening(NamedTuple):
    """An event at a place in the sequence that was taken by whoever has the subject locked."""

    subject_id: UUID
    sequence: int
    name: str
    data: dict[str, Any]


async def record_all(
    session: AsyncSession, happenings: Collection[Happening], at: datetime, actor: str
) -> None:
    """Record events of many locked subjects, whose rows count them already, in two statements."""
    if not happenings:
        return
    ids = await session.scalars(
        insert(EventRow).returning(EventRow.id),
        [
            {
                "subject_id": one.subject_id,
                "sequence": one.sequence,
                "type": one.name,
                "cancellation_id": None,
                "actor": actor,
                "at": at,
                "data": one.data,
            }
            for one in happenings
        ],
    )
    outbox = [{"event_id": id_, "attempts": 0, "next_at": at} for id_ in ids]
    await session.execute(insert(OutboxRow), outbox)


async def of_subject(session: AsyncSession, subject_id: UUID, after: int = 0) -> list[EventRow]:
    rows = await session.scalars(
        select(EventRow)
        .where(EventRow.subject_id == subject_id, EventRow.sequence > after)
        .order_by(EventRow.sequence)
    )
    return list(rows)


async def of_cancellation(session: AsyncSession, cancellation_id: UUID) -> list[EventRow]:
    rows = await session.scalars(
        select(EventRow)
        .where(EventRow.cancellation_id == cancellation_id)
        .order_by(EventRow.sequence)
    )
    return list(rows)


async def of_refund(session: AsyncSession, subject_id: UUID, refund_id: UUID) -> list[EventRow]:
    """Of a subject's events those that name this refund."""
    rows = await session.scalars(
        select(EventRow)
        .where(EventRow.subject_id == subject_id, EventRow.data["refund"].astext == str(refund_id))
        .order_by(EventRow.sequence)
    )
    return list(rows)
