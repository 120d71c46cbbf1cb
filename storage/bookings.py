"""Taking units of a resource for a line, and letting go of them."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from domain.slots import Busy, Span
from storage.reservations import ReservationRow, ReservationState

KEEPS_OTHERS_OUT = (ReservationState.ACTIVE, ReservationState.RELEASING)


async def of_subjects(
    session: AsyncSession, subject_ids: Collection[UUID]
) -> dict[UUID, list[ReservationRow]]:
    """What still keeps others out, by subject and in the order of line and unit."""
    rows = await session.scalars(
        select(ReservationRow)
        .where(
            ReservationRow.subject_id.in_(subject_ids), ReservationRow.state.in_(KEEPS_OTHERS_OUT)
        )
        .order_by(ReservationRow.line_id, ReservationRow.unit)
    )
    by_subject: dict[UUID, list[ReservationRow]] = {}
    for row in rows:
        by_subject.setdefault(row.subject_id, []).append(row)
    return by_subject


async def busy(
    session: AsyncSession, resource_id: str, span: Span, but: Collection[UUID] = ()
) -> list[Busy]:
    """Who keeps others out of a resource at any time of a span, `but` for these reservations."""
    rows = await session.execute(
        select(
            ReservationRow.unit,
            func.lower(ReservationRow.during),
            func.upper(ReservationRow.during),
        ).where(
            ReservationRow.resource_id == resource_id,
            ReservationRow.state.in_(KEEPS_OTHERS_OUT),
            ReservationRow.during.overlaps(Range(span.start, span.end)),
            ReservationRow.id.not_in(but),
        )
    )
    return [Busy(unit, Span(start, end)) for unit, start, end in rows]


def reservation(
    subject_id: UUID,
    line_id: str,
    resource_id: str,
    unit: int,
    times: Span,
    during: Span,
    at: datetime,
) -> ReservationRow:
    return ReservationRow(
        id=uuid4(),
        resource_id=resource_id,
        unit=unit,
        during=Range(during.start, during.end),
        starts_at=times.start,
        ends_at=times.end,
        state=ReservationState.ACTIVE,
        subject_id=subject_id,
        line_id=line_id,
        created_at=at,
        updated_at=at,
    )
