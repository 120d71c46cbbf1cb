"""All that a customer asked for and declared, and the money that went back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.subjects import Kind
from domain.values import Value
from storage import own_histories
from storage.own_histories import How, What
from use_cases.context import Context
from use_cases.customers import Customer
from use_cases.paging import Page, cursor, read_instant_cursor

__all__ = ["Entry", "How", "Total", "What", "page", "totals"]


class Entry(Value):
    """One thing asked for or declared. `ref` is the order or appointment as it was named;
    `was_asked` where a person had to agree to a cancellation."""

    what: What
    id: UUID
    kind: Kind
    ref: str
    zone: str | None
    state: str
    how: How
    amount: int | None
    currency: str | None
    at: datetime
    cancellation_id: UUID | None
    was_asked: bool


class Total(Value):
    """What came back in a currency, and what is on its way."""

    currency: str
    back_minor: int
    owed_minor: int


async def page(
    context: Context,
    customer: Customer,
    limit: int,
    how: How | None = None,
    after: str | None = None,
) -> Page[Entry]:
    """The newest first. Raises InvalidCursor."""
    place = read_instant_cursor(after) if after else None
    async with context.sessions() as session:
        rows = await own_histories.page(session, customer.owner, limit + 1, how, place)
    entries = tuple(Entry.model_validate(row._asdict()) for row in rows[:limit])
    last = entries[-1] if len(rows) > limit else None
    return Page(items=entries, next=cursor(last.at.isoformat(), last.id) if last else None)


async def totals(context: Context, customer: Customer) -> Sequence[Total]:
    async with context.sessions() as session:
        rows = await own_histories.refunded(session, customer.owner)
    return [
        Total(currency=currency, back_minor=back, owed_minor=owed) for currency, back, owed in rows
    ]
