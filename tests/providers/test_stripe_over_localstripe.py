"""Stripe's adapter over localstripe, somebody else's stand-in: the part of the contract it covers.

It knows no limits, no keys, no faults, no lists of all refunds, no state but one, no amount that
was received, and no webhooks of refunds.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import stripe

from domain.money import Money
from providers.stripe.adapter import StripePayments
from providers.stripe.exponents import to_units
from tests.providers.contract import CALL_TIMEOUT, RefundContract
from tests.sandbox.test_localstripe import foreign as foreign


@dataclass(frozen=True)
class Localstripe:
    provider: StripePayments
    client: stripe.StripeClient

    async def paid(self, amount: Money) -> str:
        intent = await self.client.v1.payment_intents.create_async(
            {
                "amount": to_units(amount),
                "currency": amount.currency.lower(),
                "payment_method": "pm_card_visa",
                "confirm": True,
            }
        )
        return intent.id

    async def made(self, ref: str) -> int:
        page = await self.client.v1.refunds.list_async({"payment_intent": ref, "limit": 100})
        return len(page.data)


@pytest.fixture
async def harness(foreign: stripe.StripeClient) -> AsyncIterator[Localstripe]:
    address = str(foreign._requestor._options.base_addresses["api"])
    provider = StripePayments("sk_test_x", api_base=address, call_timeout=CALL_TIMEOUT * 5)
    yield Localstripe(provider, foreign)
    await provider.close()


class TestRefunds(RefundContract): ...
