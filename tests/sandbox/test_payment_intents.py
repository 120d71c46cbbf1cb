"""Payments over the wire: paid, held, taken in part, let go."""

import pytest
import stripe

from sandbox import control
from sandbox.records import CardPayment
from sandbox.serving import Running


async def test_a_card_pays_at_once(client: stripe.StripeClient) -> None:
    paid = await _pay(client, metadata={"order": "1042"})
    assert (paid.status, paid.amount_received, paid.amount_capturable) == ("succeeded", 5_000, 0)
    assert paid.metadata["order"] == "1042"
    assert paid.latest_charge
    again = await client.v1.payment_intents.retrieve_async(paid.id, {"expand": ["latest_charge"]})
    assert isinstance(again.latest_charge, stripe.Charge)
    assert (again.latest_charge.id, again.latest_charge.paid) == (paid.latest_charge, True)


async def test_a_payment_waits_for_its_card_and_is_then_confirmed(
    client: stripe.StripeClient,
) -> None:
    made = await client.v1.payment_intents.create_async({"amount": 700, "currency": "jpy"})
    assert (made.status, made.latest_charge) == ("requires_payment_method", None)
    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method"):
        await client.v1.payment_intents.confirm_async(made.id)
    paid = await client.v1.payment_intents.confirm_async(
        made.id, {"payment_method": "pm_card_visa"}
    )
    assert (paid.status, paid.amount_received, paid.currency) == ("succeeded", 700, "jpy")
    with pytest.raises(stripe.InvalidRequestError) as again:
        await client.v1.payment_intents.confirm_async(made.id)
    assert again.value.code == "payment_intent_unexpected_state"


async def test_a_declined_card_pays_nothing(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.CardError) as declined:
        await _pay(client, payment_method="pm_card_chargeDeclinedInsufficientFunds")
    assert declined.value.code == "card_declined"
    assert declined.value.error
    assert declined.value.error.decline_code == "insufficient_funds"


async def test_a_held_card_is_captured_in_part_once_and_the_rest_is_let_go(
    client: stripe.StripeClient, server: Running
) -> None:
    held = await _pay(client, capture_method="manual")
    assert (held.status, held.amount_capturable) == ("requires_capture", 5_000)
    with pytest.raises(stripe.InvalidRequestError) as much:
        await client.v1.payment_intents.capture_async(held.id, {"amount_to_capture": 5_001})
    assert much.value.param == "amount_to_capture"
    taken = await client.v1.payment_intents.capture_async(held.id, {"amount_to_capture": 1_500})
    assert (taken.status, taken.amount_received, taken.amount_capturable) == (
        "succeeded",
        1_500,
        0,
    )
    for refused in (
        client.v1.payment_intents.capture_async(held.id, {"amount_to_capture": 1}),
        client.v1.payment_intents.cancel_async(held.id),
    ):
        with pytest.raises(stripe.InvalidRequestError) as no:
            await refused
        assert no.value.code == "payment_intent_unexpected_state"
    with pytest.raises(stripe.InvalidRequestError, match="greater than charge amount"):
        await client.v1.refunds.create_async({"payment_intent": held.id, "amount": 1_501})


async def test_a_held_card_is_let_go_and_can_neither_be_captured_nor_refunded(
    client: stripe.StripeClient, held: str
) -> None:
    gone = await client.v1.payment_intents.cancel_async(
        held, {"cancellation_reason": "requested_by_customer"}
    )
    assert (gone.status, gone.amount_capturable) == ("canceled", 0)
    assert gone.cancellation_reason == "requested_by_customer"
    for refused in (
        client.v1.payment_intents.capture_async(held),
        client.v1.refunds.create_async({"payment_intent": held}),
    ):
        with pytest.raises(stripe.InvalidRequestError):
            await refused


async def test_a_payment_made_elsewhere_is_known_by_its_own_reference(
    client: stripe.StripeClient, server: Running, paid: str
) -> None:
    payment = await client.v1.payment_intents.retrieve_async(paid)
    assert (payment.id, payment.status, payment.amount) == (paid, "succeeded", 10_000)
    refund = await client.v1.refunds.create_async({"charge": str(payment.latest_charge)})
    assert (refund.payment_intent, refund.amount) == (paid, 10_000)
    assert await control.payment(server.cards, paid) == CardPayment(
        paid, "EUR", authorised=0, captured=10_000, refunded=10_000, voided=False
    )


async def test_payments_are_listed_newest_first_in_pages(client: stripe.StripeClient) -> None:
    made = [(await _pay(client)).id for _ in range(3)]
    page = await client.v1.payment_intents.list_async({"limit": 2})
    assert ([one.id for one in page.data], page.has_more) == ([made[2], made[1]], True)
    after = await client.v1.payment_intents.list_async({"limit": 1, "starting_after": made[1]})
    before = await client.v1.payment_intents.list_async({"limit": 2, "ending_before": made[0]})
    assert [one.id for one in after.data] == [made[0]]
    assert [one.id for one in before.data] == [made[2], made[1]]


async def _pay(client: stripe.StripeClient, **more: object) -> stripe.PaymentIntent:
    asked = {"amount": 5_000, "currency": "eur", "confirm": True, "payment_method": "pm_card_visa"}
    return await client.v1.payment_intents.create_async({**asked, **more})  # type: ignore[typeddict-item]
