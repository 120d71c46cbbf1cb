"""Declarations of withdrawal that were filled in and not confirmed, kept for a while."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, delete, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Instant, Json, Key


class WithdrawalDraftRow(Base):
    """`holder` is who may read it: the hash of a browser's secret, or a subject whose customer is
    signed in. `document` holds a name and an address: personal text, which goes with it."""

    __tablename__ = "withdrawal_drafts"
    __table_args__ = (
        Index("ix_withdrawal_drafts_expires_at", "expires_at"),
        Index("ix_withdrawal_drafts_holder", "holder", "number"),
    )

    id: Mapped[Key]
    holder: Mapped[str]
    number: Mapped[str]
    document: Mapped[Json] = mapped_column(JSONB)
    expires_at: Mapped[Instant]


def keep(
    session: AsyncSession, id_: UUID, holder: str, number: str, document: Any, until: datetime
) -> None:
    session.add(
        WithdrawalDraftRow(
            id=id_, holder=holder, number=number, document=document, expires_at=until
        )
    )


async def find(session: AsyncSession, id_: UUID, holder: str, at: datetime) -> Any:
    """The document; None for who isn't its holder, and when its time is over."""
    return await session.scalar(
        select(WithdrawalDraftRow.document).where(
            WithdrawalDraftRow.id == id_,
            WithdrawalDraftRow.holder == holder,
            WithdrawalDraftRow.expires_at > at,
        )
    )


async def drop(session: AsyncSession, holder: str, number: str) -> None:
    """Drop all that this holder has of a number: it is declared."""
    row = WithdrawalDraftRow
    await session.execute(delete(row).where(row.holder == holder, row.number == number))


async def forget(session: AsyncSession, before: datetime) -> None:
    """Drop what ended before that instant, but for what somebody else drops just now."""
    row = WithdrawalDraftRow
    old = select(row.id).where(row.expires_at < before).with_for_update(skip_locked=True)
    await session.execute(delete(row).where(row.id.in_(old)))
