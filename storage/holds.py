"""The semantic lock: which piece of work has a subject, and how strictly."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Instant, words


class HoldMode(StrEnum):
    """Shared keeps out other cancellations and moves; exclusive also refuses changes of terms."""

    SHARED = "shared"
    EXCLUSIVE = "exclusive"


class HoldRow(Base):
    """One row on the top subject. `holder` names the kind of work, `holder_id` the one."""

    __tablename__ = "holds"

    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subjects.id"), primary_key=True)
    holder: Mapped[str] = mapped_column(default="cancellation")
    holder_id: Mapped[UUID]
    mode: Mapped[HoldMode] = mapped_column(words(HoldMode))
    taken_at: Mapped[Instant]


async def take(
    session: AsyncSession, subject_id: UUID, holder_id: UUID, mode: HoldMode, at: datetime
) -> bool:
    """Hold the subject and say whether this work now has it.

    Safe to repeat: a hold it has already is True, and takes the mode asked for now.
    """
    held = insert(HoldRow).values(
        subject_id=subject_id,
        holder="cancellation",
        holder_id=holder_id,
        mode=mode,
        taken_at=at,
    )
    taken = await session.scalar(
        held.on_conflict_do_update(
            index_elements=[HoldRow.subject_id],
            set_={"mode": mode},
            where=HoldRow.holder_id == holder_id,
        ).returning(HoldRow.holder_id)
    )
    return taken == holder_id


async def find(session: AsyncSession, subject_id: UUID) -> HoldRow | None:
    return await session.scalar(select(HoldRow).where(HoldRow.subject_id == subject_id))


async def release(session: AsyncSession, subject_id: UUID, holder_id: UUID) -> None:
    """Let go of the subject if this work has it; nothing to let go of is fine."""
    await session.execute(
        delete(HoldRow).where(HoldRow.subject_id == subject_id, HoldRow.holder_id == holder_id)
    )
