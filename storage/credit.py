"""Our ledger of store credit and gift cards: entries are added, never changed."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Amount, Base, Instant, Key


class CreditEntryRow(Base):
    """A booking on an account: a gift card's number or a customer's store credit."""

    __tablename__ = "credit_entries"

    id: Mapped[Key]
    account: Mapped[str] = mapped_column(index=True)
    amount_minor: Mapped[Amount]
    currency: Mapped[str]
    refund_id: Mapped[UUID | None] = mapped_column(ForeignKey("refunds.id"), unique=True)
    memo: Mapped[str] = mapped_column(default="")
    at: Mapped[Instant]


async def book(
    session: AsyncSession,
    account: str,
    amount_minor: int,
    currency: str,
    refund_id: UUID,
    at: datetime,
) -> None:
    """Book a refund on an account; the same refund again changes nothing."""
    await session.execute(
        insert(CreditEntryRow)
        .values(
            id=uuid4(),
            account=account,
            amount_minor=amount_minor,
            currency=currency,
            refund_id=refund_id,
            memo="refund",
            at=at,
        )
        .on_conflict_do_nothing(index_elements=[CreditEntryRow.refund_id])
    )


async def balance(session: AsyncSession, account: str, currency: str) -> int:
    """What an account holds in this currency, in minor units."""
    return (
        await session.scalar(
            select(func.coalesce(func.sum(CreditEntryRow.amount_minor), 0)).where(
                CreditEntryRow.account == account, CreditEntryRow.currency == currency
            )
        )
        or 0
    )
