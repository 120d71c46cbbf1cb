"""The payments port over Stripe, and over any server that speaks its language."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from domain.errors import PaymentRejected, ProviderUnavailable, RefundRejected, WebhookRejected
from domain.money import Money
from providers import currencies, webhooks
from providers.ports import (
    Abilities,
    Hint,
    PaymentProvider,
    ProviderPayment,
    ProviderPaymentState,
    ProviderRefund,
)
from providers.stripe import calls, exponents, readings
from providers.stripe.client import Stripe
from providers.stripe.readings import KEY

SIGNATURE = "Stripe-Signature"
CARD_DAYS = 10
"""Business days until a card shows a refund, at most: https://docs.stripe.com/refunds."""

_REASONS = frozenset({"duplicate", "fraudulent", "requested_by_customer"})
"""What Stripe takes as a reason; any other goes into the metadata."""


class StripePayments(PaymentProvider):
    """A payment reference is a payment intent, or a charge where it begins with `ch_` or `py_`.

    What was paid for a connected account (`transfer_data`) is taken back from that account with
    each refund, and the platform's own fee goes back only with `refund_application_fee`.
    """

    def __init__(
        self,
        api_key: str,
        webhook_secrets: Sequence[str] = (),
        *,
        api_base: str | None = None,
        refund_application_fee: bool = False,
        call_timeout: timedelta = timedelta(seconds=8),
    ) -> None:
        self._stripe = Stripe(api_key, api_base, call_timeout)
        self._secrets = tuple(webhook_secrets)
        self._returns_fee = refund_application_fee

    def abilities(self, method: str, currency: str) -> Abilities:
        """Stripe names no deadline for cards; other methods have their own, and it says no then."""
        return Abilities(
            void=True,
            capture=True,
            synchronous=True,
            minimum_minor=exponents.step(currency),
            exponent=exponents.exponent(currency),
            arrives_within=CARD_DAYS if method == "card" else None,
        )

    async def find(self, key: str, payment_ref: str) -> ProviderRefund | None:
        by = calls.of_payment(payment_ref)
        async with self._stripe.in_time("look a refund up"):
            try:
                async for told in calls.list_refunds(self._stripe, by):
                    if (told.get("metadata") or {}).get(KEY) == key:
                        return _read(told)
            except RefundRejected:
                return None  # a payment that isn't there has no refunds
        return None

    async def create(
        self, key: str, payment_ref: str, amount: Money, reason: str | None = None
    ) -> ProviderRefund:
        """A no is only told after a look: Stripe may have forgotten that it did this for us."""
        asked = calls.of_payment(payment_ref) | {"amount": _units(amount, RefundRejected)}
        asked |= _words(key, reason)
        async with self._stripe.in_time("create a refund"):
            asked |= await self._terms(payment_ref, amount.currency)
            try:
                return _read(await calls.create_refund(self._stripe, asked, key))
            except RefundRejected:
                if found := await self.find(key, payment_ref):
                    return found
                raise

    async def get(self, provider_ref: str) -> ProviderRefund:
        try:
            return _read(await calls.read_refund(self._stripe, provider_ref))
        except RefundRejected:
            raise ProviderUnavailable(f"Stripe doesn't show refund {provider_ref}") from None

    async def listed(self, since: datetime) -> AsyncIterator[ProviderRefund]:
        by = {"created": {"gte": int(since.timestamp())}}
        try:
            async for told in calls.list_refunds(self._stripe, by):
                yield _read(told)
        except RefundRejected:
            raise ProviderUnavailable("Stripe doesn't list refunds") from None

    async def payment(self, payment_ref: str) -> ProviderPayment:
        told = await calls.read_payment(self._stripe, payment_ref, PaymentRejected)
        return _read_payment(told, payment_ref)

    async def void(self, payment_ref: str, key: str) -> ProviderPayment:
        """Again, or after somebody else: it is let go, so that is the answer."""
        async with self._stripe.in_time("cancel a payment"):
            intent = await self._intent(payment_ref)
            try:
                told = await calls.cancel_payment(self._stripe, intent, key)
            except PaymentRejected:
                now = await self.payment(payment_ref)
                if now.state is ProviderPaymentState.VOIDED:
                    return now
                raise
        return _read_payment(told, payment_ref)

    async def capture(self, payment_ref: str, amount: Money, key: str) -> ProviderPayment:
        """A no is only told after a look, as with a refund: our key stands on the payment."""
        asked = {"amount_to_capture": _units(amount, PaymentRejected), "metadata": {KEY: key}}
        async with self._stripe.in_time("capture a payment"):
            intent = await self._intent(payment_ref)
            try:
                told = await calls.capture_payment(self._stripe, intent, asked, key)
            except PaymentRejected:
                told = await calls.read_payment(self._stripe, intent, PaymentRejected)
                if (told.get("metadata") or {}).get(KEY) != key or not told["amount_received"]:
                    raise
        return _read_payment(told, payment_ref)

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> tuple[Hint, ...]:
        webhooks.verify(headers, SIGNATURE, body, self._secrets)
        try:
            event = json.loads(body)
            return (readings.hint(event),) if event["type"] in readings.HINTS else ()
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
            raise WebhookRejected("the webhook's body isn't an event of Stripe") from None

    async def close(self) -> None:
        await self._stripe.close()

    async def _terms(self, payment_ref: str, currency: str) -> dict[str, bool]:
        """What else a refund of this payment has to say, if it is in our currency: Stripe counts a
        refund in that of its payment, whatever we meant."""
        told = await calls.read_payment(self._stripe, payment_ref, RefundRejected)
        with _readable("a payment"):
            theirs = told["currency"].upper()
        if theirs != currency:
            raise RefundRejected(failure="currency_mismatch")
        return readings.terms(told, returns_fee=self._returns_fee)

    async def _intent(self, payment_ref: str) -> str:
        """The payment intent, by which alone a held card can be captured or let go."""
        if not calls.is_charge(payment_ref):
            return payment_ref
        charge = await calls.read_payment(self._stripe, payment_ref, PaymentRejected)
        if not charge.get("payment_intent"):
            raise PaymentRejected(failure="payment_without_intent")
        return str(charge["payment_intent"])


def _words(key: str, reason: str | None) -> dict[str, Any]:
    if reason in _REASONS:
        return {"metadata": {KEY: key}, "reason": reason}
    return {"metadata": {KEY: key} | ({"rescind_reason": reason} if reason else {})}


def _units(amount: Money, no: type[PaymentRejected]) -> int:
    try:
        return exponents.to_units(amount)
    except currencies.NotRepresentable as error:
        raise no(str(error), failure=error.code) from error


def _read(told: Mapping[str, Any]) -> ProviderRefund:
    with _readable("a refund"):
        return readings.refund(told)


def _read_payment(told: Mapping[str, Any], ref: str) -> ProviderPayment:
    with _readable("a payment"):
        return readings.payment(told, ref)


@contextmanager
def _readable(what: str) -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, currencies.NotRepresentable):
        raise ProviderUnavailable(f"Stripe's answer about {what} can't be read") from None
