"""Deciding on locked facts, and taking the hold."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from temporalio import activity

from activities.judging import instead, judge
from activities.recording import record, record_approval, state_of
from activities.signatures import ValidationSteps
from activities.verdicts import declined, verdict_of
from domain.contracts import Cause, ConfirmHold, Validate, Verdict
from domain.decisions import Decision, Outcome, Yes
from domain.facts import Facts
from domain.lifecycle import SubjectState
from domain.policy.amounts import with_refund
from domain.policy.rights.best import judge_state_best
from domain.policy.rights.grounds import Rights
from domain.requests import Request
from domain.subjects import LineQuantity
from storage import (
    cancellations,
    decisions,
    effects,
    holds,
    requests,
    rights,
    subjects,
)
from storage.cancellations import CancellationRow
from storage.effects import EffectState
from storage.holds import HoldMode
from storage.requests import RequestRow
from storage.subjects import SubjectRow


class Validation(ValidationSteps):
    """Validation against our own database: one transaction, the subject's row locked."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        refund_patience: timedelta = timedelta(seconds=30),
    ) -> None:
        self._sessions = sessions
        self._patience = refund_patience

    @activity.defn
    async def validate(self, step: Validate) -> Verdict:
        async with self._sessions.begin() as session:
            row = await requests.lock_subject(session, step.request.cancellation_id)
            id_ = step.request.cancellation_id
            if before := await effects.claim(session, id_, "validate", step.at):
                return self._patient(await _earlier_verdict(session, before.state, id_))
            asked = await requests.decide(session, id_)
            judged = await judge(session, row, asked)
            if not judged.cause and not await _hold(session, row, judged.decision, asked, step.at):
                judged = instead(judged, Cause.BUSY, "subject_busy")
            return self._patient(await record(session, row, asked, judged, step))

    @activity.defn
    async def confirm_hold(self, step: ConfirmHold) -> Verdict:
        async with self._sessions.begin() as session:
            row = await requests.lock_subject(session, step.cancellation_id)
            cancellation = await cancellations.get(session, step.cancellation_id)
            wait = "approval" if step.reply else "undo"
            name = f"confirm_hold:{wait}"
            kept = await decisions.get(session, cancellation.id)
            if await effects.claim(session, cancellation.id, name, step.at):
                return self._patient(Verdict.model_validate(kept.verdict))
            asked = await requests.get(session, cancellation.id)
            facts, known = await rights.load(session, row, asked.requested_at)
            decision = kept.decision
            if _is_overtaken(row, known, facts, asked.request, decision, kept.terms_hash):
                verdict = declined(decision, Cause.OVERTAKEN, asked.request.reason)
                kept.verdict = verdict.model_dump(mode="json")
                return verdict
            if step.reply and step.reply.refund_minor is not None:
                policy = known.named(decision.policy_id)
                decision = with_refund(decision, facts, step.reply.refund_minor, policy)
            if step.reply:
                decision = decision.agreed(Yes.SILENCE if step.reply.is_by_clock else Yes.PERSON)
            verdict = await _confirmed(session, decision, facts, asked, step)
            decisions.replace(kept, decision, verdict)
            await _make_exclusive(session, row, cancellation, decision, verdict, step.at)
            if step.reply:
                await record_approval(session, cancellation, step.reply, decision, step.at)
            return self._patient(verdict)

    def _patient(self, verdict: Verdict) -> Verdict:
        return verdict.model_copy(update={"patience": self._patience})


async def _earlier_verdict(
    session: AsyncSession, state: EffectState, cancellation_id: UUID
) -> Verdict:
    """What the first attempt decided; one that was compensated meanwhile has nothing to say."""
    kept = await decisions.find(session, cancellation_id)
    if kept and state is EffectState.DONE:
        return Verdict.model_validate(kept.verdict)
    return Verdict(outcome=Outcome.DECLINED, cause=Cause.STEP_FAILED)


async def _hold(
    session: AsyncSession, row: SubjectRow, decision: Decision, asked: RequestRow, at: datetime
) -> bool:
    mode = HoldMode.SHARED if decision.awaits_person else HoldMode.EXCLUSIVE
    return await holds.take(session, row.id, asked.id, mode, at)


def _is_overtaken(
    row: SubjectRow,
    known: Rights,
    facts: Facts,
    request: Request,
    decision: Decision,
    terms_hash: str,
) -> bool:
    """Whether the rules of state now say no, or a line, price or capture asked for has changed."""
    if row.cancelled_elsewhere_at is not None:
        return True
    lines = tuple(LineQuantity(id=line.id, quantity=line.quantity) for line in decision.lines)
    if facts.terms_fingerprint([line.id for line in lines]) != terms_hash:
        return True
    again = request.model_copy(update={"lines": lines})
    return bool(judge_state_best(known, facts, again))


async def _confirmed(
    session: AsyncSession, decision: Decision, facts: Facts, asked: RequestRow, step: ConfirmHold
) -> Verdict:
    """The verdict after a wait: allowed, with the undo window still to come after an approval."""
    allowed = decision.model_copy(update={"outcome": Outcome.ALLOWED})
    verdict = await verdict_of(session, allowed, facts, asked, step.at)
    return verdict if step.reply else verdict.model_copy(update={"undo_until": None})


async def _make_exclusive(
    session: AsyncSession,
    row: SubjectRow,
    cancellation: CancellationRow,
    decision: Decision,
    verdict: Verdict,
    at: datetime,
) -> None:
    await holds.take(session, row.id, cancellation.id, HoldMode.EXCLUSIVE, at)
    subjects.move(row, SubjectState.CANCELLING, at)
    cancellations.move(cancellation, state_of(verdict), at)
    cancellation.undo_until = verdict.undo_until or cancellation.undo_until
    cancellation.refund_minor = decision.refund_minor
    cancellation.fee_minor = decision.fee_minor
    cancellation.due_minor = decision.due_minor
    cancellation.lines = [line.model_dump(mode="json") for line in decision.lines]
