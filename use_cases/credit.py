"""Gift cards and store credit: what an account holds, and how it came to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.attention import Waits
from domain.errors import (
    AccountNotFound,
    ChoiceNotAllowed,
    InvalidCursor,
    RefundNotFound,
    SubjectNotFound,
)
from domain.ledger import AccountKind, Occasion
from domain.lifecycle import RefundState
from domain.money import Money
from domain.subjects import Handling
from domain.values import Value
from storage import credit, events, refunds
from storage.refunds import RefundRow
from use_cases.actors import Actor, Scope
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


async def take_back(context: Context, actor: Actor, refund_id: UUID) -> None:
    """Take a mistaken booking back by its opposite; the refund then waits for a person's word on
    how the money goes back instead. Repeating it changes nothing.

    Raises RefundNotFound, ChoiceNotAllowed if it was not booked on our ledger, CreditSpent if the
    customer has used it since.
    """
    actor.require(Scope.MONEY)
    at = context.clock()
    async with context.sessions.begin() as session:
        row = await _lock(session, refund_id)
        if row.handling is not Handling.LEDGER:
            raise ChoiceNotAllowed(f"refund {refund_id} was not booked on our ledger")
        if row.state is RefundState.SUCCEEDED:
            # The move first: it locks the series of credit notes before the account, as the pivot.
            row.failure, row.attention = "taken_back", Waits.REFUND
            await refunds.move(session, row, RefundState.FAILED, at)
            await credit.take_back(session, refund_id, at)
            await _record(session, row, actor, at)


async def _lock(session: AsyncSession, refund_id: UUID) -> RefundRow:
    try:
        await refunds.lock_subject(session, refund_id)
    except SubjectNotFound:
        raise RefundNotFound(f"there is no refund {refund_id}") from None
    row = await refunds.find(session, refund_id)
    assert row is not None
    return row


async def _record(session: AsyncSession, row: RefundRow, actor: Actor, at: datetime) -> None:
    await events.record(
        session,
        row.subject_id,
        "refund_failed",
        at,
        actor=actor.id,
        cancellation_id=row.cancellation_id,
        data={
            "refund": str(row.id),
            "tender": row.tender_id,
            "method": row.method,
            "amount_minor": row.amount_minor,
            "currency": row.currency,
            "failure": row.failure,
        },
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
