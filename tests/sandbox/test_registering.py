"""Payments that were made elsewhere: the sandbox is told of them as rows."""

import asyncio

import pytest
import stripe

from sandbox import control
from sandbox.cards import Cards
from sandbox.errors import CardsRefused


async def test_payments_are_registered_in_bulk_and_again(
    client: stripe.StripeClient, cards: Cards
) -> None:
    payments = [(f"bulk_{n}", 100 + n, "EUR") for n in range(1_000)]
    await cards.register_all(payments)
    await _refund(client, "bulk_7", 107)
    await cards.register_all([*payments, ("bulk_999", 5, "EUR")])
    last, seventh = [await control.payment(cards, ref) for ref in ("bulk_999", "bulk_7")]
    assert last is not None
    assert last.captured == 5
    assert seventh is not None
    assert (seventh.captured, seventh.refunded) == (107, 107)


async def test_a_payment_registered_below_its_refunds_or_anew_in_another_currency_is_refused(
    client: stripe.StripeClient, cards: Cards, paid: str
) -> None:
    await _refund(client, paid, 6_000)
    for captured, currency, failure in [
        (5_999, "EUR", "amount_invalid"),
        (9_000, "USD", "currency_mismatch"),
    ]:
        with pytest.raises(CardsRefused, match=failure):
            await cards.register_all([("beside", 100, "EUR"), (paid, captured, currency)])
    assert await control.payment(cards, "beside") is None


async def test_imports_of_the_same_payments_in_other_orders_do_not_block_each_other(
    cards: Cards,
) -> None:
    payments = [(f"across_{n}", 100, "EUR") for n in range(300)]
    await asyncio.gather(
        *(cards.register_all(payments if n % 2 else payments[::-1]) for n in range(10))
    )
    assert await control.payment(cards, "across_299") is not None


async def test_a_card_told_to_be_held_again_stays_as_it_went_on(
    client: stripe.StripeClient, cards: Cards, held: str
) -> None:
    await client.v1.payment_intents.capture_async(held, {"amount_to_capture": 2_000})
    await cards.hold_all([(held, 10_000, "EUR")])
    payment = await control.payment(cards, held)
    assert payment is not None
    assert (payment.authorised, payment.captured) == (10_000, 2_000)


async def _refund(client: stripe.StripeClient, paid: str, amount: int) -> None:
    await client.v1.refunds.create_async({"payment_intent": paid, "amount": amount})
