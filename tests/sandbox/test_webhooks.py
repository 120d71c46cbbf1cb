"""Webhooks: signed, sent again until they arrive, and going wrong as scripted."""

from datetime import timedelta

import pytest
import stripe

from sandbox import control
from sandbox.control import Delivery
from sandbox.serving import Running
from tests.sandbox.conftest import Inbox, client_of


@pytest.fixture
async def secret(own: Running, inbox: Inbox) -> str:
    """The secret of an endpoint that gets what is told of refunds."""
    endpoint = await client_of(own.address).v1.webhook_endpoints.create_async(
        {
            "url": inbox.address,
            "enabled_events": ["refund.created", "refund.updated", "refund.failed"],
        }
    )
    assert endpoint.secret
    return endpoint.secret


async def test_a_refund_that_fails_later_is_told_step_by_step(
    own: Running, inbox: Inbox, secret: str, paid: str
) -> None:
    refund = await _refund(own, paid)
    await control.fail_later(own.cards, refund.id, "lost_or_stolen_card")
    await inbox.until_came(3)
    events = inbox.events(secret)
    assert [event.type for event in events] == [
        "refund.created",
        "refund.updated",
        "refund.failed",
    ]
    told = events[2].data.object
    assert (told["id"], told["status"]) == (refund.id, "failed")
    assert told["failure_reason"] == "lost_or_stolen_card"
    assert events[1].data.previous_attributes["status"] == "succeeded"  # type: ignore[index]


async def test_a_webhook_that_was_altered_or_signed_by_somebody_else_is_no_event(
    own: Running, inbox: Inbox, secret: str, paid: str
) -> None:
    await _refund(own, paid)
    await inbox.until_came(1)
    with pytest.raises(stripe.SignatureVerificationError):
        inbox.events("whsec_other")
    inbox.bodies[0] = inbox.bodies[0].replace(b"succeeded", b"pending")
    with pytest.raises(stripe.SignatureVerificationError):
        inbox.events(secret)


async def test_a_webhook_comes_again_until_it_is_taken(
    own: Running, inbox: Inbox, secret: str, paid: str
) -> None:
    inbox.status = 503
    await _refund(own, paid)
    await inbox.until_came(1)
    inbox.status = 204
    await control.advance(own.cards, timedelta(seconds=2))
    await inbox.until_came(2)
    assert inbox.bodies[0] == inbox.bodies[1]
    await _over(own, 1)
    (sending,) = await control.deliveries(own.cards, paid)
    assert (sending.attempts, sending.status, sending.due_at) == (2, 204, None)


async def test_a_webhook_comes_twice(own: Running, inbox: Inbox, secret: str, paid: str) -> None:
    await control.script_webhooks(own.cards, Delivery.DUPLICATED, ref=paid)
    await _refund(own, paid)
    await inbox.until_came(2)
    first, second = inbox.events(secret)
    assert first.id == second.id


async def test_a_webhook_comes_late(own: Running, inbox: Inbox, secret: str, paid: str) -> None:
    await control.script_webhooks(own.cards, Delivery.DELAYED, seconds=3600)
    first = await _refund(own, paid)
    second = await _refund(own, paid)
    await inbox.until_came(1)
    await control.advance(own.cards, timedelta(hours=1))
    await inbox.until_came(2)
    assert [event.data.object["id"] for event in inbox.events(secret)] == [second.id, first.id]


async def test_a_webhook_comes_after_the_next_one(
    own: Running, inbox: Inbox, secret: str, paid: str
) -> None:
    await control.script_webhooks(
        own.cards, Delivery.REORDERED, event="refund.created", seconds=3600
    )
    refund = await _refund(own, paid)
    await control.fail_later(own.cards, refund.id, "declined")
    await inbox.until_came(3)
    types = [event.type for event in inbox.events(secret)]
    assert types[0] == "refund.updated"
    assert "refund.created" in types[1:]


async def test_a_webhook_never_comes_and_can_be_sent_again_by_hand(
    own: Running, inbox: Inbox, secret: str, paid: str
) -> None:
    await control.script_webhooks(own.cards, Delivery.DROPPED, times=2)
    await _refund(own, paid)
    await _refund(own, paid)
    last = await _refund(own, paid)
    await inbox.until_came(1)
    assert inbox.events(secret)[0].data.object["id"] == last.id
    dropped, *_ = await control.deliveries(own.cards)
    assert (dropped.shaped, dropped.attempts, dropped.due_at) == ("dropped", 0, None)
    await control.resend(own.cards, dropped.event_id)
    await inbox.until_came(2)
    assert inbox.events(secret)[1].id == dropped.event_id


async def test_an_announced_move_is_told_at_its_moment_though_nobody_looks(
    own: Running, inbox: Inbox, secret: str, paid: str
) -> None:
    refund = await _refund(own, paid)
    await control.fail_later(own.cards, refund.id, "declined", after=timedelta(days=20))
    await inbox.until_came(1)
    await control.advance(own.cards, timedelta(days=20))
    await inbox.until_came(3)


async def test_a_deleted_endpoint_gets_nothing_more(
    own: Running, inbox: Inbox, secret: str, paid: str
) -> None:
    client = client_of(own.address)
    (endpoint,) = (await client.v1.webhook_endpoints.list_async()).data
    assert endpoint.url == inbox.address
    await client.v1.webhook_endpoints.delete_async(endpoint.id)
    await _refund(own, paid)
    assert await control.deliveries(own.cards) == []


async def _refund(own: Running, paid: str) -> stripe.Refund:
    asked: stripe.params.RefundCreateParams = {"payment_intent": paid, "amount": 100}
    return await client_of(own.address).v1.refunds.create_async(asked)


async def _over(own: Running, number: int) -> None:
    """Wait until so many sendings are over."""
    while True:
        sent = await control.deliveries(own.cards)
        if sum(one.due_at is None for one in sent) >= number:
            return
