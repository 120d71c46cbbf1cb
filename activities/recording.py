"""Putting a decision on record: the cancellation, its mails, its first event."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from activities.judging import Judged
from activities.verdicts import declined, verdict_of
from domain.contracts import Reply, Validate, Verdict
from domain.decisions import Decision
from domain.lifecycle import CancellationState, SubjectState
from domain.requests import Overrides
from storage import decisions, events, notifications, subjects
from storage.cancellations import CancellationRow
from storage.requests import RequestRow
from storage.subjects import SubjectRow


async def record(
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
    await decisions.keep(
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
        data=_told(decision, verdict) | _set_aside(asked),
    )
    return verdict


def _cancellation(
    row: SubjectRow, asked: RequestRow, decision: Decision, verdict: Verdict, step: Validate
) -> CancellationRow:
    request = asked.request
    state = state_of(verdict)
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


def state_of(verdict: Verdict) -> CancellationState:
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


def _set_aside(asked: RequestRow) -> dict[str, object]:
    """What was granted as a favour, for the record; who granted it and why stands beside it."""
    overrides = asked.request.overrides
    if overrides == Overrides():
        return {}
    return {"overrides": overrides.model_dump(mode="json", exclude_defaults=True)}


async def _plan_mails(
    session: AsyncSession, row: SubjectRow, cancellation_id: UUID, verdict: Verdict, at: datetime
) -> None:
    """Mails that go out at the start of a wait; without one only the last mail is sent."""
    if verdict.approval_until or verdict.undo_until:
        await notifications.plan(session, row.id, cancellation_id, "received", ["customer"], at)
    if verdict.approval_until:
        await notifications.plan(session, row.id, cancellation_id, "needs_you", ["business"], at)


async def record_approval(
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
