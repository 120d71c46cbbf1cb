"""Mails to be sent, written in the transaction of what they tell of."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint, select, text
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Instant, Json, Key, words


class NotificationState(StrEnum):
    """A parked mail was refused for good, or tried for too long; it waits for a person."""

    DUE = "due"
    SENT = "sent"
    PARKED = "parked"


class NotificationRow(Base):
    """One mail to one recipient. `audience` is customer or business; `message_id` never changes,
    so a receiver can drop a second copy."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("cancellation_id", "template", "audience"),
        Index("ix_notifications_due", "created_at", postgresql_where=text("state = 'due'")),
    )

    id: Mapped[Key]
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subjects.id"))
    cancellation_id: Mapped[UUID] = mapped_column(ForeignKey("cancellations.id"))
    template: Mapped[str]
    audience: Mapped[str]
    data: Mapped[Json] = mapped_column(JSONB, default=dict)
    state: Mapped[NotificationState] = mapped_column(
        words(NotificationState), default=NotificationState.DUE
    )
    message_id: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None]
    created_at: Mapped[Instant]
    sent_at: Mapped[Instant | None]


async def plan(
    session: AsyncSession,
    subject_id: UUID,
    cancellation_id: UUID,
    template: str,
    audiences: Collection[str],
    at: datetime,
    data: dict[str, Any] | None = None,
) -> None:
    """Put a mail on the list for each audience; one that is there already stays as it is."""
    rows = [
        {
            "id": (mail := uuid4()),
            "subject_id": subject_id,
            "cancellation_id": cancellation_id,
            "template": template,
            "audience": audience,
            "data": data or {},
            "state": NotificationState.DUE,
            "message_id": f"<{mail}@rescind>",
            "attempts": 0,
            "created_at": at,
        }
        for audience in audiences
    ]
    if rows:
        await session.execute(insert(NotificationRow).values(rows).on_conflict_do_nothing())


async def due(session: AsyncSession, cancellation_id: UUID) -> list[NotificationRow]:
    """A cancellation's mails still to be sent, oldest first."""
    rows = await session.scalars(
        select(NotificationRow)
        .where(
            NotificationRow.cancellation_id == cancellation_id,
            NotificationRow.state == NotificationState.DUE,
        )
        .order_by(NotificationRow.created_at, NotificationRow.audience)
    )
    return list(rows)
