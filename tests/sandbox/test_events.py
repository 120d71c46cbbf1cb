"""Events: what happened, to be read afterwards as well."""

import pytest
import stripe

from sandbox import control
from sandbox.control import Behaviour
from sandbox.serving import Running


async def test_a_payments_life_is_told_in_order(
    client: stripe.StripeClient, server: Running
) -> None:
    held = await client.v1.payment_intents.create_async(
        {
            "amount": 900,
            "currency": "huf",
            "confirm": True,
            "payment_method": "pm_card_visa",
            "capture_method": "manual",
        }
    )
    await client.v1.payment_intents.capture_async(held.id)
    await control.script(server.cards, Behaviour.ACCEPTS_PENDING, ref=held.id)
    refund = await client.v1.refunds.create_async(
        {"payment_intent": held.id}, {"idempotency_key": held.id}
    )
    await control.succeed_later(server.cards, refund.id)
    await control.fail_later(server.cards, refund.id, "declined")
    events = (await client.v1.events.list_async({"limit": 100})).data
    told = [event for event in events[::-1] if held.id in str(event.data.object)]
    assert [event.type for event in told] == [
        "payment_intent.created",
        "payment_intent.amount_capturable_updated",
        "payment_intent.succeeded",
        "refund.created",
        "charge.refunded",
        "refund.updated",
        "charge.refund.updated",
        "refund.updated",
        "charge.refund.updated",
        "refund.failed",
    ]
    states = [event.data.object["status"] for event in told if event.type == "refund.updated"]
    assert states == ["succeeded", "failed"]
    assert told[3].request
    assert told[3].request.idempotency_key == held.id


async def test_events_are_found_by_id_and_by_type(client: stripe.StripeClient, paid: str) -> None:
    refund = await client.v1.refunds.create_async({"payment_intent": paid})
    page = await client.v1.events.list_async({"type": "refund.created", "limit": 1})
    (event,) = page.data
    assert event.data.object["id"] == refund.id
    assert (await client.v1.events.retrieve_async(event.id)).type == "refund.created"
    both = await client.v1.events.list_async({"types": ["refund.created", "charge.refunded"]})
    assert {event.type for event in both.data} == {"refund.created", "charge.refunded"}
    with pytest.raises(stripe.InvalidRequestError, match="No such event"):
        await client.v1.events.retrieve_async("evt_0")


async def test_what_failed_to_be_done_is_not_told(
    client: stripe.StripeClient, server: Running, paid: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        await client.v1.refunds.create_async({"payment_intent": paid, "amount": 10_001})
    told = await server.cards.pool.fetchval(
        "SELECT count(*) FROM sandbox.events WHERE ref = $1", paid
    )
    assert told == 0
