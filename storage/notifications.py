"""Mails to be sent, written in the transaction of what they tell of."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    ForeignKey,
    Index,
    UniqueConstraint,
    bindparam,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Instant, Json, Key, table, words


class NotificationState(StrEnum):
    """A parked mail was refused for good, or tried for too long; it waits for a person."""

    DUE = "due"
    SENT = "sent"
    PARKED = "parked"


class NotificationRow(Base):
    """One mail to one recipient. `audience` is customer or business; `message_id` never changes,
    so a receiver can drop a second copy. `claimed_at` is when an attempt took it in hand."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("cancellation_id", "template", "audience", "occasion"),
        Index("ix_notifications_due", "created_at", postgresql_where=text("state = 'due'")),
    )

    id: Mapped[Key]
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subjects.id"))
    cancellation_id: Mapped[UUID] = mapped_column(ForeignKey("cancellations.id"))
    template: Mapped[str]
    audience: Mapped[str]
    occasion: Mapped[str] = mapped_column(default="")
    data: Mapped[Json] = mapped_column(JSONB, default=dict)
    state: Mapped[NotificationState] = mapped_column(
        words(NotificationState), default=NotificationState.DUE
    )
    message_id: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None]
    created_at: Mapped[Instant]
    claimed_at: Mapped[Instant | None]
    sent_at: Mapped[Instant | None]


async def plan(
    session: AsyncSession,
    subject_id: UUID,
    cancellation_id: UUID,
    template: str,
    audiences: Collection[str],
    at: datetime,
    data: dict[str, Any] | None = None,
    occasion: str = "",
) -> None:
    """Put a mail on the list for each audience; one that is there already stays as it is.

    `occasion` tells mails of one template apart that are due more than once.
    """
    rows = [
        {
            "id": (mail := uuid4()),
            "subject_id": subject_id,
            "cancellation_id": cancellation_id,
            "template": template,
            "audience": audience,
            "occasion": occasion,
            "data": data or {},
            "state": NotificationState.DUE,
            "message_id": f"<{mail}@rescind>",
            "attempts": 0,
            "created_at": at,
        }
        for audience in audiences
    ]
    if rows:
        await session.execute(_PLAN, rows)


_PLAN = insert(table(NotificationRow)).on_conflict_do_nothing()


async def due(session: AsyncSession, cancellation_id: UUID) -> list[NotificationRow]:
    """A cancellation's mails still to be sent, oldest first."""
    return list(await session.scalars(_DUE, {"cancellation_id": cancellation_id}))


_DUE = (
    select(NotificationRow)
    .where(
        NotificationRow.cancellation_id == bindparam("cancellation_id"),
        NotificationRow.state == NotificationState.DUE,
    )
    .order_by(NotificationRow.created_at, NotificationRow.audience)
)
_DUE_LOCKED = _DUE.with_for_update()


async def claim(
    session: AsyncSession, cancellation_id: UUID, at: datetime, lease: timedelta
) -> tuple[list[NotificationRow], bool]:
    """Take a cancellation's due mails for one attempt; True if another attempt has some of them.

    Another's claim counts for `lease`, so that a crashed attempt doesn't keep them. `at` is the
    machine's clock, since a lease measures how long a process has been silent.
    """
    due = list(await session.scalars(_DUE_LOCKED, {"cancellation_id": cancellation_id}))
    claimed = [row for row in due if row.claimed_at is None or row.claimed_at <= at - lease]
    if claimed:
        await session.execute(_CLAIM, {"ids": [row.id for row in claimed], "at": at})
    return claimed, len(claimed) < len(due)


_CLAIM = (
    update(table(NotificationRow))
    .where(NotificationRow.id.in_(bindparam("ids", expanding=True)))
    .values(claimed_at=bindparam("at"), attempts=NotificationRow.attempts + 1)
)


async def overdue(session: AsyncSession, before: datetime, limit: int) -> list[UUID]:
    """Cancellations with mails due since before that instant: their own run may be gone."""
    found = await session.scalars(
        select(NotificationRow.cancellation_id)
        .where(NotificationRow.state == NotificationState.DUE, NotificationRow.created_at < before)
        .group_by(NotificationRow.cancellation_id)
        .order_by(func.min(NotificationRow.created_at))
        .limit(limit)
    )
    return list(found)


async def mark_sent(session: AsyncSession, ids: Collection[UUID], at: datetime) -> None:
    """Note mails as sent, also one that was parked while it was on its way."""
    await session.execute(_SENT, {"ids": list(ids), "at": at})


_SENT = (
    update(table(NotificationRow))
    .where(NotificationRow.id.in_(bindparam("ids", expanding=True)))
    .values(state=NotificationState.SENT, sent_at=bindparam("at"), failure=None)
)


async def give_back(session: AsyncSession, notification_id: UUID, failure: str) -> None:
    """Let the next attempt have a mail that this one could not send."""
    await _leave(session, notification_id, NotificationState.DUE, failure)


async def park(session: AsyncSession, notification_id: UUID, failure: str) -> bool:
    """Park a mail that is due and say whether it was."""
    return await _leave(session, notification_id, NotificationState.PARKED, failure)


async def _leave(
    session: AsyncSession, notification_id: UUID, state: NotificationState, failure: str
) -> bool:
    left = await session.scalar(
        update(NotificationRow)
        .where(
            NotificationRow.id == notification_id, NotificationRow.state == NotificationState.DUE
        )
        .values(state=state, claimed_at=None, failure=failure)
        .returning(NotificationRow.id)
        .execution_options(synchronize_session=False)
    )
    return left is not None
