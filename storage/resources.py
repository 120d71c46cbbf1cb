"""What can be booked: a chair, a room, a practitioner."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import CheckConstraint, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.errors import ResourceNotFound
from domain.records import Receipt
from domain.resources import Resource
from storage.base import Base, Instant, Json


class ResourceRow(Base):
    """Opening hours are civil times in `zone`, by ISO weekday: {"1": [["09:00", "17:30"]]}.

    Slots are offered every `slot_minutes`; buffers are kept free around each reservation;
    capacity n is units 1 to n.
    """

    __tablename__ = "resources"
    __table_args__ = (
        CheckConstraint("slot_minutes BETWEEN 1 AND 1440", "slot_minutes"),
        CheckConstraint("buffer_before_minutes >= 0 AND buffer_after_minutes >= 0", "buffers"),
        CheckConstraint("capacity >= 1", "capacity"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    zone: Mapped[str]
    weekly_hours: Mapped[Json] = mapped_column(JSONB)
    slot_minutes: Mapped[int]
    buffer_before_minutes: Mapped[int] = mapped_column(default=0)
    buffer_after_minutes: Mapped[int] = mapped_column(default=0)
    capacity: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]


def resource_of(row: ResourceRow) -> Resource:
    return Resource.model_validate({name: getattr(row, name) for name in Resource.model_fields})


async def get(session: AsyncSession, resource_id: str) -> ResourceRow:
    if row := await session.get(ResourceRow, resource_id, populate_existing=True):
        return row
    raise ResourceNotFound(f"there is no resource {resource_id}")


async def lock(session: AsyncSession, ids: Collection[str]) -> dict[str, Resource]:
    """Lock resources until the transaction ends, so that who books them takes turns."""
    rows = await session.scalars(
        select(ResourceRow)
        .where(ResourceRow.id.in_(ids))
        .order_by(ResourceRow.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {row.id: resource_of(row) for row in rows}


async def page(session: AsyncSession, after: str, limit: int) -> list[ResourceRow]:
    rows = await session.scalars(
        select(ResourceRow).where(ResourceRow.id > after).order_by(ResourceRow.id).limit(limit)
    )
    return list(rows)


async def keep(
    session: AsyncSession, resource_id: str, resource: Resource, at: datetime
) -> Receipt:
    """Add a resource or change it; repeating it changes nothing."""
    columns = resource.model_dump(mode="json")
    row = await session.get(ResourceRow, resource_id, with_for_update=True, populate_existing=True)
    if row is None:
        session.add(ResourceRow(id=resource_id, **columns, created_at=at, updated_at=at))
        await session.flush()
        return Receipt.CREATED
    if all(getattr(row, name) == value for name, value in columns.items()):
        return Receipt.UNCHANGED
    for name, value in columns.items():
        setattr(row, name, value)
    row.updated_at = at
    return Receipt.UPDATED
