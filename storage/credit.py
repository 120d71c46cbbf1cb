"""Our ledger of gift cards and store credit: transactions of postings, added and never changed.

Triggers of the database keep the rules (migration 0004): a transaction's postings add up to nothing
in each currency when it is committed, no row is changed or taken away, and each posting moves the
balance of a customer's account, which a check keeps from falling below nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain import ledger
from domain.errors import CreditSpent
from domain.ledger import AccountKind, Occasion, Posting, Transaction
from domain.money import Money
from storage.base import Amount, Base, Instant, Key, words


class AccountRow(Base):
    """A gift card's number, a customer's store credit, or a counter."""

    __tablename__ = "ledger_accounts"

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[AccountKind] = mapped_column(words(AccountKind))
    opened_at: Mapped[Instant]


class TransactionRow(Base):
    """`size` is how many postings it has, so that none can be added later."""

    __tablename__ = "ledger_transactions"
    __table_args__ = (
        CheckConstraint("size >= 2", "size"),
        CheckConstraint("(reverses IS NULL) = (occasion <> 'reversal')", "reverses"),
        Index("ix_ledger_transactions_refund_id", "refund_id"),
    )

    id: Mapped[Key]
    occasion: Mapped[Occasion] = mapped_column(words(Occasion))
    size: Mapped[int]
    refund_id: Mapped[UUID | None] = mapped_column(ForeignKey("refunds.id"))
    reverses: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_transactions.id"), unique=True)
    at: Mapped[Instant]


class PostingRow(Base):
    __tablename__ = "ledger_postings"
    __table_args__ = (
        CheckConstraint("amount_minor <> 0", "something"),
        Index("ix_ledger_postings_account", "account", "id"),
        Index("ix_ledger_postings_transaction_id", "transaction_id"),
    )

    id: Mapped[Amount] = mapped_column(Identity(always=True), primary_key=True)
    transaction_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_transactions.id"))
    account: Mapped[str] = mapped_column(ForeignKey("ledger_accounts.id"))
    amount_minor: Mapped[Amount]
    currency: Mapped[str]


class BalanceRow(Base):
    """What a customer's account holds. Counters have none: all bookings would queue at that row."""

    __tablename__ = "ledger_balances"
    __table_args__ = (CheckConstraint("balance_minor >= 0", "not_negative"),)

    account: Mapped[str] = mapped_column(ForeignKey("ledger_accounts.id"), primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    balance_minor: Mapped[Amount]


async def book(
    session: AsyncSession,
    account: str,
    amount_minor: int,
    currency: str,
    refund_id: UUID,
    at: datetime,
) -> None:
    """Give a refund to an account. Booked already and not taken back: nothing changes.

    The caller holds the lock of the refund's subject.
    """
    booked = await _of_refund(session, refund_id)
    reversed_ = {row.reverses for row in booked if row.reverses}
    gone = [row for row in booked if row.reverses is None and row.id in reversed_]
    amount = Money(minor=amount_minor, currency=currency)
    if 2 * len(gone) == len(booked):
        await post(session, ledger.refunding(account, amount, refund_id, len(gone), at))


async def take_back(session: AsyncSession, refund_id: UUID, at: datetime) -> bool:
    """Take a refund's booking back by its opposite; False: there is none that still counts.

    Raises CreditSpent if the account no longer holds it.
    """
    booked = await _of_refund(session, refund_id)
    reversed_ = {row.reverses for row in booked if row.reverses}
    row = next((row for row in booked if not row.reverses and row.id not in reversed_), None)
    if row is None:
        return False
    undoing = ledger.reversal(await _read(session, row), at)
    for posting in undoing.postings:
        await _require(session, posting)
    return await post(session, undoing)


async def post(session: AsyncSession, transaction: Transaction) -> bool:
    """Write a transaction; the same again is False and changes nothing.

    Accounts are taken in the order of their names, so that no two transactions wait for each other.
    """
    written = await session.scalar(
        insert(TransactionRow)
        .values(
            id=transaction.id,
            occasion=transaction.occasion,
            size=len(transaction.postings),
            refund_id=transaction.refund_id,
            reverses=transaction.reverses,
            at=transaction.at,
        )
        .on_conflict_do_nothing(index_elements=[TransactionRow.id])
        .returning(TransactionRow.id)
    )
    if written is None:
        return False
    postings = sorted(transaction.postings, key=lambda one: (one.account, one.amount.currency))
    await _open_accounts(session, postings, transaction.at)
    for posting in postings:
        await session.execute(
            insert(PostingRow).values(
                transaction_id=transaction.id,
                account=posting.account,
                amount_minor=posting.amount.minor,
                currency=posting.amount.currency,
            )
        )
    return True


async def balance(session: AsyncSession, account: str, currency: str) -> int:
    """What a customer's account holds in this currency, in minor units."""
    held = await session.scalar(
        select(BalanceRow.balance_minor).where(
            BalanceRow.account == account, BalanceRow.currency == currency
        )
    )
    return held or 0


async def balances(session: AsyncSession, account: str) -> list[BalanceRow]:
    rows = await session.scalars(
        select(BalanceRow).where(BalanceRow.account == account).order_by(BalanceRow.currency)
    )
    return list(rows)


async def find_account(session: AsyncSession, account: str) -> AccountRow | None:
    return await session.get(AccountRow, account)


async def statement(
    session: AsyncSession, account: str, limit: int, before: int | None = None
) -> list[tuple[PostingRow, TransactionRow]]:
    """An account's postings with their transactions, last first."""
    query = (
        select(PostingRow, TransactionRow)
        .join(TransactionRow, TransactionRow.id == PostingRow.transaction_id)
        .where(PostingRow.account == account)
        .order_by(PostingRow.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(PostingRow.id < before)
    return [(posting, transaction) for posting, transaction in await session.execute(query)]


async def _of_refund(session: AsyncSession, refund_id: UUID) -> list[TransactionRow]:
    rows = await session.scalars(
        select(TransactionRow).where(TransactionRow.refund_id == refund_id)
    )
    return list(rows)


async def _read(session: AsyncSession, row: TransactionRow) -> Transaction:
    postings = await session.scalars(
        select(PostingRow).where(PostingRow.transaction_id == row.id).order_by(PostingRow.id)
    )
    return Transaction(
        id=row.id,
        occasion=row.occasion,
        postings=tuple(
            Posting(
                account=one.account, amount=Money(minor=one.amount_minor, currency=one.currency)
            )
            for one in postings
        ),
        at=row.at,
        refund_id=row.refund_id,
        reverses=row.reverses,
    )


async def _require(session: AsyncSession, posting: Posting) -> None:
    """Say in our words what the check would refuse; it stays the last guard."""
    if ledger.kind_of(posting.account) is AccountKind.COUNTER or posting.amount.minor > 0:
        return
    held = await session.scalar(
        select(BalanceRow.balance_minor)
        .where(
            BalanceRow.account == posting.account, BalanceRow.currency == posting.amount.currency
        )
        .with_for_update()
    )
    if (held or 0) < -posting.amount.minor:
        raise CreditSpent(f"account {posting.account} no longer holds what is to be taken back")


async def _open_accounts(session: AsyncSession, postings: Sequence[Posting], at: datetime) -> None:
    names = sorted({posting.account for posting in postings})
    await session.execute(
        insert(AccountRow)
        .values([{"id": name, "kind": ledger.kind_of(name), "opened_at": at} for name in names])
        .on_conflict_do_nothing(index_elements=[AccountRow.id])
    )
