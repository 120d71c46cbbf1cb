"""Asking for a refund later or on its own, and answering who asked."""

import logging
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.attention import Choice, Waits
from domain.contracts import Settlement
from domain.decisions import Outcome
from domain.errors import (
    AlreadyAnswered,
    IdempotencyKeyReused,
    ServiceUnavailable,
)
from domain.lifecycle import RefundState
from domain.refund_requests import STORE_CREDIT
from storage import events, facts, notifications, payouts, refund_requests, refunds
from storage.refund_requests import RefundRequestRow
from storage.refunds import RefundRow
from storage.subjects import SubjectRow
from use_cases import maintenance, refund_intake, refund_terms, settling
from use_cases.actors import Actor
from use_cases.context import Context
from use_cases.refund_intake import AskedRefund, Checked, Terms
from use_cases.refund_request_views import RefundRequestView, request_view

log = logging.getLogger(__name__)


async def request_refund(
    context: Context, actor: Actor, asked: AskedRefund, key: str | None = None
) -> RefundRequestView:
    """Ask for a refund and learn what was decided.

    What waits to be asked for goes out at once. What nothing decided goes out at once where staff
    ask within the limit of one person, and else waits for somebody's yes, whose default is no. The
    same key answers the same again, and carries on what was interrupted. Raises what
    `refund_intake.check` and `refund_terms.decide` raise, RefundTooHigh, IdempotencyKeyReused,
    Maintenance.
    """
    request_id = await _receive(context, actor, asked, key)
    await _carry_out(context, request_id)
    return await get_request(context, request_id)


async def get_request(context: Context, request_id: UUID) -> RefundRequestView:
    async with context.sessions() as session:
        row = await refund_requests.get(session, request_id)
        return await view(session, row)


async def _receive(context: Context, actor: Actor, asked: AskedRefund, key: str | None) -> UUID:
    """Write the request and what is owed for it; if its key is known, the id it had comes back."""
    now = context.clock()
    async with context.sessions.begin() as session:
        if known := await refund_intake.known(session, actor, asked, key):
            return known
        await maintenance.check(session, now)
        checked = await refund_intake.check(session, actor, asked)
        if known := await refund_intake.known(session, actor, asked, key):
            return known  # the same call was faster while this one waited for the subject
        subject = checked.subject
        frozen, _ = await facts.frozen_policy(session, subject.policy_id, subject.policy_version)
        terms = await refund_terms.decide(session, checked, context.refund_limit, frozen.document)
        request_id = await refund_intake.write(session, actor, checked, terms, key, now)
        if request_id is None:
            raise IdempotencyKeyReused(f"key {key!r} came with another body before")
        rows = await refund_terms.claim(session, checked, terms, frozen.document, request_id, now)
        if asked.payout_details:
            for row in rows:
                await payouts.keep_details(session, row.id, asked.payout_details)
        await _record(session, actor, checked, terms, request_id, now)
        if terms.outcome is Outcome.NEEDS_APPROVAL:
            await _plan_mails(session, checked, request_id, now)
    return request_id


async def _plan_mails(
    session: AsyncSession, checked: Checked, request_id: UUID, at: datetime
) -> None:
    """What waits for a yes is told to both sides; the runs of its refunds send the mails."""
    is_heard = checked.subject.customer_email and not checked.asked.is_inside
    audiences = ["business", *(["customer"] if is_heard else [])]
    await notifications.plan(
        session,
        checked.subject.id,
        None,
        "refund_asked",
        audiences,
        at,
        request_id=request_id,
    )


async def _record(
    session: AsyncSession,
    actor: Actor,
    checked: Checked,
    terms: Terms,
    request_id: UUID,
    at: datetime,
) -> None:
    asked, subject = checked.asked, checked.subject
    await events.record(
        session,
        subject.id,
        "refund_asked",
        at,
        actor=actor.id,
        cancellation_id=asked.cancellation_id,
        data={
            "request": str(request_id),
            "initiator": asked.initiator,
            "outcome": terms.outcome,
            "amount_minor": terms.amount_minor,
            "currency": subject.currency,
            "reason": asked.reason,
        },
    )


async def _carry_out(context: Context, request_id: UUID) -> None:
    """Have the runs of its refunds go on; what they do already they don't do twice."""
    async with context.sessions() as session:
        request = await refund_requests.get(session, request_id)
        rows = await refunds.of_request(session, request_id)
    wanted = Choice.STORE_CREDIT if request.form == STORE_CREDIT else Choice.APPROVE
    asked_for = [row for row in rows if row.attention == Waits.ON_REQUEST]
    words = [Settlement(refund_id=r.id, choice=wanted, actor=request.actor) for r in asked_for]
    with suppress(AlreadyAnswered):
        await settling.tell(context, *words)
    for row in rows:
        if row.state is RefundState.OWED and row.attention in (None, Waits.APPROVAL):
            await _follow(context, row)


async def _follow(context: Context, row: RefundRow) -> None:
    """Start the run of a refund that stands on record: the sweep does it where this can't."""
    try:
        await context.runs.follow(row.id)
    except (ServiceUnavailable, TimeoutError):
        log.warning("the run of refund %s can't be started yet", row.id)


async def view(session: AsyncSession, row: RefundRequestRow) -> RefundRequestView:
    subject = await session.get_one(SubjectRow, row.subject_id)
    rows = await refunds.of_request(session, row.id)
    refusals = await refund_requests.refusals(session, [refund.id for refund in rows])
    return request_view(row, subject.subject, rows, refusals)
