"""Asking providers for money back. A row is written before each call and mended after it."""

from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from temporalio import activity

from activities import refund_reading
from activities.ladder import book, climb, give_up
from activities.refund_news import ask_for_help, has_mail, tell_deadline, tell_landed
from activities.refund_rows import (
    HORIZON,
    NO_LONGER_HELD,
    may_ask_again,
    new_refund,
    result_of,
    tender_of,
)
from activities.refund_trail import record
from activities.settling import settle
from activities.signatures import RefundSteps
from domain.arrival import expected_by
from domain.attention import Waits
from domain.contracts import ClimbRefund, RefundResult, RefundStep, SettleRefund, Step
from domain.errors import IllegalMove, RefundRejected
from domain.ids import refund_id, refund_key
from domain.lifecycle import REFUND_ACCEPTED, REFUND_AT_REST, RefundState
from domain.money import Money
from domain.subjects import Handling
from providers.ports import PaymentProvider, ProviderRefund
from providers.registry import Providers
from storage import decisions, effects, refunds, requests
from storage.effects import EffectState
from storage.refunds import RefundRow
from storage.subjects import SubjectRow

_TOLD_BY_PROVIDER = frozenset(
    {RefundState.PENDING, RefundState.REQUIRES_ACTION, RefundState.SUCCEEDED}
)
_UNKNOWN = frozenset({RefundState.REQUESTED})


class Asking(NamedTuple):
    """One attempt at one refund, read out of its row so that no transaction stays open."""

    provider: PaymentProvider
    key: str
    payment_ref: str
    amount: Money
    may_have_happened: bool


class Refunds(RefundSteps):
    """Refunds through the providers of this installation."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        providers: Providers,
        horizon: timedelta = HORIZON,
    ) -> None:
        self._sessions = sessions
        self._providers = providers
        self._horizon = horizon

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
                await effects.compensate(
                    session, step.cancellation_id, refund_reading.effect_of(refund), step.at
                )
            for row in await refunds.of_cancellation(session, step.cancellation_id):
                if row.state in REFUND_ACCEPTED:
                    raise IllegalMove(f"refund {row.id} was accepted and can't be dropped")
                row.failure, row.may_retry = row.failure or "dropped", False
                await refunds.move(session, row, RefundState.FAILED, step.at)

    @activity.defn
    async def follow_refund(self, step: RefundStep) -> RefundResult:
        async with self._sessions() as session:
            row = await refund_reading.get(session, step.refund_id)
            known = await self._result(session, row)
        if known.is_over or row.handling not in (Handling.PROVIDER, Handling.LEDGER):
            return known
        is_with_provider = row.handling is Handling.PROVIDER and row.state in _TOLD_BY_PROVIDER
        if is_with_provider and row.provider_ref:
            provider = self._providers.get(row.provider)
            return await self._mend(step, await provider.get(row.provider_ref))
        if row.state in REFUND_AT_REST or row.attention is not None:
            return known
        if row.handling is Handling.LEDGER:
            return await self._book(step)
        asking = await self._next_attempt(step)
        if isinstance(asking, RefundResult):
            return asking
        try:
            return await self._ask(step, asking)
        except RefundRejected as error:
            return await self._failed(step, error)

    @activity.defn
    async def read_refund(self, step: RefundStep) -> RefundResult:
        async with self._sessions() as session:
            return await self._result(session, await refund_reading.get(session, step.refund_id))

    @activity.defn
    async def settle_refund(self, step: SettleRefund) -> RefundResult:
        async with self._sessions.begin() as session:
            subject, row = await refund_reading.lock(session, step.settlement.refund_id)
            if row.attention is not None:  # else a repeat: the word was taken before
                word = step.settlement
                part = word.amount_minor
                await settle(session, subject, row, word.choice, word.actor, step.at, part)
            return await self._result(session, row)

    @activity.defn
    async def climb_refund(self, step: ClimbRefund) -> RefundResult:
        async with self._sessions.begin() as session:
            subject, row = await refund_reading.lock(session, step.refund_id)
            await climb(session, subject, row, step.to, step.at)
            return await self._result(session, row)

    @activity.defn
    async def warn_refund(self, step: RefundStep) -> RefundResult:
        async with self._sessions.begin() as session:
            _, row = await refund_reading.lock(session, step.refund_id)
            if row.escalated_at is None and row.state not in REFUND_AT_REST:
                row.escalated_at = step.at
                await record(session, row, "refund_deadline_near", step.at)
                await tell_deadline(session, row, step.at)
            return await self._result(session, row)

    @activity.defn
    async def escalate_refund(self, step: RefundStep) -> UUID | None:
        async with self._sessions.begin() as session:
            _, row = await refund_reading.lock(session, step.refund_id)
            if row.state in REFUND_AT_REST or await refund_reading.is_escalated(session, row, step):
                return row.cancellation_id or row.request_id
            row.attention = row.attention or Waits.REFUND
            await record(session, row, "refund_needs_attention", step.at)
            await ask_for_help(session, row, row.failure or row.state.value, step.at)
            return row.cancellation_id or row.request_id

    # One attempt: written down, asked, mended

    async def _begin(self, step: RefundStep) -> Asking | RefundResult:
        """Write the refund down, or find what an earlier attempt came to."""
        assert step.cancellation_id is not None
        async with self._sessions.begin() as session:
            subject = await requests.lock_subject(session, step.cancellation_id)
            before = await effects.begin(
                session, step.cancellation_id, refund_reading.effect_of(step.refund_id), step.at
            )
            row = await refunds.find(session, step.refund_id)
            if before is None and row is None:
                row = await self._write(session, subject, step)
                if row.state is RefundState.FAILED:
                    return result_of(row)
                return self._asking(row)
            if row is None or before is None or before.state is EffectState.COMPENSATED:
                return refund_reading.nothing(step)
            if row.state is not RefundState.REQUESTED:
                return result_of(row)
            return self._asking(row)._replace(may_have_happened=True)

    async def _write(
        self, session: AsyncSession, subject: SubjectRow, step: RefundStep
    ) -> RefundRow:
        """Write a refund with its amount pending; one that no longer fits is a definite no."""
        assert step.cancellation_id is not None
        kept = await decisions.get(session, step.cancellation_id)
        amount = refund_reading.amount_of(kept.decision.tenders, step)
        tender = await tender_of(session, subject.id, amount.id)
        claimed = await refunds.claimed(
            session, subject.id, but=step.cancellation_id, unanswered=False
        )
        held = tender.captured_minor - tender.pending_minor - claimed.get(tender.id, 0)
        left = held - tender.returned_minor - tender.returned_elsewhere_minor
        state = RefundState.REQUESTED if amount.amount_minor <= left else RefundState.FAILED
        row = new_refund(step.cancellation_id, tender, amount, state, step.at, kept.decision)
        row.attempt_begun = state is RefundState.REQUESTED
        row.failure = None if row.attempt_begun else NO_LONGER_HELD
        row.expected_by = self._expected(row, subject, step.at)
        await refunds.add(session, row)
        return row

    async def _next_attempt(self, step: RefundStep) -> Asking | RefundResult:
        """Take up a refund that nobody has asked for yet, or whose asking has no known end. Where
        nothing is to be asked, or the tender no longer holds the money, that is the answer."""
        async with self._sessions.begin() as session:
            subject, row = await refund_reading.lock(session, step.refund_id)
            is_new = row.state is RefundState.OWED or may_ask_again(row)
            if await refund_reading.is_dropped(session, row) or not (
                is_new or row.state in _UNKNOWN
            ):
                return await self._result(session, row)
            if row.state in _UNKNOWN:
                return self._asking(row)._replace(may_have_happened=True)
            attempt = row.attempt + (row.state is RefundState.FAILED)
            if not await refunds.try_move(session, row, RefundState.REQUESTED, step.at):
                await give_up(session, row, step.at)
                return await self._result(session, row)
            row.attempt, row.attempt_begun = attempt, True
            row.expected_by = self._expected(row, subject, step.at)
            return self._asking(row)

    async def _book(self, step: RefundStep) -> RefundResult:
        async with self._sessions.begin() as session:
            subject, row = await refund_reading.lock(session, step.refund_id)
            await book(session, subject, row, step.at)
            return await self._result(session, row)

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
        """Record what the provider says; the same again, and what is older, records nothing."""
        async with self._sessions.begin() as session:
            subject, row = await refund_reading.lock(session, step.refund_id)
            before = row.state
            if refund_reading.is_news(row, told):
                refund_reading.note(row, told)
                await refunds.move(session, row, told.refund_state, step.at)
                row.expected_by = self._expected(row, subject, step.at, before)
            await refund_reading.finish(session, step, row)
            if row.state is not before:
                await record(session, row, f"refund_{row.state}", step.at)
                if step.cancellation_id is None:  # what lands in the saga is told by its own mail
                    await tell_landed(session, row, step.at)
            return await self._result(session, row, mails=step.cancellation_id is None)

    async def _failed(self, step: RefundStep, error: RefundRejected) -> RefundResult:
        async with self._sessions.begin() as session:
            _, row = await refund_reading.lock(session, step.refund_id)
            if row.state is not RefundState.FAILED:
                row.failure, row.may_retry = error.failure, error.retryable
                row.pending_reason = row.action = row.expected_by = None
                await refunds.move(session, row, RefundState.FAILED, step.at)
                await record(session, row, "refund_failed", step.at)
            await refund_reading.finish(session, step, row)
            return await self._result(session, row, mails=step.cancellation_id is None)

    async def _result(
        self, session: AsyncSession, row: RefundRow, *, mails: bool = True
    ) -> RefundResult:
        subject = await session.get_one(SubjectRow, row.subject_id)
        is_dropped = row.state is RefundState.FAILED and await refund_reading.is_dropped(
            session, row
        )
        result = result_of(row, subject, is_dropped=is_dropped, horizon=self._horizon)
        return result.model_copy(update={"has_mail": mails and await has_mail(session, row)})

    def _expected(
        self, row: RefundRow, subject: SubjectRow, at: datetime, before: RefundState | None = None
    ) -> date | None:
        """By when the customer has the money, counted from the last time that it moved on."""
        if row.state is RefundState.FAILED or row.provider is None:
            return None
        if row.state is before and row.expected_by is not None:
            return row.expected_by
        known = self._providers.get(row.provider).abilities(row.method, row.currency)
        return expected_by(at, subject.zone, known.arrives_within, row.timing)

    def _asking(self, row: RefundRow) -> Asking:
        return Asking(
            provider=self._providers.get(row.provider),
            key=refund_key(row.id, row.attempt),
            payment_ref=row.payment_ref or "",
            amount=Money(minor=row.amount_minor, currency=row.currency),
            may_have_happened=False,
        )
