"""What is due on top: a list of it, and staff's word on what they collected or waive."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from domain.card_holds import CARD_HOLD_AT_REST
from domain.dues import DueState
from domain.errors import AlreadyAnswered, DueNotFound, DueUnderWay, InvalidRequest
from domain.subjects import Kind, SubjectRef
from domain.values import Value
from storage import card_holds, dues, events, subjects
from storage.dues import DueRow
from storage.subjects import SubjectRow
from use_cases.actors import Actor, Scope
from use_cases.context import Context
from use_cases.due_views import DueView, due_view
from use_cases.paging import Page, cursor, read_instant_cursor


class DueSummary(DueView):
    """A due in a list."""

    subject: SubjectRef


class Settled(Value):
    """How a due came to its end outside of us, and why."""

    state: Literal[DueState.COLLECTED, DueState.WAIVED]
    reason: Annotated[str, Field(min_length=1, max_length=500)]


async def list_dues(
    context: Context, *, state: DueState | None = None, limit: int, after: str | None = None
) -> Page[DueSummary]:
    """Dues by when they came up, the oldest first."""
    key = (DueRow.created_at, DueRow.id)
    wanted: list[ColumnElement[bool]] = [DueRow.state == state] if state else []
    if after:
        wanted.append(tuple_(*key) > tuple_(*read_instant_cursor(after)))
    async with context.sessions() as session:
        found = await session.execute(
            select(DueRow, SubjectRow.kind, SubjectRow.ref)
            .join(SubjectRow, SubjectRow.id == DueRow.subject_id)
            .where(*wanted)
            .order_by(*key)
            .limit(limit + 1)
        )
        rows = found.all()
    last = rows[limit - 1][0] if len(rows) > limit else None
    return Page(
        items=tuple(_summary(row, kind, ref) for row, kind, ref in rows[:limit]),
        next=cursor(last.created_at, last.id) if last is not None else None,
    )


async def settle(context: Context, actor: Actor, due_id: UUID, settled: Settled) -> DueView:
    """Mark what is left of a due as collected by the merchant, or waive it.

    Saying the same again changes nothing. Raises DueNotFound, AlreadyAnswered, and DueUnderWay
    while a held card may still give it: one that waits for a person has to be left first.
    """
    actor.require(Scope.MONEY)
    if not settled.reason.strip():
        raise InvalidRequest("settling a due takes a reason")
    async with context.sessions.begin() as session:
        row = await _lock(session, due_id)
        if row.state is settled.state:
            return due_view(row)
        if row.state is not DueState.OWED:
            raise AlreadyAnswered(f"due {due_id} is {row.state}")
        await _check_no_card_gives_it(session, row)
        at = context.clock()
        left = row.outstanding_minor
        row.state, row.settled_at = DueState(settled.state), at
        row.settled_by, row.reason = actor.id, settled.reason
        await events.record(
            session,
            row.subject_id,
            f"due_{settled.state}",
            at,
            actor=actor.id,
            cancellation_id=row.cancellation_id,
            data={"due": str(row.id), "amount_minor": left, "currency": row.currency},
        )
        return due_view(row)


async def _lock(session: AsyncSession, due_id: UUID) -> DueRow:
    """Lock the due's subject, then read the due as it is now."""
    row = await dues.find(session, due_id)
    if row is None:
        raise DueNotFound(f"there is no due {due_id}")
    await subjects.lock(session, row.subject_id)
    await session.refresh(row)
    return row


async def _check_no_card_gives_it(session: AsyncSession, row: DueRow) -> None:
    for hold in await card_holds.of_subject(session, row.subject_id):
        if hold.take_minor and hold.state not in CARD_HOLD_AT_REST:
            raise DueUnderWay(f"due {row.id} may yet be captured of a held card", hold=str(hold.id))


def _summary(row: DueRow, kind: Kind, ref: str) -> DueSummary:
    return DueSummary(**dict(due_view(row)), subject=SubjectRef(kind=kind, id=ref))
