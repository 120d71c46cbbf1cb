"""Where refunds stand, one by one and in lists."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_

from domain.errors import RefundNotFound
from domain.lifecycle import REFUND_AT_REST, RefundState
from domain.subjects import Kind, SubjectRef
from storage import events, payouts, refunds
from storage.events import EventRow
from storage.refunds import RefundRow
from storage.subjects import SubjectRow
from use_cases.actors import Actor, Scope
from use_cases.context import Context
from use_cases.paging import Page, cursor, read_instant_cursor
from use_cases.refund_views import RefundDetail, RefundSummary, detail, summary
from use_cases.views import EventView


async def get_refund(context: Context, actor: Actor, refund_id: UUID) -> RefundDetail:
    """All of a refund. Where the customer wants it is shown to those who may pay it out."""
    async with context.sessions() as session:
        row = await refunds.find(session, refund_id)
        if row is None:
            raise RefundNotFound(f"there is no refund {refund_id}")
        subject = await session.get_one(SubjectRow, row.subject_id)
        return detail(
            row,
            subject.subject,
            await payouts.find(session, refund_id),
            [_event(event) for event in await events.of_refund(session, row.subject_id, row.id)],
            may_see_details=actor.can(Scope.MONEY),
        )


async def list_refunds(
    context: Context,
    *,
    state: RefundState | None = None,
    attention: str | None = None,
    waiting: bool | None = None,
    method: str | None = None,
    kind: Kind | None = None,
    subject: str | None = None,
    cancellation_id: UUID | None = None,
    due_before: datetime | None = None,
    limit: int,
    after: str | None = None,
) -> Page[RefundSummary]:
    """Refunds by when they came up, the newest first. What is settled is due no more."""
    key = (RefundRow.created_at, RefundRow.id)
    same = {
        RefundRow.state: state,
        RefundRow.attention: attention,
        RefundRow.method: method,
        SubjectRow.kind: kind,
        SubjectRow.ref: subject,
        RefundRow.cancellation_id: cancellation_id,
    }
    wanted: list[ColumnElement[bool]] = [
        column == value for column, value in same.items() if value is not None
    ]
    if waiting is not None:
        wanted.append(RefundRow.attention.is_(None) != waiting)
    if due_before is not None:
        wanted += [RefundRow.due_by < due_before, RefundRow.state.not_in(REFUND_AT_REST)]
    if after:
        wanted.append(tuple_(*key) < tuple_(*read_instant_cursor(after)))
    async with context.sessions() as session:
        found = await session.execute(
            select(RefundRow, SubjectRow.kind, SubjectRow.ref)
            .join(SubjectRow, SubjectRow.id == RefundRow.subject_id)
            .where(*wanted)
            .order_by(*(column.desc() for column in key))
            .limit(limit + 1)
        )
        rows = found.all()
    last = rows[limit - 1][0] if len(rows) > limit else None
    return Page(
        items=tuple(summary(row, SubjectRef(kind=k, id=ref)) for row, k, ref in rows[:limit]),
        next=cursor(last.created_at, last.id) if last is not None else None,
    )


def _event(row: EventRow) -> EventView:
    return EventView(
        sequence=row.sequence, type=row.type, at=row.at, actor=row.actor, data=row.data
    )
