"""Requests as received, written before anything else happens."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint, bindparam, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.errors import CancellationNotFound
from domain.requests import Request
from storage import subjects
from storage.base import Base, Instant, Json, Key, table, words
from storage.subjects import SubjectRow


class RequestState(StrEnum):
    """Open until a run has decided it. Joined and refused ones never become a cancellation."""

    OPEN = "open"
    DECIDED = "decided"
    JOINED = "joined"
    REFUSED = "refused"
    CLOSED = "closed"


class RequestRow(Base):
    """A request; its id becomes the cancellation's. `note` is personal text and stays here.

    `requested_at` is what time rules use, `received_at` is when we got it: they differ only for
    requests that were backdated by a key with that scope.
    """

    __tablename__ = "requests"
    __table_args__ = (
        UniqueConstraint("actor", "idempotency_key"),
        Index("ix_requests_open", "received_at", postgresql_where=text("state = 'open'")),
        Index("ix_requests_joined", "joined_id", postgresql_where=text("joined_id IS NOT NULL")),
    )

    id: Mapped[Key]
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subjects.id"), index=True)
    state: Mapped[RequestState] = mapped_column(words(RequestState), default=RequestState.OPEN)
    body: Mapped[Json] = mapped_column(JSONB)
    body_hash: Mapped[str]
    note: Mapped[str | None]
    actor: Mapped[str]
    asker: Mapped[str]
    idempotency_key: Mapped[str | None]
    requested_at: Mapped[Instant]
    received_at: Mapped[Instant]
    joined_id: Mapped[UUID | None]
    refusal: Mapped[str | None]

    @property
    def request(self) -> Request:
        return Request.model_validate(self.body)


async def write(session: AsyncSession, **columns: Any) -> UUID | None:
    """Write a new request down, open; None if there is one of that actor and key."""
    row = {"id": uuid4(), "state": RequestState.OPEN, **columns}
    written: UUID | None = await session.scalar(_WRITE, row)
    return written


_WRITE = (
    insert(table(RequestRow))
    .on_conflict_do_nothing(index_elements=[RequestRow.actor, RequestRow.idempotency_key])
    .returning(RequestRow.id)
)


async def find(session: AsyncSession, request_id: UUID) -> RequestRow | None:
    return await session.get(RequestRow, request_id)


async def get(session: AsyncSession, request_id: UUID) -> RequestRow:
    if row := await find(session, request_id):
        return row
    raise CancellationNotFound(f"there is no request {request_id}")


async def lock_subject(session: AsyncSession, request_id: UUID) -> SubjectRow:
    """Lock the subject a request is about: what every step does first, so all take turns."""
    row = await session.scalar(_LOCK_SUBJECT, {"request_id": request_id})
    if row is None:
        raise CancellationNotFound(f"there is no request {request_id}")
    return row


_LOCK_SUBJECT = subjects.locking(
    select(RequestRow.subject_id).where(RequestRow.id == bindparam("request_id")).scalar_subquery()
)


async def decide(session: AsyncSession, request_id: UUID) -> RequestRow:
    """Settle an open request as decided and read it, in one go with whoever would close it.

    One that was settled before comes back as it is.
    """
    decided = await session.scalar(_DECIDE, {"request_id": request_id})
    return decided or await get(session, request_id)


_DECIDE = (
    update(RequestRow)
    .where(RequestRow.id == bindparam("request_id"), RequestRow.state == RequestState.OPEN)
    .values(state=RequestState.DECIDED)
    .returning(RequestRow)
    .execution_options(synchronize_session=False, populate_existing=True)
)


async def find_by_key(session: AsyncSession, actor: str, key: str) -> RequestRow | None:
    return await session.scalar(_FIND_BY_KEY, {"actor": actor, "key": key})


_FIND_BY_KEY = select(RequestRow).where(
    RequestRow.actor == bindparam("actor"), RequestRow.idempotency_key == bindparam("key")
)


async def subject_of(session: AsyncSession, request_id: UUID) -> UUID:
    subject = select(RequestRow.subject_id).where(RequestRow.id == request_id)
    return (await session.execute(subject)).scalar_one()


async def settle(
    session: AsyncSession,
    request_id: UUID,
    state: RequestState,
    *,
    joined_id: UUID | None = None,
    refusal: str | None = None,
) -> bool:
    """Settle an open request and say whether this call did; a settled one stays as it is."""
    settled = await session.scalar(
        update(RequestRow)
        .where(RequestRow.id == request_id, RequestRow.state == RequestState.OPEN)
        .values(state=state, joined_id=joined_id, refusal=refusal)
        .returning(RequestRow.id)
        .execution_options(synchronize_session=False)
    )
    return settled is not None


async def close(session: AsyncSession, request_id: UUID) -> bool:
    """Close an open request for good and say whether this call did.

    It gives its idempotency key back: nothing was done, so the same call may come again.
    """
    closed = await session.scalar(
        update(RequestRow)
        .where(RequestRow.id == request_id, RequestRow.state == RequestState.OPEN)
        .values(state=RequestState.CLOSED, idempotency_key=None)
        .returning(RequestRow.id)
        .execution_options(synchronize_session=False)
    )
    return closed is not None


async def open_since(session: AsyncSession, before: datetime, limit: int) -> list[RequestRow]:
    """Requests received before that instant that no run has decided, oldest first."""
    rows = await session.scalars(
        select(RequestRow)
        .where(RequestRow.state == RequestState.OPEN, RequestRow.received_at < before)
        .order_by(RequestRow.received_at)
        .limit(limit)
    )
    return list(rows)
