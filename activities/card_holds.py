"""Asking a provider to let go of a held card, or to capture a part of it, after the pivot."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from temporalio import activity

from activities.card_hold_rows import record, result_of, settle
from activities.help import call_for_help
from activities.signatures import CardHoldSteps
from domain.attention import Choice
from domain.card_holds import CARD_HOLD_AT_REST, CardHoldState
from domain.contracts import AnswerCardHold, CardHoldResult, CardHoldStep
from domain.errors import PaymentRejected, ProviderUnknown
from domain.ids import card_hold_key
from domain.money import Money
from providers.ports import PaymentProvider, ProviderPayment, ProviderPaymentState
from providers.registry import Providers
from storage import cancellations, card_holds
from storage.card_holds import CardHoldRow

CARD_HOLD = "card_hold"


class Asking(NamedTuple):
    """One attempt, read out of its row so that no transaction stays open."""

    key: str
    payment_ref: str
    take: Money
    may_have_happened: bool


class CardHolds(CardHoldSteps):
    """Held cards through the providers of this installation."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], providers: Providers) -> None:
        self._sessions = sessions
        self._providers = providers

    @activity.defn
    async def settle_card_hold(self, step: CardHoldStep) -> CardHoldResult:
        async with self._sessions() as session:
            row = await card_holds.get(session, step.hold_id)
        if row.state in (*CARD_HOLD_AT_REST, CardHoldState.FAILED):
            return result_of(row)
        try:
            provider = self._providers.get(row.provider)
        except ProviderUnknown:
            return await self._failed(step, ProviderUnknown.code)
        asking = await self._begin(step)
        if asking is None:
            return await self._now(step)
        try:
            return await self._ask(step, provider, asking)
        except PaymentRejected as error:
            return await self._refused(step, provider, asking, error.failure)

    async def _begin(self, step: CardHoldStep) -> Asking | None:
        """Write down that the provider is asked, before it is."""
        async with self._sessions.begin() as session:
            _, row = await card_holds.lock(session, step.hold_id)
            if row.state not in (CardHoldState.OWED, CardHoldState.REQUESTED):
                return None
            unknown = row.state is CardHoldState.REQUESTED
            card_holds.move(row, CardHoldState.REQUESTED, step.at)
            return Asking(
                key=card_hold_key(row.id, row.attempt),
                payment_ref=row.payment_ref or "",
                take=Money(minor=row.take_minor, currency=row.currency),
                may_have_happened=unknown,
            )

    async def _ask(
        self, step: CardHoldStep, provider: PaymentProvider, asking: Asking
    ) -> CardHoldResult:
        if asking.may_have_happened:
            found = await provider.payment(asking.payment_ref)
            if found.state is not ProviderPaymentState.HELD:
                return await self._mend(step, found)
        if asking.take.minor:
            told = await provider.capture(asking.payment_ref, asking.take, asking.key)
        else:
            told = await provider.void(asking.payment_ref, asking.key)
        return await self._mend(step, told)

    async def _refused(
        self, step: CardHoldStep, provider: PaymentProvider, asking: Asking, failure: str
    ) -> CardHoldResult:
        """A definite no; but a card that ran out, or was settled elsewhere, is no longer held."""
        try:
            found = await provider.payment(asking.payment_ref)
        except PaymentRejected as error:
            return await self._failed(step, error.failure)
        if found.state in (ProviderPaymentState.CAPTURED, ProviderPaymentState.VOIDED):
            return await self._mend(step, found)
        return await self._failed(step, failure)

    async def _mend(self, step: CardHoldStep, told: ProviderPayment) -> CardHoldResult:
        """Record what the provider says of the payment; the same again records nothing."""
        async with self._sessions.begin() as session:
            _, row = await card_holds.lock(session, step.hold_id)
            if row.state is not CardHoldState.REQUESTED:
                return result_of(row)
            if told.state is ProviderPaymentState.VOIDED:
                row.failure = "no_longer_held" if row.take_minor else None
                await settle(session, row, 0, step.at)
                name = "card_hold_expired" if row.take_minor else "card_hold_released"
                await record(session, row, name, step.at)
            elif told.state is ProviderPaymentState.CAPTURED:
                await _captured(session, row, told.captured.minor, step)
            else:
                row.updated_at = step.at
            return result_of(row)

    async def _failed(self, step: CardHoldStep, failure: str) -> CardHoldResult:
        async with self._sessions.begin() as session:
            _, row = await card_holds.lock(session, step.hold_id)
            if row.state in (CardHoldState.OWED, CardHoldState.REQUESTED):
                await _fail(session, row, failure, step)
            return result_of(row)

    async def _now(self, step: CardHoldStep) -> CardHoldResult:
        async with self._sessions() as session:
            return result_of(await card_holds.get(session, step.hold_id))

    @activity.defn
    async def escalate_card_hold(self, step: CardHoldStep) -> UUID | None:
        async with self._sessions.begin() as session:
            _, row = await card_holds.lock(session, step.hold_id)
            if row.state in CARD_HOLD_AT_REST or row.attention is not None:
                return row.cancellation_id
            row.attention = CARD_HOLD
            cancellation = await cancellations.get(session, row.cancellation_id)
            failure = row.failure or "no_answer"
            await call_for_help(session, cancellation, CARD_HOLD, failure, step.at)
            await record(session, row, "card_hold_needs_attention", step.at)
            return row.cancellation_id

    @activity.defn
    async def answer_card_hold(self, step: AnswerCardHold) -> CardHoldResult:
        choice, actor = step.word.choice, step.word.actor
        async with self._sessions.begin() as session:
            _, row = await card_holds.lock(session, step.word.hold_id)
            if row.attention is None:
                return result_of(row)  # a repeat: the word was taken before
            row.attention = None
            if choice is Choice.RETRY:
                if row.state is CardHoldState.FAILED:
                    row.attempt, row.failure = row.attempt + 1, None
                    card_holds.move(row, CardHoldState.OWED, step.at)
            elif choice is Choice.SETTLE_BY_HAND:
                await settle(session, row, row.take_minor, step.at)
            else:
                card_holds.move(row, CardHoldState.WAIVED, step.at)
            await record(session, row, f"card_hold_{choice}", step.at, actor)
            return result_of(row)


async def _captured(
    session: AsyncSession, row: CardHoldRow, captured_minor: int, step: CardHoldStep
) -> None:
    """What we asked for was captured; any other amount was somebody else's doing."""
    if captured_minor == row.take_minor:
        await settle(session, row, captured_minor, step.at)
        await record(session, row, "card_hold_captured", step.at)
    else:
        await _fail(session, row, "captured_elsewhere", step)


async def _fail(session: AsyncSession, row: CardHoldRow, failure: str, step: CardHoldStep) -> None:
    row.failure = failure
    card_holds.move(row, CardHoldState.FAILED, step.at)
    await record(session, row, "card_hold_failed", step.at)
