"""Finding units of a resource for what a report wants reserved."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from domain import slots
from domain.errors import ResourceNotFound, SlotTaken
from domain.records import Columns
from domain.resources import Resource
from domain.slots import Busy, Span
from storage import bookings, resources
from storage.records import Batch
from storage.reservations import ReservationRow


@dataclass(frozen=True)
class Place:
    """One unit of a resource, found free for a line."""

    line: str
    resource_id: str
    unit: int
    times: Span
    during: Span

    def reserve(self, subject_id: UUID, batch: Batch) -> ReservationRow:
        return bookings.reservation(
            subject_id, self.line, self.resource_id, self.unit, self.times, self.during, batch.at
        )


async def find_places(
    batch: Batch, wanted: dict[str, Columns], but: Collection[UUID]
) -> list[Place]:
    """Find units for the bookings of some lines, `but` counts these reservations as free.

    Whoever books the same resource waits until this transaction ends. Raises SlotTaken,
    ResourceNotFound.
    """
    if not wanted:
        return []
    await batch.write()
    named = {booking["resource_id"] for booking in wanted.values()}
    known = await resources.lock(batch.session, named)
    if missing := named - known.keys():
        raise ResourceNotFound(f"there is no resource {min(missing)}")
    places: list[Place] = []
    for line, booking in wanted.items():
        places += await _find(batch, line, booking, known[booking["resource_id"]], places, but)
    return places


async def _find(
    batch: Batch,
    line: str,
    booking: Columns,
    resource: Resource,
    places: list[Place],
    but: Collection[UUID],
) -> list[Place]:
    name, times = booking["resource_id"], Span(booking["starts_at"], booking["ends_at"])
    during = slots.occupied(resource, times.start, times.end)
    busy = await bookings.busy(batch.session, name, during, but)
    busy += [Busy(place.unit, place.during) for place in places if place.resource_id == name]
    units = slots.free_units(resource, busy, during)[: booking["units"]]
    if len(units) < booking["units"]:
        raise _taken(name, resource, times)
    return [Place(line, name, unit, times, during) for unit in units]


def _taken(name: str, resource: Resource, times: Span) -> SlotTaken:
    start, end = (instant.astimezone(ZoneInfo(resource.zone)) for instant in times)
    return SlotTaken(
        f"{name} is not free from {start.isoformat()} to {end.isoformat()}",
        resource=name,
        starts_at=start.isoformat(),
        ends_at=end.isoformat(),
    )
