"""The sandbox as a program: who may ask, and how it starts and stops."""

import asyncio
import os
import signal
import sys
import time

import httpx
import pytest
import stripe

from sandbox import control
from sandbox.control import Behaviour
from sandbox.serving import Running, running
from tests.sandbox.conftest import Inbox, client_of


async def test_it_answers_only_with_a_key_of_its_own(server: Running) -> None:
    stranger = stripe.StripeClient(
        "sk_live_1",
        base_addresses={"api": server.address},
        max_network_retries=0,
        http_client=stripe.HTTPXClient(),
    )
    with pytest.raises(stripe.AuthenticationError):
        await stranger.v1.refunds.list_async()


async def test_it_speaks_one_version_of_the_api(
    client: stripe.StripeClient, server: Running
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Invalid Stripe API version"):
        await client.v1.refunds.list_async({}, {"stripe_version": "2020-08-27"})
    async with httpx.AsyncClient(base_url=server.address) as http:
        plain = await http.get("/v1/refunds", headers={"authorization": "Bearer sk_test_1"})
        unknown = await http.get("/v1/customers")
    assert plain.headers["stripe-version"] == stripe.api_version
    assert unknown.status_code == 404
    assert "Unrecognized request URL" in unknown.json()["error"]["message"]


async def test_it_starts_and_stops_as_a_program(sandbox_database: str, inbox: Inbox) -> None:
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "--port", "0"),
        *("--webhook-url", inbox.address, "--webhook-secret", "whsec_1"),
        env=os.environ | {"SANDBOX_DATABASE_URL": sandbox_database},
        stdout=asyncio.subprocess.PIPE,
    )
    assert program.stdout
    word, address = (await program.stdout.readline()).decode().split()
    assert word == "ready"
    async with httpx.AsyncClient(base_url=address) as http:
        assert (await http.get("/healthz")).text == "ok"
    await client_of(address).v1.payment_intents.create_async({"amount": 1, "currency": "eur"})
    await inbox.until_came(1)
    assert inbox.events("whsec_1")[0].type == "payment_intent.created"
    program.send_signal(signal.SIGTERM)
    assert await program.wait() == 0


async def test_it_stops_at_once_though_a_call_hangs(sandbox_database: str) -> None:
    async with running(sandbox_database) as second:
        await second.cards.register("stuck", 100, "EUR")
        await control.script(second.cards, Behaviour.HANGS, ref="stuck", seconds=60)
        call = client_of(second.address).v1.refunds.create_async({"payment_intent": "stuck"})
        hanging = asyncio.create_task(call)
        await _until_called(second)
        began = time.monotonic()
    assert time.monotonic() - began < 2
    with pytest.raises(stripe.APIConnectionError):
        await hanging


async def _until_called(server: Running) -> None:
    async with asyncio.timeout(5):
        while True:
            if await control.calls(server.cards, "stuck"):
                return
