"""The payments port over the card sandbox."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from domain.errors import (
    IdempotencyKeyReused,
    PaymentRejected,
    ProviderUnavailable,
    RefundRejected,
    WebhookRejected,
)
from domain.money import Money, decimals
from providers import currencies, webhooks
from providers.ports import (
    Abilities,
    Hint,
    PaymentProvider,
    ProviderPayment,
    ProviderPaymentState,
    ProviderRefund,
    ProviderRefundState,
)
from sandbox.cards import Cards
from sandbox.errors import CardsRefused, CardsUnavailable, KeyReused
from sandbox.records import CardPayment, CardRefund
from sandbox.webhooks import HEADER

NAME = "sandbox"
"""What a tender's `provider` says when its money went through here."""

_EXPONENTS = {"ISK": 2, "UGX": 2, "MGA": 0}
"""Where the processor counts differently from ISO 4217, as well-known processors do."""


class SandboxCards(PaymentProvider):
    def __init__(
        self,
        cards: Cards,
        webhook_secret: str,
        call_timeout: timedelta = timedelta(seconds=8),
    ) -> None:
        self._cards = cards
        self._secret = webhook_secret
        self._call_timeout = call_timeout

    def abilities(self, method: str, currency: str) -> Abilities:
        exponent = _exponent(currency)
        return Abilities(
            void=True,
            capture=True,
            synchronous=True,
            minimum_minor=currencies.smallest(currency, exponent),
            exponent=exponent,
        )

    async def find(self, key: str, payment_ref: str) -> ProviderRefund | None:
        async with self._bounded("find", RefundRejected):
            refund = await self._cards.find(key)
        return _refund(refund) if refund else None

    async def create(
        self, key: str, payment_ref: str, amount: Money, reason: str | None = None
    ) -> ProviderRefund:
        units = _units(amount, RefundRejected)
        async with self._bounded("create", RefundRejected):
            refund = await self._cards.refund(key, payment_ref, units, amount.currency, reason)
        return _refund(refund)

    async def get(self, provider_ref: str) -> ProviderRefund:
        async with self._bounded("get", RefundRejected):
            refund = await self._cards.get(provider_ref)
        if refund is None:
            raise ProviderUnavailable(f"the card sandbox doesn't show refund {provider_ref}")
        return _refund(refund)

    async def listed(self, since: datetime) -> AsyncIterator[ProviderRefund]:
        async with self._bounded("list", RefundRejected):
            refunds = await self._cards.listed(since)
        for refund in refunds:
            yield _refund(refund)

    async def payment(self, payment_ref: str) -> ProviderPayment:
        async with self._bounded("payment", PaymentRejected):
            return _payment(await self._cards.payment(payment_ref))

    async def void(self, payment_ref: str, key: str) -> ProviderPayment:
        async with self._bounded("void", PaymentRejected):
            return _payment(await self._cards.void(key, payment_ref))

    async def capture(self, payment_ref: str, amount: Money, key: str) -> ProviderPayment:
        units = _units(amount, PaymentRejected)
        async with self._bounded("capture", PaymentRejected):
            payment = await self._cards.capture(key, payment_ref, units, amount.currency)
        return _payment(payment)

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> tuple[Hint, ...]:
        webhooks.verify(headers, HEADER, body, [self._secret])
        try:
            events = json.loads(body)["events"]
            return tuple(_hint(event) for event in events if event["type"] == "refund.updated")
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            raise WebhookRejected("the webhook's body isn't in the agreed form") from error

    async def register_all(self, payments: Iterable[tuple[str, Money]]) -> None:
        """Tell the sandbox of payments captured elsewhere, as an import does. Safe to repeat."""
        async with self._bounded("register", PaymentRejected):
            await self._cards.register_all(_rows(payments))

    async def hold_all(self, payments: Iterable[tuple[str, Money]]) -> None:
        """Tell the sandbox of cards that are only held. Safe to repeat."""
        async with self._bounded("register", PaymentRejected):
            await self._cards.hold_all(_rows(payments))

    @asynccontextmanager
    async def _bounded(self, call: str, no: type[PaymentRejected]) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._call_timeout.total_seconds()):
                yield
        except CardsRefused as error:
            raise no(failure=error.failure, retryable=error.retryable) from error
        except KeyReused as error:
            raise IdempotencyKeyReused(str(error)) from error
        except (TimeoutError, CardsUnavailable) as error:
            raise ProviderUnavailable(f"no answer from the card sandbox to {call}") from error


def _exponent(currency: str) -> int:
    return _EXPONENTS.get(currency, decimals(currency))


def _units(amount: Money, no: type[PaymentRejected]) -> int:
    try:
        return currencies.to_units(amount, _exponent(amount.currency))
    except currencies.NotRepresentable as error:
        raise no(str(error), failure=error.code) from error


def _rows(payments: Iterable[tuple[str, Money]]) -> list[tuple[str, int, str]]:
    return [(ref, _units(amount, PaymentRejected), amount.currency) for ref, amount in payments]


def _refund(refund: CardRefund) -> ProviderRefund:
    try:
        state = ProviderRefundState(refund.state)
    except ValueError:
        state = ProviderRefundState.UNKNOWN
    return ProviderRefund(
        provider_ref=refund.id,
        state=state,
        amount=currencies.from_units(refund.amount, refund.currency, _exponent(refund.currency)),
        payment_ref=refund.ref,
        key=refund.key,
        failure=refund.failure,
        retryable=refund.retryable,
        raw_reason=refund.failure,
    )


def _payment(payment: CardPayment) -> ProviderPayment:
    state = ProviderPaymentState.HELD
    if payment.voided:
        state = ProviderPaymentState.VOIDED
    elif payment.captured:
        state = ProviderPaymentState.CAPTURED
    exponent = _exponent(payment.currency)
    captured = currencies.from_units(payment.captured, payment.currency, exponent)
    return ProviderPayment(payment_ref=payment.ref, state=state, captured=captured)


def _hint(event: Mapping[str, object]) -> Hint:
    return Hint(
        event_id=str(event["id"]),
        provider_ref=str(event["refund"]),
        occurred_at=datetime.fromtimestamp(int(str(event["created"])), UTC),
    )
