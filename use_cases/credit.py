"""Gift cards and store credit: what an account holds, and how it came to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import AccountNotFound, InvalidCursor
from domain.ledger import AccountKind, Occasion
from domain.money import Money
from domain.values import Value
from storage import credit
from use_cases.context import Context
from use_cases.paging import cursor, read_cursor


class Entry(Value):
    """One booking; `amount` is what the account gained, or lost if it is below nothing.

    `transaction` is the booking as a whole, with its other side; `reverses` the one it took back.
    """

    transaction: UUID
    occasion: Occasion
    amount: Money
    refund_id: UUID | None
    reverses: UUID | None
    at: datetime


class Statement(Value):
    """An account with some of its entries, last first; `next` asks for those before them."""

    account: str
    kind: AccountKind
    balances: tuple[Money, ...]
    entries: tuple[Entry, ...]
    next: str | None = None


async def statement(
    context: Context, account: str, limit: int, after: str | None = None
) -> Statement:
    """Read an account. Raises AccountNotFound if nothing was ever booked on it."""
    before = _place(after) if after else None
    async with context.sessions() as session:
        row = await credit.find_account(session, account)
        if row is None:
            raise AccountNotFound(f"nothing was ever booked on account {account}")
        entries, following = await _page(session, account, limit, before)
        held = await credit.balances(session, account)
    return Statement(
        account=row.id,
        kind=row.kind,
        balances=tuple(Money(minor=one.balance_minor, currency=one.currency) for one in held),
        entries=entries,
        next=following,
    )


async def _page(
    session: AsyncSession, account: str, limit: int, before: int | None
) -> tuple[tuple[Entry, ...], str | None]:
    rows = await credit.statement(session, account, limit + 1, before)
    entries = tuple(
        Entry(
            transaction=booked.id,
            occasion=booked.occasion,
            amount=Money(minor=posting.amount_minor, currency=posting.currency),
            refund_id=booked.refund_id,
            reverses=booked.reverses,
            at=booked.at,
        )
        for posting, booked in rows[:limit]
    )
    return entries, cursor(rows[limit - 1][0].id) if len(rows) > limit else None


def _place(text: str) -> int:
    (place,) = read_cursor(text, 1)
    if not place.isdecimal() or len(place) > 18:
        raise InvalidCursor("this cursor belongs to another list")
    return int(place)
