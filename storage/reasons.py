"""The reason catalogue."""

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.reasons import Reason
from domain.subjects import Kind
from storage.base import Base, Instant, Json


class ReasonRow(Base):
    """A retired reason stays: old cancellations point to it."""

    __tablename__ = "reasons"

    code: Mapped[str] = mapped_column(primary_key=True)
    labels: Mapped[Json] = mapped_column(JSONB)
    kinds: Mapped[Json] = mapped_column(JSONB)
    note_required: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[Instant | None]
    updated_at: Mapped[Instant]

    @property
    def reason(self) -> Reason:
        return Reason(
            code=self.code,
            labels=self.labels,
            kinds=frozenset(Kind(kind) for kind in self.kinds),
            note_required=self.note_required,
            retired=self.retired_at is not None,
            position=self.position,
        )


async def find(session: AsyncSession, code: str) -> Reason | None:
    row = await session.scalar(_FIND, {"code": code})
    return row.reason if row else None


_FIND = select(ReasonRow).where(ReasonRow.code == bindparam("code"))


async def offered(session: AsyncSession, kind: Kind | None = None) -> list[Reason]:
    """The reasons to choose from, in the merchant's order; for one kind, or all of them."""
    rows = await session.scalars(
        select(ReasonRow)
        .where(ReasonRow.retired_at.is_(None))
        .order_by(ReasonRow.position, ReasonRow.code)
    )
    return [row.reason for row in rows if kind is None or kind in row.reason.kinds]


async def keep(session: AsyncSession, reason: Reason, at: datetime) -> None:
    """Add a reason or change it; repeating it changes nothing."""
    values = {
        "labels": reason.labels,
        "kinds": sorted(reason.kinds),
        "note_required": reason.note_required,
        "position": reason.position,
        "retired_at": at if reason.retired else None,
        "updated_at": at,
    }
    await session.execute(
        insert(ReasonRow)
        .values(code=reason.code, **values)
        .on_conflict_do_update(index_elements=[ReasonRow.code], set_=values)
    )
