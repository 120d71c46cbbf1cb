"""What can be booked, and when it is free."""

from datetime import datetime, timedelta

from domain import slots
from domain.errors import InvalidRequest
from domain.records import Receipt
from domain.resources import Resource
from domain.slots import Slot, Span
from storage import bookings, resources
from storage.resources import ResourceRow
from use_cases.context import Context
from use_cases.paging import Page, cursor, read_cursor

LONGEST = timedelta(days=93)
"""The longest time for which slots are listed at once."""


class ResourceView(Resource):
    id: str


async def put(context: Context, resource_id: str, resource: Resource) -> Receipt:
    """Add a resource or change it. What is reserved already stays as it is."""
    async with context.sessions.begin() as session:
        return await resources.keep(session, resource_id, resource, context.clock())


async def get(context: Context, resource_id: str) -> ResourceView:
    async with context.sessions() as session:
        return _view(await resources.get(session, resource_id))


async def list_resources(
    context: Context, *, limit: int, after: str | None = None
) -> Page[ResourceView]:
    """Resources by their id."""
    start = read_cursor(after, 1)[0] if after else ""
    async with context.sessions() as session:
        rows = await resources.page(session, start, limit + 1)
    more = len(rows) > limit
    return Page(
        items=tuple(map(_view, rows[:limit])), next=cursor(rows[limit - 1].id) if more else None
    )


async def free_slots(
    context: Context, resource_id: str, start: datetime, end: datetime, minutes: int | None
) -> list[Slot]:
    """The slots of so many minutes that are free, from now at the earliest."""
    if not start < end <= start + LONGEST:
        raise InvalidRequest(f"to must lie after from, by at most {LONGEST.days} days")
    within = Span(max(start, context.clock()), end)
    async with context.sessions() as session:
        resource = resources.resource_of(await resources.get(session, resource_id))
        reach = slots.occupied(resource, *within)
        busy = await bookings.busy(session, resource_id, reach)
    length = timedelta(minutes=minutes) if minutes else None
    return slots.free_slots(resource, busy, within, length)


def _view(row: ResourceRow) -> ResourceView:
    return ResourceView(id=row.id, **dict(resources.resource_of(row)))
