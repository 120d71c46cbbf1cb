"""Webhooks of a provider: signed, heard once, and only a hint."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select
from temporalio.client import Client
from temporalio.service import RPCError

from providers.registry import Providers
from providers.stripe.adapter import StripePayments
from runtime.providing import SANDBOX
from sandbox import control
from sandbox.control import Behaviour
from storage.webhooks import WebhookEventRow
from tests.api.conftest import Shop
from tests.api.test_cancellations import ASK, a_body, ask, until
from use_cases.runs import Runs

SECRET = "whsec_of_this_test"
PATH = f"/v1/webhooks/{SANDBOX}"


@pytest.fixture
async def shop(live: Shop) -> AsyncIterator[Shop]:
    """The shop with a provider whose webhooks it can read."""
    cards = StripePayments("sk_test_sandbox", (SECRET,))
    known = Providers({SANDBOX: cards})
    live.context = replace(
        live.context, read_webhook=lambda name, *rest: known.get(name).parse_webhook(*rest)
    )
    live.app.state.context = live.context
    yield live
    await cards.close()


def an_event(refund: str, status: str, type_: str = "refund.updated") -> dict[str, Any]:
    told = {"id": refund, "object": "refund", "status": status, "metadata": {}}
    return {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "type": type_,
        "created": int(time.time()),
        "data": {"object": told},
    }


def signed(event: dict[str, Any], secret: str = SECRET) -> dict[str, Any]:
    """The body of an event with its signature."""
    body = json.dumps(event).encode()
    moment = str(int(time.time()))
    mac = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return {"content": body, "headers": {"Stripe-Signature": f"t={moment},v1={mac}"}}


async def pending(shop: Shop) -> tuple[dict[str, Any], str]:
    """A cancelled order whose refund waits at the provider, and the provider's id of it."""
    ref = f"pay-{uuid4().hex[:10]}"
    card = {"id": "c", "method": "card", "payment_ref": ref, "captured_minor": 5_400}
    await shop.cards.register_all([(ref, 5_400, "EUR")])
    await control.script(shop.cards, Behaviour.ACCEPTS_PENDING, ref=ref)
    caller = await shop.as_key(*ASK)
    told = (await ask(caller, a_body(await shop.order(tenders=[card])))).json()
    seen = await until(caller, told["links"]["self"], "cancelled")
    (refund,) = await control.refunds_of(shop.cards, ref)
    return seen, refund.id


async def looks(temporal: Client, run: str) -> int:
    history = await temporal.get_workflow_handle(run).fetch_history()
    return sum(
        event.activity_task_scheduled_event_attributes.activity_type.name == "follow_refund"
        for event in history.events
    )


async def looked(temporal: Client, run: str) -> None:
    """Wait until a refund's run has had its first look, and waits for the next."""
    async with asyncio.timeout(20):
        while True:
            with suppress(RPCError):
                history = await temporal.get_workflow_handle(run).fetch_history()
                if any(
                    event.HasField("timer_started_event_attributes") for event in history.events
                ):
                    return
            await asyncio.sleep(0.05)


async def settled(caller: httpx.AsyncClient, link: str) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            seen: dict[str, Any] = (await caller.get(link)).json()
            if seen["refunds"][0]["state"] != "pending":
                return seen
            await asyncio.sleep(0.05)


async def test_a_hundred_copies_of_a_webhook_cost_one_look(shop: Shop, temporal: Client) -> None:
    seen, refund = await pending(shop)
    run = seen["refunds"][0]["workflow_id"]
    await looked(temporal, run)
    await control.succeed_later(shop.cards, refund)
    caller = shop.anonymous()
    event = signed(an_event(refund, "succeeded"))
    answers = await asyncio.gather(*(caller.post(PATH, **event) for _ in range(100)))
    assert {answer.status_code for answer in answers} == {204}
    told = await settled(await shop.as_key(*ASK), seen["links"]["self"])
    assert told["refunds"][0]["state"] == "succeeded"
    assert told["money"] == "settled"
    assert await looks(temporal, run) == 2
    async with shop.context.sessions() as session:
        (row,) = await session.scalars(select(WebhookEventRow))
    assert (str(row.refund_id), row.state) == (seen["refunds"][0]["id"], "succeeded")


async def test_webhooks_out_of_order_end_in_what_the_provider_says(shop: Shop) -> None:
    seen, refund = await pending(shop)
    await control.succeed_later(shop.cards, refund)
    caller = shop.anonymous()
    for status in ("succeeded", "pending", "requires_action"):
        assert (await caller.post(PATH, **signed(an_event(refund, status)))).status_code == 204
    told = await settled(await shop.as_key(*ASK), seen["links"]["self"])
    await control.fail_later(shop.cards, refund, "lost_or_stolen_card")
    for status in ("failed", "pending"):
        await caller.post(PATH, **signed(an_event(refund, status, "refund.failed")))
    reader = await shop.as_key(*ASK)
    async with asyncio.timeout(20):
        while told["refunds"][0]["state"] != "failed":
            told = (await reader.get(seen["links"]["self"])).json()
    assert told["money"] == "failed"


@pytest.mark.parametrize("secret", ["whsec_of_somebody", ""])
async def test_a_webhook_with_a_wrong_signature_is_refused(shop: Shop, secret: str) -> None:
    event = signed(an_event("re_1", "succeeded"), secret or SECRET)
    if not secret:
        event["content"] = event["content"].replace(b"succeeded", b"failed")
    answer = await shop.anonymous().post(PATH, **event)
    assert (answer.status_code, answer.json()["code"]) == (400, "webhook_rejected")
    async with shop.context.sessions() as session:
        assert (await session.scalars(select(WebhookEventRow))).all() == []


async def test_a_provider_that_is_not_set_up_is_not_found(shop: Shop) -> None:
    answer = await shop.anonymous().post("/v1/webhooks/nobody", **signed(an_event("re_1", "x")))
    assert (answer.status_code, answer.json()["code"]) == (404, "provider_unknown")


async def test_a_webhook_of_a_refund_that_is_not_ours_is_kept_and_starts_nothing(
    shop: Shop,
) -> None:
    shop.reach(Runs(_nowhere, "none"))
    assert (await shop.anonymous().post(PATH, **signed(an_event("re_x", "failed")))).is_success


async def test_one_whose_run_cannot_be_told_is_heard_when_it_comes_again(
    shop: Shop, temporal: Client
) -> None:
    seen, refund = await pending(shop)
    await looked(temporal, seen["refunds"][0]["workflow_id"])
    await control.succeed_later(shop.cards, refund)
    event = signed(an_event(refund, "succeeded"))
    shop.reach(Runs(_nowhere, "none"))
    caller = shop.anonymous()
    assert (await caller.post(PATH, **event)).status_code == 503
    shop.app.state.context = shop.context
    assert (await caller.post(PATH, **event)).status_code == 204
    told = await settled(await shop.as_key(*ASK), seen["links"]["self"])
    assert told["refunds"][0]["state"] == "succeeded"


async def _nowhere() -> Client:
    raise ConnectionError("there is no Temporal in this test")
