"""Stripe's adapter over the card sandbox, which can be scripted."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

import asyncpg
import pytest

from domain.money import Money
from providers.ports import ProviderRefundState
from providers.stripe.adapter import StripePayments
from providers.stripe.exponents import to_units
from sandbox import control, signing
from sandbox.control import Behaviour, Operation
from sandbox.serving import Running, running
from tests.providers.contract import CALL_TIMEOUT, Fault
from tests.sandbox.conftest import client_of

SECRET = "whsec_sandbox"

_A_DAY = timedelta(hours=25)
_LATE = (CALL_TIMEOUT * 1.8).total_seconds()
_FAULTS = {
    Fault.REFUSED: (Behaviour.REJECTS, 0.0),
    Fault.BUSY: (Behaviour.RATE_LIMITED, 0.0),
    Fault.CUT: (Behaviour.UNAVAILABLE, 0.0),
    Fault.SILENT: (Behaviour.HANGS, 10.0),
    Fault.REPLY_LOST: (Behaviour.LOSES_REPLY, 0.0),
    Fault.LATE: (Behaviour.ANSWERS_LATE, _LATE),
}
_BEGINNINGS = {
    ProviderRefundState.PENDING: Behaviour.ACCEPTS_PENDING,
    ProviderRefundState.REQUIRES_ACTION: Behaviour.REQUIRES_ACTION,
}
_numbers = count(1)


@dataclass(frozen=True)
class Sandbox:
    """A harness for the contract, and the sandbox behind it."""

    provider: StripePayments
    server: Running

    async def paid(self, amount: Money) -> str:
        ref = f"pi_{next(_numbers)}"
        await self.server.cards.register(ref, to_units(amount), amount.currency)
        return ref

    async def held(self, amount: Money) -> str:
        ref = f"pi_held_{next(_numbers)}"
        await self.server.cards.hold_all([(ref, to_units(amount), amount.currency)])
        return ref

    async def script(self, fault: Fault, ref: str, call: str = "create") -> None:
        behaviour, seconds = _FAULTS[fault]
        operation = Operation(call)
        await control.script(
            self.server.cards, behaviour, ref=ref, operation=operation, seconds=seconds
        )

    async def forget_keys(self) -> None:
        await control.advance(self.server.cards, _A_DAY)

    async def start(self, state: ProviderRefundState, ref: str) -> None:
        await control.script(self.server.cards, _BEGINNINGS[state], ref=ref)

    async def move(self, provider_ref: str, state: ProviderRefundState) -> None:
        cards = self.server.cards
        if state is ProviderRefundState.FAILED:
            await control.fail_later(cards, provider_ref, "expired_or_canceled_card")
        elif state is ProviderRefundState.CANCELLED:
            await control.cancel_later(cards, provider_ref)
        else:
            await control.succeed_later(cards, provider_ref)

    async def made(self, ref: str) -> int:
        return len(await control.refunds_of(self.server.cards, ref))

    async def webhook(self, provider_ref: str, at: datetime) -> tuple[Mapping[str, str], bytes]:
        client = client_of(self.server.address)
        events = await client.v1.events.list_async({"limit": 20})
        told = [event.to_dict() for event in events.data]
        newest = next(one for one in told if one["data"]["object"]["id"] == provider_ref)
        body = json.dumps(newest).encode()
        return signing.headers(SECRET, body, at), body


@pytest.fixture(scope="session")
async def server(postgres_url: str) -> AsyncIterator[Running]:
    """A sandbox for all tests of providers, in a database of its own."""
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("CREATE DATABASE providers")
    await connection.close()
    async with running(f"{postgres_url.rpartition('/')[0]}/providers") as server:
        yield server


@pytest.fixture
async def harness(server: Running) -> AsyncIterator[Sandbox]:
    provider = StripePayments(
        "sk_test_sandbox", ["whsec_new", SECRET], api_base=server.address, call_timeout=CALL_TIMEOUT
    )
    yield Sandbox(provider, server)
    await provider.close()
