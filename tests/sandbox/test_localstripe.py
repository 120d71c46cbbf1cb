"""The sandbox beside localstripe, somebody else's stand-in for the same API: both must agree.

It runs as a program of its own, started afresh. What it is known to do unlike Stripe is listed at
the end, with what both say: more than the payment can be refunded, keys mean nothing to it, and it
refuses parameters that it doesn't know, such as a refund's reason.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

import httpx
import pytest
import stripe

from runtime import ports
from tests.sandbox.conftest import client_of

Case = Callable[[stripe.StripeClient], Awaitable[Any]]

CARD = "pm_card_visa"

_START = """
from localstripe import resources, server
resources.store.dump_to_disk = lambda: None
server.start()
"""
"""As it starts by itself, but that it keeps nothing: its file has one place for the whole machine,
and may be somebody else's."""


@pytest.fixture(scope="session")
async def foreign() -> AsyncIterator[stripe.StripeClient]:
    address = f"http://127.0.0.1:{ports.any_free()[0]}"
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _START, "--from-scratch"),
        *("--port", address.rpartition(":")[2]),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    await _until_it_answers(address)
    yield client_of(address)
    program.terminate()
    await program.wait()


async def paid_at_once(client: stripe.StripeClient) -> Any:
    return _payment(await _pay(client, metadata={"order": "1042"}))


async def confirmed_afterwards(client: stripe.StripeClient) -> Any:
    made = await client.v1.payment_intents.create_async(
        {"amount": 900, "currency": "jpy", "payment_method": CARD}
    )
    return _payment(made), _payment(await client.v1.payment_intents.confirm_async(made.id))


async def read_again(client: stripe.StripeClient) -> Any:
    made = await _pay(client)
    return _payment(await client.v1.payment_intents.retrieve_async(made.id))


async def held_and_captured(client: stripe.StripeClient) -> Any:
    held = await _pay(client, capture_method="manual")
    return _payment(held), _payment(await client.v1.payment_intents.capture_async(held.id))


async def held_and_let_go(client: stripe.StripeClient) -> Any:
    held = await _pay(client, capture_method="manual")
    return _payment(await client.v1.payment_intents.cancel_async(held.id))


async def paid_and_not_cancelled(client: stripe.StripeClient) -> Any:
    paid = await _pay(client)
    return await _refusal(client.v1.payment_intents.cancel_async(paid.id))


async def unknown_payment(client: stripe.StripeClient) -> Any:
    return await _refusal(client.v1.payment_intents.retrieve_async("pi_unknown"))


async def unknown_refund(client: stripe.StripeClient) -> Any:
    return await _refusal(client.v1.refunds.retrieve_async("re_unknown"))


async def refunded_in_parts(client: stripe.StripeClient) -> Any:
    paid = await _pay(client)
    parts = [await _refund(client, paid, amount=amount) for amount in (1_500, 2_000)]
    charge = await client.v1.charges.retrieve_async(_charge(paid))
    return [_returned(part) for part in parts], charge.amount_refunded, charge.refunded


async def refunded_in_full(client: stripe.StripeClient) -> Any:
    paid = await _pay(client)
    refund = await _refund(client, paid, metadata={"refund": "r-1"})
    charge = await client.v1.charges.retrieve_async(_charge(paid))
    again = await client.v1.refunds.retrieve_async(refund.id)
    return _returned(refund), _returned(again), charge.amount_refunded, charge.refunded


async def refunds_listed(client: stripe.StripeClient) -> Any:
    paid = await _pay(client)
    for amount in (100, 200, 300):
        await _refund(client, paid, amount=amount)
    page = await client.v1.refunds.list_async({"charge": _charge(paid)})
    return sorted(refund.amount for refund in page.data), page.has_more


CASES: tuple[Case, ...] = (
    paid_at_once,
    confirmed_afterwards,
    read_again,
    held_and_captured,
    held_and_let_go,
    paid_and_not_cancelled,
    unknown_payment,
    unknown_refund,
    refunded_in_parts,
    refunded_in_full,
    refunds_listed,
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
async def test_both_agree(
    client: stripe.StripeClient, foreign: stripe.StripeClient, case: Case
) -> None:
    assert await case(client) == await case(foreign)


async def refunded_above_the_payment(client: stripe.StripeClient) -> Any:
    paid = await _pay(client)
    return await _refusal(_refund(client, paid, amount=5_001))


async def refunded_twice(client: stripe.StripeClient) -> Any:
    paid = await _pay(client)
    await _refund(client, paid)
    return await _refusal(_refund(client, paid, amount=5_000))


async def asked_twice_with_one_key(client: stripe.StripeClient) -> Any:
    paid = await _pay(client)
    options: stripe.RequestOptions = {"idempotency_key": paid.id}
    asked: stripe.params.RefundCreateParams = {"payment_intent": paid.id, "amount": 100}
    made = [await client.v1.refunds.create_async(asked, options) for _ in range(2)]
    return made[0].id == made[1].id


async def refunded_for_a_reason(client: stripe.StripeClient) -> Any:
    paid = await _pay(client)
    return await _refusal(_refund(client, paid, reason="requested_by_customer"))


@pytest.mark.parametrize(
    ("case", "ours", "theirs"),
    [
        (refunded_above_the_payment, 400, None),
        (refunded_twice, 400, None),
        (asked_twice_with_one_key, True, False),
        (refunded_for_a_reason, None, 400),
    ],
    ids=lambda case: getattr(case, "__name__", None),
)
async def test_where_the_other_is_not_as_stripe_is(
    client: stripe.StripeClient,
    foreign: stripe.StripeClient,
    case: Case,
    ours: object,
    theirs: object,
) -> None:
    assert (await case(client), await case(foreign)) == (ours, theirs)


async def _pay(client: stripe.StripeClient, **more: Any) -> stripe.PaymentIntent:
    asked: Any = {"amount": 5_000, "currency": "eur", "confirm": True, "payment_method": CARD}
    return await client.v1.payment_intents.create_async(asked | more)


async def _refund(
    client: stripe.StripeClient, paid: stripe.PaymentIntent, **more: Any
) -> stripe.Refund:
    asked: Any = {"payment_intent": paid.id} | more
    return await client.v1.refunds.create_async(asked)


def _payment(one: stripe.PaymentIntent) -> Any:
    return one.object, one.status, one.amount, one.currency, one.metadata.to_dict()


def _charge(one: stripe.PaymentIntent) -> str:
    """The id of its charge, which the other one always tells in full."""
    charge = one.latest_charge
    return charge.id if isinstance(charge, stripe.Charge) else str(charge)


def _returned(one: stripe.Refund) -> Any:
    notes = one.metadata.to_dict() if one.metadata is not None else None
    return one.object, one.status, one.amount, one.currency, notes


async def _refusal(call: Awaitable[object]) -> int | None:
    """The status of a no; None: it was done."""
    try:
        await call
    except stripe.InvalidRequestError as no:
        return no.http_status
    return None


async def _until_it_answers(address: str) -> None:
    async with asyncio.timeout(20), httpx.AsyncClient(base_url=address) as http:
        while True:
            with suppress(httpx.TransportError):
                await http.get("/")
                return
            await asyncio.sleep(0.05)
