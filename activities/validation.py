"""Deciding on locked facts, and taking the hold."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from temporalio import activity

from activities.signatures import ValidationSteps
from activities.verdicts import declined, verdict_of
from domain.contracts import Cause, ConfirmHold, Reply, Validate, Verdict
from domain.decisions import Decision, Finding, Outcome, Quote
from domain.errors import InvalidRequest, PolicyInvalid
from domain.facts import Facts
from domain.lifecycle import CancellationState, SubjectState
from domain.policy.amounts import with_refund
from domain.policy.decide import decide, judge_state
from domain.policy.document import Policy
from domain.requests import Request
from domain.subjects import LineQuantity
from storage import (
    cancellations,
    decisions,
    effects,
    events,
    holds,
    notifications,
    quotes,
    requests,
    subjects,
)
from storage import (
    facts as stored_facts,
)
from storage.cancellations import CancellationRow
from storage.effects import EffectState
from storage.holds import HoldMode
from storage.requests import RequestRow, RequestState
from storage.subjects import SubjectRow


class Judged(NamedTuple):
    """A decision with what it was based on; `cause` is set where it is a no."""

    decision: Decision
    facts: Facts
    cause: Cause | None


class Validation(ValidationSteps):
    """Validation against our own database: one transaction, the subject's row locked."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions

    @activity.defn
    async def validate(self, step: Validate) -> Verdict:
        async with self._sessions.begin() as session:
            row = await requests.lock_subject(session, step.request.cancellation_id)
            asked = await requests.get(session, step.request.cancellation_id)
            if before := await effects.claim(session, asked.id, "validate", step.at):
                return await _earlier_verdict(session, before.state, asked.id)
            judged = await _judge(session, row, asked)
            if not judged.cause and not await _hold(session, row, judged.decision, asked, step.at):
                judged = _no(judged, Cause.BUSY, "subject_busy")
            return await _record(session, row, asked, judged, step)

    @activity.defn
    async def confirm_hold(self, step: ConfirmHold) -> Verdict:
        async with self._sessions.begin() as session:
            row = await requests.lock_subject(session, step.cancellation_id)
            cancellation = await cancellations.get(session, step.cancellation_id)
            wait = "approval" if step.reply else "undo"
            name = f"confirm_hold:{wait}"
            kept = await decisions.get(session, cancellation.id)
            if await effects.claim(session, cancellation.id, name, step.at):
                return Verdict.model_validate(kept.verdict)
            asked = await requests.get(session, cancellation.id)
            facts, policy = await stored_facts.load(session, row)
            decision = kept.decision
            if _is_overtaken(row, policy, facts, asked.request, decision, kept.terms_hash):
                verdict = declined(decision, Cause.OVERTAKEN, asked.request.reason)
                kept.verdict = verdict.model_dump(mode="json")
                return verdict
            if step.reply and step.reply.refund_minor is not None:
                decision = with_refund(decision, facts, step.reply.refund_minor, policy)
            verdict = await _confirmed(session, decision, facts, asked, step)
            decisions.replace(kept, decision, verdict)
            await _make_exclusive(session, row, cancellation, decision, verdict, step.at)
            if step.reply:
                await _record_approval(session, cancellation, step.reply, decision, step.at)
            return verdict


async def _earlier_verdict(
    session: AsyncSession, state: EffectState, cancellation_id: UUID
) -> Verdict:
    """What the first attempt decided; one that was compensated meanwhile has nothing to say."""
    kept = await decisions.find(session, cancellation_id)
    if kept and state is EffectState.DONE:
        return Verdict.model_validate(kept.verdict)
    return Verdict(outcome=Outcome.DECLINED, cause=Cause.STEP_FAILED)


async def _judge(session: AsyncSession, row: SubjectRow, asked: RequestRow) -> Judged:
    facts, policy = await stored_facts.load(session, row)
    request = asked.request
    if asked.state is RequestState.CLOSED:
        return _refused(row, facts, policy, Cause.REQUEST_CLOSED, "request_closed")
    quote = await _quote(session, request)
    if quote:
        if quote.decision.facts_hash != facts.fingerprint():
            return _refused(row, facts, policy, Cause.QUOTE_OUTDATED, "quote_outdated")
        if not await quotes.use(session, UUID(quote.id), asked.id):
            return _refused(row, facts, policy, Cause.QUOTE_OUTDATED, "quote_used")
        request = request.model_copy(update={"requested_at": quote.decision.decided_at})
    try:
        decision = decide(policy, facts, request, version=row.policy_version)
    except PolicyInvalid:
        raise
    except InvalidRequest as error:
        return _refused(row, facts, policy, Cause.RULES, error.code)
    return Judged(decision, facts, Cause.RULES if decision.is_declined else None)


async def _quote(session: AsyncSession, request: Request) -> Quote | None:
    if request.quote_id is None:
        return None
    found = await quotes.find(session, UUID(request.quote_id))
    return found.quote if found else None


def _refused(row: SubjectRow, facts: Facts, policy: Policy, cause: Cause, code: str) -> Judged:
    decision = Decision(
        outcome=Outcome.DECLINED,
        codes=(Finding(code=code),),
        rule=code,
        policy_id=policy.id,
        policy_version=row.policy_version,
        currency=facts.currency,
    )
    return Judged(decision, facts, cause)


def _no(judged: Judged, cause: Cause, code: str) -> Judged:
    decision = judged.decision.model_copy(
        update={"outcome": Outcome.DECLINED, "codes": (Finding(code=code),), "rule": code}
    )
    return Judged(decision, judged.facts, cause)


async def _hold(
    session: AsyncSession, row: SubjectRow, decision: Decision, asked: RequestRow, at: datetime
) -> bool:
    mode = HoldMode.SHARED if decision.awaits_person else HoldMode.EXCLUSIVE
    return await holds.take(session, row.id, asked.id, mode, at)


async def _record(
    session: AsyncSession, row: SubjectRow, asked: RequestRow, judged: Judged, step: Validate
) -> Verdict:
    """Write the cancellation with its decision, and say on the subject what is going on."""
    decision, facts, cause = judged
    reason = asked.request.reason
    if cause:
        verdict = declined(decision, cause, reason)
    else:
        verdict = await verdict_of(session, decision, facts, asked, step.at)
    session.add(_cancellation(row, asked, decision, verdict, step))
    await session.flush()
    decisions.keep(
        session,
        asked.id,
        decision,
        verdict,
        terms_hash=facts.terms_fingerprint([line.id for line in decision.lines]),
        quote=UUID(asked.request.quote_id) if asked.request.quote_id else None,
        at=step.at,
    )
    if not cause:
        subjects.move(row, _subject_state(decision), step.at)
        await _plan_mails(session, row, asked.id, verdict, step.at)
    await events.record(
        session,
        row.id,
        "cancellation_declined" if cause else "cancellation_requested",
        step.at,
        actor=asked.actor,
        cancellation_id=asked.id,
        data=_told(decision, verdict),
    )
    await requests.settle(session, asked.id, RequestState.DECIDED)
    return verdict


def _cancellation(
    row: SubjectRow, asked: RequestRow, decision: Decision, verdict: Verdict, step: Validate
) -> CancellationRow:
    request = asked.request
    state = _state(verdict)
    return CancellationRow(
        id=asked.id,
        subject_id=row.id,
        n=step.request.n,
        state=state,
        cause=verdict.cause,
        initiator=request.initiator,
        right=decision.right,
        reason=request.reason,
        lines=[line.model_dump(mode="json") for line in decision.lines],
        refund_minor=0 if verdict.is_declined else decision.refund_minor,
        fee_minor=0 if verdict.is_declined else decision.fee_minor,
        due_minor=0 if verdict.is_declined else decision.due_minor,
        currency=decision.currency,
        restores_to=row.cancellation_state,
        approval_until=verdict.approval_until,
        undo_until=verdict.undo_until,
        requested_at=asked.requested_at,
        decided_at=step.at,
        updated_at=step.at,
        ended_at=step.at if state is CancellationState.DECLINED else None,
    )


def _state(verdict: Verdict) -> CancellationState:
    if verdict.is_declined:
        return CancellationState.DECLINED
    if verdict.approval_until:
        return CancellationState.AWAITING_APPROVAL
    return CancellationState.UNDO_WINDOW if verdict.undo_until else CancellationState.WORKING


def _subject_state(decision: Decision) -> SubjectState:
    return SubjectState.REQUESTED if decision.awaits_person else SubjectState.CANCELLING


def _told(decision: Decision, verdict: Verdict) -> dict[str, object]:
    return {
        "outcome": verdict.outcome,
        "cause": verdict.cause,
        "codes": list(verdict.codes),
        "rule": decision.rule,
        "refund_minor": verdict.refund_minor,
        "fee_minor": verdict.fee_minor,
        "currency": verdict.currency,
        "lines": [{"id": line.id, "quantity": line.quantity} for line in decision.lines],
        "reason": verdict.reason or None,
    }


async def _plan_mails(
    session: AsyncSession, row: SubjectRow, cancellation_id: UUID, verdict: Verdict, at: datetime
) -> None:
    """Mails that go out at the start of a wait; without one only the last mail is sent."""
    if verdict.approval_until or verdict.undo_until:
        await notifications.plan(session, row.id, cancellation_id, "received", ["customer"], at)
    if verdict.approval_until:
        await notifications.plan(session, row.id, cancellation_id, "needs_you", ["business"], at)


def _is_overtaken(
    row: SubjectRow,
    policy: Policy,
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
    return bool(judge_state(policy, facts, request.model_copy(update={"lines": lines})))


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
    cancellations.move(cancellation, _state(verdict), at)
    cancellation.undo_until = verdict.undo_until or cancellation.undo_until
    cancellation.refund_minor = decision.refund_minor
    cancellation.fee_minor = decision.fee_minor
    cancellation.due_minor = decision.due_minor
    cancellation.lines = [line.model_dump(mode="json") for line in decision.lines]


async def _record_approval(
    session: AsyncSession,
    cancellation: CancellationRow,
    reply: Reply,
    decision: Decision,
    at: datetime,
) -> None:
    await notifications.plan(
        session, cancellation.subject_id, cancellation.id, "approved", ["customer"], at
    )
    await events.record(
        session,
        cancellation.subject_id,
        "cancellation_approved",
        at,
        actor=reply.actor,
        cancellation_id=cancellation.id,
        data={"refund_minor": decision.refund_minor, "fee_minor": decision.fee_minor},
    )
