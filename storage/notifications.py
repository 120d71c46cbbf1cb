"""Mails to be sent, written in the transaction of what they tell of."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    bindparam,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Instant, Json, Key, table, words


class NotificationState(StrEnum):
    """A parked mail was refused for good, or tried for too long; it waits for a person. A needless
    one is not sent, as its reader can do without it."""

    DUE = "due"
    SENT = "sent"
    PARKED = "parked"
    NEEDLESS = "needless"


class NotificationRow(Base):
    """One mail to one recipient, about a cancellation or, where a refund was asked for without one,
    about the request for it. `audience` is customer or business; `message_id` never changes,
    so a receiver can drop a second copy. `claimed_at` is when an attempt took it in hand."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("cancellation_id", "template", "audience", "occasion"),
        UniqueConstraint("request_id", "template", "audience", "occasion"),
        CheckConstraint("num_nonnulls(cancellation_id, request_id) = 1", "about_one"),
        Index("ix_notifications_due", "created_at", postgresql_where=text("state = 'due'")),
    )

    id: Mapped[Key]
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subjects.id"))
    cancellation_id: Mapped[UUID | None] = mapped_column(ForeignKey("cancellations.id"))
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("refund_requests.id"))
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
    cancellation_id: UUID | None,
    template: str,
    audiences: Collection[str],
    at: datetime,
    data: dict[str, Any] | None = None,
    occasion: str = "",
    request_id: UUID | None = None,
) -> None:
    """Put a mail on the list for each audience; one that is there already stays as it is.

    It is about a cancellation, or else about a request for a refund. `occasion` tells mails of one
    template apart that are due more than once.
    """
    rows = [
        {
            "id": (mail := uuid4()),
            "subject_id": subject_id,
            "cancellation_id": cancellation_id,
            "request_id": request_id,
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


async def due(session: AsyncSession, about: UUID) -> list[NotificationRow]:
    """The mails about a cancellation or a request that are still to be sent, oldest first."""
    return list(await session.scalars(_DUE, {"about": about}))


_DUE = (
    select(NotificationRow)
    .where(
        or_(
            NotificationRow.cancellation_id == bindparam("about"),
            NotificationRow.request_id == bindparam("about"),
        ),
        NotificationRow.state == NotificationState.DUE,
    )
    .order_by(NotificationRow.created_at, NotificationRow.audience)
)
_DUE_LOCKED = _DUE.with_for_update()


async def claim(
    session: AsyncSession, about: UUID, at: datetime, lease: timedelta
) -> tuple[list[NotificationRow], bool]:
    """Take the due mails about this for one attempt; True if another attempt has some of them.

    Another's claim counts for `lease`, so that a crashed attempt doesn't keep them. `at` is the
    machine's clock, since a lease measures how long a process has been silent.
    """
    due = list(await session.scalars(_DUE_LOCKED, {"about": about}))
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
    """What has mails due since before that instant: its own run may be gone."""
    about = func.coalesce(NotificationRow.cancellation_id, NotificationRow.request_id)
    found = await session.scalars(
        select(about)
        .where(NotificationRow.state == NotificationState.DUE, NotificationRow.created_at < before)
        .group_by(about)
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


async def leave_out(session: AsyncSession, notification_id: UUID, why: str) -> None:
    """Don't send a mail that is due."""
    await _leave(session, notification_id, NotificationState.NEEDLESS, why)


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
