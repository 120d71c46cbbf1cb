"""Declarations of withdrawal from a contract, kept as they came in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Instant, Json, Key


class WithdrawalRow(Base):
    """What somebody declared, in their own words, and the receipt they were given for it.

    A trigger keeps it from being changed or deleted. `number` is the order as they named it,
    `subject_id` what that was found to be, `lines` what was chosen of it: nothing means all of it,
    unless `part` says otherwise in words. Name and address are personal text.
    """

    __tablename__ = "withdrawals"

    id: Mapped[Key]
    received_at: Mapped[Instant]
    language: Mapped[str]
    name: Mapped[str]
    email: Mapped[str]
    number: Mapped[str]
    part: Mapped[str]
    subject_id: Mapped[UUID | None] = mapped_column(ForeignKey("subjects.id"), index=True)
    lines: Mapped[Json] = mapped_column(JSONB)
    receipt: Mapped[bytes]


async def keep(session: AsyncSession, id_: UUID, received_at: datetime, **columns: Any) -> bool:
    """Keep a declaration; False if there is one of this id, which stays as it is."""
    kept = await session.scalar(
        insert(WithdrawalRow)
        .values(id=id_, received_at=received_at, **columns)
        .on_conflict_do_nothing(index_elements=[WithdrawalRow.id])
        .returning(WithdrawalRow.id)
    )
    return kept is not None
