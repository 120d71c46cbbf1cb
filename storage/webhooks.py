"""What providers told us by webhook: each event once, without its body."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, and_, delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Instant, table


class WebhookEventRow(Base):
    """An event of a provider. `told_at` is when the refund's run heard of it, if it had to.

    Ids and states only: a body may name a person.
    """

    __tablename__ = "webhook_events"

    provider: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    provider_ref: Mapped[str]
    state: Mapped[str | None]
    refund_id: Mapped[UUID | None] = mapped_column(ForeignKey("refunds.id"))
    occurred_at: Mapped[Instant | None]
    received_at: Mapped[Instant] = mapped_column(index=True)
    told_at: Mapped[Instant | None]


async def keep(
    session: AsyncSession, row: WebhookEventRow, stuck_since: datetime
) -> WebhookEventRow | None:
    """Keep an event and return it; None: it was kept before and is dealt with, or being so.

    One received before `stuck_since` whose run hasn't heard of it was left by a crash.
    """
    known = {
        name: getattr(row, name)
        for name in table(WebhookEventRow).columns.keys()  # noqa: SIM118
    }
    kept = await session.scalar(
        insert(table(WebhookEventRow))
        .values(known)
        .on_conflict_do_update(
            index_elements=[WebhookEventRow.provider, WebhookEventRow.event_id],
            set_={"received_at": row.received_at},
            where=and_(
                WebhookEventRow.told_at.is_(None), WebhookEventRow.received_at < stuck_since
            ),
        )
        .returning(WebhookEventRow.event_id)
    )
    if kept is None:
        return None
    return await session.get_one(WebhookEventRow, (row.provider, row.event_id))


async def mark_told(session: AsyncSession, provider: str, event_id: str, at: datetime) -> None:
    """Note that the refund's run heard of an event."""
    await session.execute(
        update(WebhookEventRow)
        .where(WebhookEventRow.provider == provider, WebhookEventRow.event_id == event_id)
        .values(told_at=at)
    )


async def drop(session: AsyncSession, provider: str, event_id: str) -> None:
    """Forget an event that came to nothing, so that it counts when it comes again."""
    await session.execute(
        delete(WebhookEventRow).where(
            WebhookEventRow.provider == provider, WebhookEventRow.event_id == event_id
        )
    )


async def forget(session: AsyncSession, before: datetime) -> None:
    """Drop events received before that instant: nobody repeats them any more."""
    await session.execute(delete(WebhookEventRow).where(WebhookEventRow.received_at < before))
