"""The semantic lock: which piece of work has a subject, and how strictly."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Instant, table, words


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
    hold = {"subject_id": subject_id, "holder_id": holder_id, "mode": mode, "taken_at": at}
    return await session.scalar(_TAKE, {**hold, "holder": "cancellation"}) is not None


_INSERT = insert(table(HoldRow))
_TAKE = _INSERT.on_conflict_do_update(
    index_elements=[HoldRow.subject_id],
    set_={"mode": _INSERT.excluded.mode},
    where=HoldRow.holder_id == _INSERT.excluded.holder_id,
).returning(HoldRow.holder_id)


async def find(session: AsyncSession, subject_id: UUID) -> HoldRow | None:
    return await session.scalar(select(HoldRow).where(HoldRow.subject_id == subject_id))


async def release(session: AsyncSession, subject_id: UUID, holder_id: UUID) -> None:
    """Let go of the subject if this work has it; nothing to let go of is fine."""
    await session.execute(_RELEASE, {"subject": subject_id, "held_by": holder_id})


_RELEASE = delete(table(HoldRow)).where(
    HoldRow.subject_id == bindparam("subject"), HoldRow.holder_id == bindparam("held_by")
)
