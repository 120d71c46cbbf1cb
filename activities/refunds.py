"""Asking providers for money back. A row is written before each call and mended after it."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from temporalio import activity

from activities.help import call_for_help
from activities.refund_rows import (
    ON_REQUEST,
    may_ask_again,
    new_refund,
    result_of,
    tender_of,
)
from activities.signatures import RefundSteps
from domain.attention import Choice
from domain.contracts import RefundResult, RefundStep, SettleRefund, Step
from domain.decisions import TenderAmount
from domain.errors import CancellationNotFound, IllegalMove, RefundRejected, SubjectNotFound
from domain.ids import refund_id, refund_key
from domain.lifecycle import REFUND_ACCEPTED, REFUND_AT_REST, RefundState
from domain.money import Money
from domain.subjects import Handling
from providers.ports import PaymentProvider, ProviderRefund
from providers.registry import Providers
from storage import cancellations, decisions, effects, events, refunds, requests
from storage.effects import EffectState
from storage.refunds import RefundRow


class Asking(NamedTuple):
    """One attempt at one refund, read out of its row so that no transaction stays open."""

    provider: PaymentProvider
    key: str
    payment_ref: str
    amount: Money
    may_have_happened: bool


class Refunds(RefundSteps):
    """Refunds through the providers of this installation."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], providers: Providers) -> None:
        self._sessions = sessions
        self._providers = providers

    @activity.defn
    async def trigger_refund(self, step: RefundStep) -> RefundResult:
        asking = await self._begin(step)
        if isinstance(asking, RefundResult):
            if asking.state is RefundState.FAILED:
                raise RefundRejected(failure=asking.failure or "rejected")
            return asking
        return await self._ask(step, asking)

    @activity.defn
    async def look_up_refund(self, step: RefundStep) -> RefundResult:
        async with self._sessions() as session:
            row = await refunds.find(session, step.refund_id)
        if row is None:
            return RefundResult(refund_id=step.refund_id, state=RefundState.REQUESTED)
        if row.state is not RefundState.REQUESTED:
            return result_of(row)
        asking = self._asking(row)
        found = await asking.provider.find(asking.key, asking.payment_ref)
        return await self._mend(step, found) if found else result_of(row)

    @activity.defn
    async def drop_refunds(self, step: Step) -> None:
        async with self._sessions.begin() as session:
            await requests.lock_subject(session, step.cancellation_id)
            kept = await decisions.find(session, step.cancellation_id)
            for tender in kept.decision.tenders if kept else ():
                refund = refund_id(step.cancellation_id, tender.id)
                await effects.compensate(session, step.cancellation_id, _effect(refund), step.at)
            for row in await refunds.of_cancellation(session, step.cancellation_id):
                if row.state in REFUND_ACCEPTED:
                    raise IllegalMove(f"refund {row.id} was accepted and can't be dropped")
                row.failure, row.may_retry = row.failure or "dropped", False
                await refunds.move(session, row, RefundState.FAILED, step.at)

    @activity.defn
    async def follow_refund(self, step: RefundStep) -> RefundResult:
        async with self._sessions() as session:
            row = await _row(session, step.refund_id)
        if row.state in REFUND_AT_REST or row.handling is not Handling.PROVIDER:
            return result_of(row)
        if row.state in (RefundState.PENDING, RefundState.REQUIRES_ACTION):
            provider = self._providers.get(row.provider)
            return await self._mend(step, await provider.get(row.provider_ref or ""))
        if row.attention is not None:
            return result_of(row)
        asking = await self._next_attempt(step)
        if asking is None:
            return result_of(row).model_copy(update={"retryable": False})
        try:
            return await self._ask(step, asking)
        except RefundRejected as error:
            return await self._failed(step, error)

    @activity.defn
    async def settle_refund(self, step: SettleRefund) -> RefundResult:
        choice, actor = step.settlement.choice, step.settlement.actor
        async with self._sessions.begin() as session:
            row = await _lock(session, step.settlement.refund_id)
            if row.attention is None:
                return result_of(row)  # a repeat: the word was taken before
            row.attention = None
            if choice is Choice.RETRY:
                if row.state is RefundState.FAILED:
                    row.attempt, row.attempt_begun = row.attempt + 1, False
                    await refunds.move(session, row, RefundState.OWED, step.at)
            elif choice is Choice.SETTLE_BY_HAND:
                await refunds.move(session, row, RefundState.PAID_OTHERWISE, step.at)
            else:
                await refunds.move(session, row, RefundState.WAIVED, step.at)
            await _record(session, row, f"refund_{choice}", step.at, actor)
            return result_of(row)

    @activity.defn
    async def escalate_refund(self, step: RefundStep) -> UUID | None:
        async with self._sessions.begin() as session:
            row = await _lock(session, step.refund_id)
            if row.state in REFUND_AT_REST or await _is_escalated(session, row, step):
                return row.cancellation_id
            row.attention = row.attention or "refund"
            await _record(session, row, "refund_needs_attention", step.at)
            if row.cancellation_id is not None:
                cancellation = await cancellations.get(session, row.cancellation_id)
                failure = row.failure or row.state.value
                await call_for_help(session, cancellation, "refund", failure, step.at)
            return row.cancellation_id

    # One attempt: written down, asked, mended

    async def _begin(self, step: RefundStep) -> Asking | RefundResult:
        """Write the refund down, or find what an earlier attempt came to."""
        assert step.cancellation_id is not None
        async with self._sessions.begin() as session:
            subject = await requests.lock_subject(session, step.cancellation_id)
            before = await effects.begin(
                session, step.cancellation_id, _effect(step.refund_id), step.at
            )
            row = await refunds.find(session, step.refund_id)
            if before is None and row is None:
                row = await self._write(session, subject.id, step)
                if row.state is RefundState.FAILED:
                    return result_of(row)
                return self._asking(row)
            if row is None or before is None or before.state is EffectState.COMPENSATED:
                return _nothing(step)
            if row.state is not RefundState.REQUESTED:
                return result_of(row)
            return self._asking(row)._replace(may_have_happened=True)

    async def _write(self, session: AsyncSession, subject_id: UUID, step: RefundStep) -> RefundRow:
        """Write a refund with its amount pending; one that no longer fits is a definite no."""
        assert step.cancellation_id is not None
        kept = await decisions.get(session, step.cancellation_id)
        amount = _amount(kept.decision.tenders, step)
        tender = await tender_of(session, subject_id, amount.id)
        held = tender.captured_minor - tender.pending_minor
        left = held - tender.returned_minor - tender.returned_elsewhere_minor
        state = RefundState.REQUESTED if amount.amount_minor <= left else RefundState.FAILED
        row = new_refund(step.cancellation_id, tender, amount, state, step.at)
        row.attempt_begun = state is RefundState.REQUESTED
        row.failure = None if row.attempt_begun else "no_longer_held"
        await refunds.add(session, row)
        return row

    async def _next_attempt(self, step: RefundStep) -> Asking | None:
        """Take up a refund that nobody has asked for yet, or whose asking has no known end."""
        async with self._sessions.begin() as session:
            row = await _lock(session, step.refund_id)
            if await _is_dropped(session, row):
                return None
            unknown = row.state is RefundState.REQUESTED
            if row.state is RefundState.FAILED:
                if not may_ask_again(row):
                    return None
                row.attempt += 1
            if not unknown:
                row.attempt_begun = True
                await refunds.move(session, row, RefundState.REQUESTED, step.at)
            return self._asking(row)._replace(may_have_happened=unknown)

    async def _ask(self, step: RefundStep, asking: Asking) -> RefundResult:
        if asking.may_have_happened:
            found = await asking.provider.find(asking.key, asking.payment_ref)
            if found:
                return await self._mend(step, found)
        try:
            made = await asking.provider.create(
                asking.key, asking.payment_ref, asking.amount, "requested_by_customer"
            )
        except RefundRejected as error:
            await self._failed(step, error)
            raise
        return await self._mend(step, made)

    async def _mend(self, step: RefundStep, told: ProviderRefund) -> RefundResult:
        """Record what the provider says; the same again records nothing."""
        async with self._sessions.begin() as session:
            row = await _lock(session, step.refund_id)
            before = row.state
            row.provider_ref = told.provider_ref
            if told.refund_state is RefundState.FAILED:
                row.failure, row.may_retry = told.failure or "failed", told.retryable
            await refunds.move(session, row, told.refund_state, step.at)
            await _finish(session, step, row)
            if row.state is not before:
                await _record(session, row, f"refund_{row.state}", step.at)
            return result_of(row)

    async def _failed(self, step: RefundStep, error: RefundRejected) -> RefundResult:
        async with self._sessions.begin() as session:
            row = await _lock(session, step.refund_id)
            if row.state is not RefundState.FAILED:
                row.failure, row.may_retry = error.failure, error.retryable
                await refunds.move(session, row, RefundState.FAILED, step.at)
                await _record(session, row, "refund_failed", step.at)
            await _finish(session, step, row)
            return result_of(row)

    def _asking(self, row: RefundRow) -> Asking:
        return Asking(
            provider=self._providers.get(row.provider),
            key=refund_key(row.id, row.attempt),
            payment_ref=row.payment_ref or "",
            amount=Money(minor=row.amount_minor, currency=row.currency),
            may_have_happened=False,
        )


def _effect(refund: UUID) -> str:
    return f"trigger_refund:{refund}"


async def _is_dropped(session: AsyncSession, row: RefundRow) -> bool:
    """Whether its cancellation was put back: then no money may go, whoever asks."""
    if row.cancellation_id is None:
        return False
    effect = await effects.find(session, row.cancellation_id, _effect(row.id))
    return effect is not None and effect.state is EffectState.COMPENSATED


async def _is_escalated(session: AsyncSession, row: RefundRow, step: RefundStep) -> bool:
    """Whether a person knows already. One that waits to be asked for is told of only once."""
    if row.attention != ON_REQUEST or row.cancellation_id is None:
        return row.attention is not None
    told = await effects.claim(session, row.cancellation_id, f"escalate_refund:{row.id}", step.at)
    return told is not None


def _nothing(step: RefundStep) -> RefundResult:
    """What a late attempt has to say after its compensation: nothing was asked."""
    return RefundResult(refund_id=step.refund_id, state=RefundState.FAILED, failure="dropped")


def _amount(tenders: tuple[TenderAmount, ...], step: RefundStep) -> TenderAmount:
    assert step.cancellation_id is not None
    for tender in tenders:
        if refund_id(step.cancellation_id, tender.id) == step.refund_id:
            return tender
    raise CancellationNotFound(f"refund {step.refund_id} is not part of its decision")


async def _row(session: AsyncSession, refund: UUID) -> RefundRow:
    row = await refunds.find(session, refund)
    if row is None:
        raise CancellationNotFound(f"there is no refund {refund}")
    return row


async def _lock(session: AsyncSession, refund: UUID) -> RefundRow:
    """Lock the refund's subject, then read the refund as it is now: so changes take turns."""
    try:
        await refunds.lock_subject(session, refund)
    except SubjectNotFound:
        raise CancellationNotFound(f"there is no refund {refund}") from None
    return await _row(session, refund)


async def _finish(session: AsyncSession, step: RefundStep, row: RefundRow) -> None:
    if row.cancellation_id is not None:
        await effects.finish(session, row.cancellation_id, _effect(row.id), step.at)


async def _record(
    session: AsyncSession, row: RefundRow, name: str, at: datetime, actor: str = "system"
) -> None:
    await events.record(
        session,
        row.subject_id,
        name,
        at,
        actor=actor,
        cancellation_id=row.cancellation_id,
        data={
            "refund": str(row.id),
            "tender": row.tender_id,
            "method": row.method,
            "amount_minor": row.amount_minor,
            "currency": row.currency,
            "failure": row.failure,
        },
    )
