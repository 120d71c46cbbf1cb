"""Putting a subject back as it was, in the caller's transaction."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from domain.contracts import Attention, Ending, Restore, Step
from domain.decisions import Quote
from domain.lifecycle import CancellationState, SubjectState
from storage import (
    cancellations,
    decisions,
    events,
    holds,
    notifications,
    quotes,
    requests,
    subjects,
)
from storage.cancellations import CancellationRow
from storage.holds import HoldMode
from storage.requests import RequestState
from storage.subjects import SubjectRow

SECOND_CHANCE = timedelta(days=7)
"""How long the same asker may ask again on the first request's terms after a fault."""

_MAILS = {
    Ending.DECLINED: ["customer"],
    Ending.UNDONE: ["customer"],
    Ending.RESTORED: ["customer", "business"],
}


async def end_without(session: AsyncSession, row: SubjectRow, step: Restore) -> None:
    """End a decided cancellation: status back, hold let go, no money moved, the customer told.

    One that was declined needs nothing of that: its run only never heard so.
    """
    cancellation = await cancellations.get(session, step.cancellation_id)
    if cancellation.is_at_rest:
        return
    cancellation.cause = step.cause
    cancellation.refund_minor = cancellation.fee_minor = cancellation.due_minor = 0
    cancellation.attention = cancellation.attention_failure = None
    cancellations.move(cancellation, CancellationState(step.ending), step.at)
    subjects.move(row, _former_state(row, cancellation), step.at)
    await holds.release(session, row.id, cancellation.id)
    if step.ending is Ending.RESTORED:
        await _leave_quote(session, row, cancellation, step)
    await notifications.plan(
        session, row.id, cancellation.id, step.ending, _MAILS[step.ending], step.at
    )
    await session.flush()
    await _record(session, row, step)


async def record_undecided(session: AsyncSession, row: SubjectRow, step: Restore) -> None:
    """Put a run on record that failed before it could decide, so that the next has a new name."""
    cancellation = await _undecided(session, row, step, step.n, CancellationState(step.ending))
    cancellation.cause, cancellation.ended_at = step.cause, step.at
    await session.flush()
    await _record(session, row, step)


async def record_waiting(
    session: AsyncSession, row: SubjectRow, step: Attention
) -> CancellationRow | None:
    """Put a run on record that waits for a person before anything was decided, with a hold.

    None where the subject is held by something else or cancelled: then only Temporal shows it.
    """
    if row.cancellation_state not in (SubjectState.NONE, SubjectState.PARTLY_CANCELLED):
        return None
    if not await holds.take(session, row.id, step.cancellation_id, HoldMode.SHARED, step.at):
        return None
    n = await cancellations.next_number(session, row.id)
    waits = CancellationState.NEEDS_ATTENTION
    cancellation = await _undecided(session, row, step, n, waits)
    subjects.move(row, SubjectState.REQUESTED, step.at)
    await session.flush()
    return cancellation


async def _undecided(
    session: AsyncSession, row: SubjectRow, step: Step, n: int, state: CancellationState
) -> CancellationRow:
    """A cancellation as it was asked for, since nothing more is known of it."""
    asked = await requests.get(session, step.cancellation_id)
    cancellation = CancellationRow(
        id=asked.id,
        subject_id=row.id,
        n=n,
        state=state,
        initiator=asked.request.initiator,
        right=asked.request.right,
        reason=asked.request.reason,
        lines=[line.model_dump(mode="json") for line in asked.request.lines],
        currency=row.currency,
        restores_to=row.cancellation_state,
        requested_at=asked.requested_at,
        decided_at=step.at,
        updated_at=step.at,
    )
    session.add(cancellation)
    await requests.settle(session, asked.id, RequestState.DECIDED)
    return cancellation


def _former_state(row: SubjectRow, cancellation: CancellationRow) -> SubjectState:
    if row.cancelled_elsewhere_at is not None:
        return SubjectState.CANCELLED
    return SubjectState(cancellation.restores_to)


async def _leave_quote(
    session: AsyncSession, row: SubjectRow, cancellation: CancellationRow, step: Restore
) -> None:
    """Leave the asker the first request's instant and amounts, cutoff or not."""
    kept = await decisions.find(session, cancellation.id)
    if kept is None:
        return
    asked = await requests.get(session, cancellation.id)
    quote = Quote(
        id=str(uuid4()),
        request=asked.request,
        decision=kept.decision,
        asker=asked.asker,
        expires_at=step.at + SECOND_CHANCE,
    )
    quotes.keep(session, row.id, quote, step.at)
    cancellation.retry_quote_id = UUID(quote.id)


async def _record(session: AsyncSession, row: SubjectRow, step: Restore) -> None:
    await events.record(
        session,
        row.id,
        f"cancellation_{step.ending}",
        step.at,
        actor=step.actor,
        cancellation_id=step.cancellation_id,
        data={"cause": step.cause},
    )
