"""Whether nothing new is started for now: at most one row."""

from datetime import datetime

from sqlalchemy import CheckConstraint, delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Instant


class MaintenanceRow(Base):
    """`until` is when it is expected to be over; it is over when the row is gone."""

    __tablename__ = "maintenance"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    began_at: Mapped[Instant]
    until: Mapped[Instant | None]


async def begin(session: AsyncSession, at: datetime, until: datetime | None) -> None:
    """Begin, or if it has begun change until when."""
    await session.execute(
        insert(MaintenanceRow)
        .values(id=1, began_at=at, until=until)
        .on_conflict_do_update(index_elements=[MaintenanceRow.id], set_={"until": until})
    )


async def end(session: AsyncSession) -> None:
    await session.execute(delete(MaintenanceRow))


async def find(session: AsyncSession) -> MaintenanceRow | None:
    return await session.get(MaintenanceRow, 1)
