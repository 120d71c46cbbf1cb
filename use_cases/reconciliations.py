"""Comparing our refunds with the providers': asking for it, and reading what it found."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import (
    ChoiceNotAllowed,
    DifferenceNotFound,
    NoLongerHeld,
    ReconciliationNotFound,
)
from domain.reconciliation import ADOPTED, Difference, DifferenceState
from domain.subjects import SubjectRef
from domain.values import Value
from storage import differences, events, reconciliations, subjects, tenders
from storage.differences import DifferenceRow
from storage.reconciliations import ReconciliationRow
from storage.subjects import SubjectRow
from storage.tenders import TenderRow
from use_cases.actors import Actor, Scope
from use_cases.context import Context
from use_cases.paging import Page, cursor, read_instant_cursor

WEEK = timedelta(days=7)


class ReconciliationView(Value):
    """One comparison. It has ended once `ended_at` is there; then the numbers count.

    `strangers` are listed refunds of payments that we don't know, `differences` what didn't agree.
    """

    id: UUID
    since: datetime
    started_at: datetime
    ended_at: datetime | None
    listed: int
    strangers: int
    differences: int


class DifferenceView(Value):
    """One thing that doesn't agree, as it was last seen.

    What only one side knows is missing on the other. `can_adopt`: a person may record the money as
    returned elsewhere.
    """

    id: UUID
    provider: str
    provider_ref: str
    difference: Difference
    state: DifferenceState
    subject: SubjectRef
    refund_id: UUID | None
    payment_ref: str | None
    provider_state: str | None
    provider_minor: int | None
    our_state: str | None
    our_minor: int | None
    currency: str
    can_adopt: bool
    made_at: datetime
    found_at: datetime
    seen_at: datetime
    closed_at: datetime | None
    closed_by: str | None


async def start(context: Context, actor: Actor, since: datetime | None) -> ReconciliationView:
    """Start comparing with all that providers list since then; a week if it isn't said."""
    actor.require(Scope.RESOLVE)
    run_id, at = uuid4(), context.clock()
    async with context.sessions.begin() as session:
        await reconciliations.begin(session, run_id, since or at - WEEK, at)
    await context.runs.reconcile(run_id, since or at - WEEK)
    return await get(context, run_id)


async def get(context: Context, run_id: UUID) -> ReconciliationView:
    """Raises ReconciliationNotFound."""
    async with context.sessions() as session:
        row = await reconciliations.find(session, run_id)
    if row is None:
        raise ReconciliationNotFound(f"there is no reconciliation {run_id}")
    return _run(row)


async def list_differences(
    context: Context, state: DifferenceState | None, limit: int, after: str | None = None
) -> Page[DifferenceView]:
    """Differences, last found first."""
    place = read_instant_cursor(after) if after else None
    async with context.sessions() as session:
        rows = await differences.page(session, limit + 1, state, place)
        views = [await _view(session, row) for row in rows[:limit]]
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(
        items=tuple(views), next=cursor(last.found_at.isoformat(), last.id) if last else None
    )


async def adopt(context: Context, actor: Actor, difference_id: UUID) -> DifferenceView:
    """Record money that left without us as returned elsewhere; again changes nothing.

    Raises NoLongerHeld if its tenders hold less than that, ChoiceNotAllowed if it is no such money.
    """
    actor.require(Scope.MONEY)
    async with context.sessions.begin() as session:
        row = await _lock(session, difference_id)
        if row.difference not in ADOPTED:
            raise ChoiceNotAllowed("only money that left without us can be adopted")
        if row.state in (DifferenceState.OPEN, DifferenceState.DISMISSED):
            await _return_elsewhere(session, row)
            await _close(session, row, DifferenceState.ADOPTED, actor, context.clock())
        return await _view(session, row)


async def dismiss(context: Context, actor: Actor, difference_id: UUID) -> DifferenceView:
    """Say that a person has looked at a difference and nothing is to be done; final."""
    actor.require(Scope.MONEY)
    async with context.sessions.begin() as session:
        row = await _lock(session, difference_id)
        if row.state is DifferenceState.OPEN:
            await _close(session, row, DifferenceState.DISMISSED, actor, context.clock())
        return await _view(session, row)


async def _lock(session: AsyncSession, difference_id: UUID) -> DifferenceRow:
    """Read a difference under its subject's lock."""
    row = await session.get(DifferenceRow, difference_id)
    if row is None:
        raise DifferenceNotFound(f"there is no difference {difference_id}")
    await subjects.lock(session, row.subject_id)
    await session.refresh(row)
    return row


async def _return_elsewhere(session: AsyncSession, row: DifferenceRow) -> None:
    """Put the money on the tenders that the payment paid, each up to what it still holds."""
    left = row.provider_minor or 0
    for tender in await _paid_by(session, row):
        share = min(left, _held(tender))
        tender.returned_elsewhere_minor += share
        left -= share
    if left:
        raise NoLongerHeld("the tenders of this payment hold less than that")
    await session.flush()


async def _paid_by(session: AsyncSession, row: DifferenceRow) -> Sequence[TenderRow]:
    paid = await tenders.of_subject(session, row.subject_id)
    return [one for one in paid if one.payment_ref == row.payment_ref]


def _held(tender: TenderRow) -> int:
    gone = tender.pending_minor + tender.returned_minor + tender.returned_elsewhere_minor
    return tender.captured_minor - gone


async def _close(
    session: AsyncSession, row: DifferenceRow, state: DifferenceState, actor: Actor, at: datetime
) -> None:
    row.state, row.closed_at, row.closed_by = state, at, actor.id
    await events.record(
        session,
        row.subject_id,
        f"refund_difference_{state}",
        at,
        actor=actor.id,
        data={
            "difference": row.difference,
            "provider": row.provider,
            "provider_ref": row.provider_ref,
            "amount_minor": row.provider_minor,
            "currency": row.currency,
        },
    )


def _run(row: ReconciliationRow) -> ReconciliationView:
    return ReconciliationView(
        id=row.id,
        since=row.since,
        started_at=row.started_at,
        ended_at=row.ended_at,
        listed=row.listed,
        strangers=row.strangers,
        differences=row.differences,
    )


async def _view(session: AsyncSession, row: DifferenceRow) -> DifferenceView:
    subject = await session.get_one(SubjectRow, row.subject_id)
    return DifferenceView(
        id=row.id,
        provider=row.provider,
        provider_ref=row.provider_ref,
        difference=row.difference,
        state=row.state,
        subject=subject.subject,
        refund_id=row.refund_id,
        payment_ref=row.payment_ref,
        provider_state=row.provider_state,
        provider_minor=row.provider_minor,
        our_state=row.ours_state,
        our_minor=row.ours_minor,
        currency=row.currency,
        can_adopt=row.state is DifferenceState.OPEN and row.difference in ADOPTED,
        made_at=row.made_at,
        found_at=row.found_at,
        seen_at=row.seen_at,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
    )
