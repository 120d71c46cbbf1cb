"""Files that customers sent with their requests, and when they are deleted."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Computed,
    ForeignKey,
    Identity,
    LargeBinary,
    UniqueConstraint,
    delete,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, defer, mapped_column

from domain.lifecycle import CancellationState
from storage.base import Base, Instant
from storage.cancellations import CancellationRow
from storage.requests import RequestRow, RequestState


class EvidenceRow(Base):
    """One file as it came in. `name` is cleaned, `media_type` was told by the content.

    Name and content are personal, often about somebody's health: they are nowhere else.
    """

    __tablename__ = "evidence"
    __table_args__ = (UniqueConstraint("request_id", "digest"),)

    number: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("requests.id"))
    received_at: Mapped[Instant]
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    content: Mapped[bytes]
    digest: Mapped[bytes] = mapped_column(LargeBinary, Computed("sha256(content)", persisted=True))


async def keep(
    session: AsyncSession,
    request_id: UUID,
    name: str,
    media_type: str,
    content: bytes,
    at: datetime,
) -> None:
    """Keep a file with its request. The same content again changes nothing."""
    await session.execute(
        insert(EvidenceRow)
        .values(
            request_id=request_id,
            received_at=at,
            name=name,
            media_type=media_type,
            size=len(content),
            content=content,
        )
        .on_conflict_do_nothing(index_elements=[EvidenceRow.request_id, EvidenceRow.digest])
    )


async def count_of_subject(session: AsyncSession, subject_id: UUID) -> int:
    """How many files are kept with all requests for one subject.

    Who counts is the only one to, until the end of the transaction: others wait.
    """
    turn = func.pg_advisory_xact_lock(func.hashtextextended(str(subject_id), 0))
    await session.execute(select(turn))
    counted = await session.scalar(
        select(func.count(EvidenceRow.number))
        .join(RequestRow, RequestRow.id == EvidenceRow.request_id)
        .where(RequestRow.subject_id == subject_id)
    )
    return counted or 0


async def count_of(session: AsyncSession, cancellation_id: UUID) -> int:
    counted = await session.scalar(
        select(func.count(EvidenceRow.number)).where(_belongs_to(cancellation_id))
    )
    return counted or 0


async def of_cancellation(session: AsyncSession, cancellation_id: UUID) -> Sequence[EvidenceRow]:
    """What came with it and with requests that joined it, in order, without the content."""
    rows = await session.scalars(
        select(EvidenceRow)
        .options(defer(EvidenceRow.content, raiseload=True))
        .where(_belongs_to(cancellation_id))
        .order_by(EvidenceRow.number)
    )
    return rows.all()


async def find(session: AsyncSession, cancellation_id: UUID, number: int) -> EvidenceRow | None:
    """One file with its content, if it came with this cancellation."""
    found: EvidenceRow | None = await session.scalar(
        select(EvidenceRow).where(EvidenceRow.number == number, _belongs_to(cancellation_id))
    )
    return found


async def forget(session: AsyncSession, before: datetime) -> int:
    """Delete what nobody needs any more, and say how many files that was.

    That is what belongs to a cancellation that ended before that instant, and, however young, what
    came with a request that was refused or taken back: nobody decides about it.
    """
    old = (
        select(EvidenceRow.number)
        .join(RequestRow, RequestRow.id == EvidenceRow.request_id)
        .outerjoin(
            CancellationRow,
            CancellationRow.id == func.coalesce(RequestRow.joined_id, RequestRow.id),
        )
        .where(
            or_(
                RequestRow.state.in_((RequestState.REFUSED, RequestState.CLOSED)),
                CancellationRow.state == CancellationState.UNDONE,
                CancellationRow.ended_at < before,
            )
        )
        .with_for_update(of=EvidenceRow, skip_locked=True)
    )
    gone = delete(EvidenceRow).where(EvidenceRow.number.in_(old)).returning(EvidenceRow.number)
    return len((await session.scalars(gone)).all())


def _belongs_to(cancellation_id: UUID) -> ColumnElement[bool]:
    joined = select(RequestRow.id).where(
        RequestRow.joined_id == cancellation_id, RequestRow.state == RequestState.JOINED
    )
    return or_(EvidenceRow.request_id == cancellation_id, EvidenceRow.request_id.in_(joined))
