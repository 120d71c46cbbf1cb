"""The pivot, its opposite, and what a closed run left behind."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from temporalio import activity

from activities.card_hold_rows import unsettled
from activities.help import call_for_help
from activities.pivot import become_cancelled, owed
from activities.restoring import end_without, record_undecided, record_waiting
from activities.signatures import StatusSteps
from domain.contracts import (
    Attention,
    Cause,
    Ending,
    Pivot,
    PivotResult,
    Progress,
    Restore,
    Step,
    Verdict,
)
from domain.decisions import Outcome
from domain.lifecycle import REFUND_ACCEPTED, CancellationState, RefundState
from storage import (
    cancellations,
    card_holds,
    decisions,
    effects,
    events,
    refunds,
    requests,
)
from storage.effects import EffectState
from storage.refunds import RefundRow

_ATTENTION = CancellationState.NEEDS_ATTENTION
_UNDECIDED = Verdict(outcome=Outcome.DECLINED, cause=Cause.STEP_FAILED)


class Status(StatusSteps):
    """Status in our own database, each change one transaction with its events and mails."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions

    @activity.defn
    async def update_status(self, step: Pivot) -> PivotResult:
        async with self._sessions.begin() as session:
            row = await requests.lock_subject(session, step.cancellation_id)
            if await effects.claim(session, step.cancellation_id, "update_status", step.at):
                return await _done_before(session, step.cancellation_id)
            return await become_cancelled(session, row, step.cancellation_id, step.at)

    @activity.defn
    async def restore_status(self, step: Restore) -> None:
        async with self._sessions.begin() as session:
            row = await requests.lock_subject(session, step.cancellation_id)
            before = await effects.compensate(session, step.cancellation_id, "validate", step.at)
            if before is EffectState.COMPENSATED:
                return
            known = await cancellations.find(session, step.cancellation_id)
            if before is None and known is None:
                await record_undecided(session, row, step)
            else:
                await end_without(session, row, step)

    @activity.defn
    async def flag_attention(self, step: Attention) -> None:
        async with self._sessions.begin() as session:
            row = await requests.lock_subject(session, step.cancellation_id)
            cancellation = await cancellations.find(session, step.cancellation_id)
            if cancellation is None and step.step:
                cancellation = await record_waiting(session, row, step)
            if cancellation is None or cancellation.is_at_rest:
                return
            cancellation.attention = step.step
            cancellation.attention_failure = step.failure or None
            if step.step:
                await call_for_help(session, cancellation, step.step, step.failure, step.at)
            to = _ATTENTION if step.step else CancellationState.WORKING
            cancellations.move(cancellation, to, step.at)
            await events.record(
                session,
                row.id,
                "needs_attention" if step.step else "attention_resolved",
                step.at,
                cancellation_id=cancellation.id,
                data={"step": step.step, "failure": step.failure},
            )

    @activity.defn
    async def read_progress(self, step: Step) -> Progress:
        async with self._sessions() as session:
            cancellation = await cancellations.find(session, step.cancellation_id)
            if cancellation is None:
                return Progress(verdict=None, sealed=False)
            kept = await decisions.find(session, cancellation.id)
            at_rest = Ending(cancellation.state) if cancellation.is_at_rest else None
            written = await refunds.of_cancellation(session, cancellation.id)
            after = await _done_before(session, cancellation.id) if at_rest else PivotResult()
            return Progress(
                verdict=Verdict.model_validate(kept.verdict) if kept else _UNDECIDED,
                sealed=any(map(_may_be_paid, written)),
                at_rest=at_rest,
                owed=after.owed,
                holds=after.holds,
            )


async def _done_before(session: AsyncSession, cancellation_id: UUID) -> PivotResult:
    """What follows a pivot, for a repeat of it."""
    written = await refunds.of_cancellation(session, cancellation_id)
    held = await card_holds.of_cancellation(session, cancellation_id)
    return PivotResult(owed=owed(written), holds=unsettled(held))


def _may_be_paid(row: RefundRow) -> bool:
    """Whether a refund was accepted, or may have been."""
    unknown = row.state is RefundState.REQUESTED and row.attempt_begun
    return unknown or row.state in REFUND_ACCEPTED
