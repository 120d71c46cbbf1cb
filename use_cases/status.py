"""Where cancellations stand, one by one and in lists."""

from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_

from domain.lifecycle import CancellationState
from domain.subjects import Kind
from storage import events
from storage.cancellations import CancellationRow
from storage.events import EventRow
from storage.subjects import SubjectRow
from use_cases import cases
from use_cases.context import Context
from use_cases.paging import Page, cursor, read_instant_cursor
from use_cases.views import CancellationView, EventView, Status, Summary


async def get_cancellation(context: Context, cancellation_id: UUID) -> CancellationView:
    """A cancellation, or a request that is none yet or never became one."""
    async with context.sessions() as session:
        return cases.view(await cases.get(session, cancellation_id))


async def events_of(context: Context, cancellation_id: UUID) -> list[EventView]:
    """What happened in a cancellation, in order."""
    async with context.sessions() as session:
        await cases.get(session, cancellation_id)
        return [_event(row) for row in await events.of_cancellation(session, cancellation_id)]


async def list_cancellations(
    context: Context,
    *,
    state: CancellationState | None = None,
    kind: Kind | None = None,
    subject: str | None = None,
    limit: int,
    after: str | None = None,
) -> Page[Summary]:
    """Cancellations by when they were asked for, the newest first."""
    key = (CancellationRow.requested_at, CancellationRow.id)
    wanted: list[ColumnElement[bool]] = []
    if state:
        wanted.append(CancellationRow.state == state)
    if kind:
        wanted.append(SubjectRow.kind == kind)
    if subject:
        wanted.append(SubjectRow.ref == subject)
    if after:
        wanted.append(tuple_(*key) < tuple_(*read_instant_cursor(after)))
    async with context.sessions() as session:
        found = await session.execute(
            select(CancellationRow, SubjectRow.kind, SubjectRow.ref)
            .join(SubjectRow, SubjectRow.id == CancellationRow.subject_id)
            .where(*wanted)
            .order_by(*(column.desc() for column in key))
            .limit(limit + 1)
        )
        rows = found.all()
    last = rows[limit - 1][0] if len(rows) > limit else None
    return Page(
        items=tuple(_summary(row, kind, ref) for row, kind, ref in rows[:limit]),
        next=cursor(last.requested_at, last.id) if last is not None else None,
    )


def _summary(row: CancellationRow, kind: Kind, ref: str) -> Summary:
    return Summary.model_validate(
        {
            "id": row.id,
            "subject": {"kind": kind, "id": ref},
            "state": Status(row.state),
            "cause": row.cause,
            "reason": row.reason,
            "refund_minor": row.refund_minor,
            "fee_minor": row.fee_minor,
            "currency": row.currency,
            "attention": row.attention,
            "requested_at": row.requested_at,
            "ended_at": row.ended_at,
        }
    )


def _event(row: EventRow) -> EventView:
    return EventView(
        sequence=row.sequence, type=row.type, at=row.at, actor=row.actor, data=row.data
    )
