"""Refunds a second: by the card sandbox alone, through our adapter, and through the whole product.

`python -m bench.refunds` starts a Rescind of its own on an empty folder, cancels orders that were
paid by card, and then asks the same sandbox directly: over plain HTTP, which is what it can do at
best, by Stripe's SDK, and through our adapter, which uses that.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import httpx
import stripe

from bench.asking import caller
from bench.installed import Installed, installed
from bench.measure import Watch, at_once, machine, watching
from bench.results import keep
from domain.money import Money
from providers.stripe.adapter import StripePayments
from runtime import loop
from sandbox.cards import Cards
from storage.database import make_engine, make_sessions
from storage.invariants import violations

AMOUNT = 1_500
Refund = Callable[[str], Awaitable[object]]
Rates = dict[str, float]
_DIRECTLY = ("plain", "sdk", "adapter")


def main() -> int:
    arguments = _arguments()
    load = os.getloadavg()[0]
    rates, watch = loop.run(_measure(arguments.count, arguments.in_flight))
    told = text(rates, watch, arguments.count, arguments.in_flight, load)
    print(told)
    if not arguments.quick:
        keep("refunds", told)
    return 0


def text(rates: Rates, watch: Watch, count: int, in_flight: int, load: float) -> str:
    best = max(rates.values())
    rows = [f"| {name} | {rate:.0f} | {rate / best:.2f} |" for name, rate in rates.items()]
    head = [
        f"{datetime.now(UTC):%d %b %Y, %H:%M} UTC. {machine()}; load before the start {load:.1f}.",
        f"{count} refunds each, {in_flight} at a time; all parts on this one machine.\n",
        "| refunds of cards | a second | of the best |",
        "|---|---:|---:|",
    ]
    return "\n".join([*head, *rows, "", *_parts(watch), "", _VERDICT])


def _parts(watch: Watch) -> list[str]:
    """What each part took while the product did its refunds."""
    head = ["| process | peak RSS, MB | peak PSS, MB | CPU s |", "|---|---:|---:|---:|"]
    return head + [
        f"| {name} | {usage.rss / 1e6:.0f} | {usage.pss / 1e6:.0f} | {usage.cpu:.1f} |"
        for name, usage in sorted(watch.usage.items())
    ]


_VERDICT = "Each refund is at the sandbox once, and no promise of the data is broken."


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.refunds", description=__doc__)
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--in-flight", type=int, default=16)
    parser.add_argument("--quick", action="store_true", help="keep nothing")
    return parser.parse_args()


async def _measure(count: int, in_flight: int) -> tuple[Rates, Watch]:
    async with installed() as ours:
        async with watching(ours.process.pid) as watch:
            whole = await _by_the_product(ours, count, in_flight)
        async with Cards.open(ours.database, 2) as cards:
            refs = [[f"{name}-{n}" for n in range(count)] for name in _DIRECTLY]
            await cards.register_all([(ref, AMOUNT, "EUR") for group in refs for ref in group])
        async with httpx.AsyncClient(
            base_url=ours.cards, headers={"Authorization": "Bearer sk_test_bench"}, timeout=60
        ) as http:
            plain = await _rate(refs[0], in_flight, lambda ref: _plainly(http, ref))
        sdk = _sdk(ours.cards)
        by_sdk = await _rate(refs[1], in_flight, lambda ref: _by_sdk(sdk, ref))
        adapter = StripePayments("sk_test_bench", api_base=ours.cards)
        amount = Money(minor=AMOUNT, currency="EUR")
        through = await _rate(
            refs[2], in_flight, lambda ref: adapter.create(f"bench:{ref}", ref, amount)
        )
        await adapter.close()
    rates = {
        "the sandbox alone, over plain HTTP": plain,
        "the sandbox alone, by Stripe's SDK": by_sdk,
        "through our adapter, with the payment read first": through,
        "by cancelling an order, from the request to the refund's success": whole,
    }
    return rates, watch


async def _by_the_product(ours: Installed, count: int, in_flight: int) -> float:
    async with caller(ours, in_flight) as http:
        body = {"id": "open", "title": "Always", "currency": "EUR"}
        (await http.put("/policies/open", json=body)).raise_for_status()
        records = "".join(json.dumps(_order(n)) + "\n" for n in range(count))
        (await http.post("/imports", content=records.encode())).raise_for_status()

        async def cancel(number: int) -> None:
            asked = {"subject": {"kind": "order", "id": f"card-{number}"}}
            (await http.post("/cancellations", json=asked)).raise_for_status()

        began = time.perf_counter()
        await at_once(range(count), in_flight, cancel)
        await _landed(ours.database, count)
        return count / (time.perf_counter() - began)


async def _landed(database: str, count: int) -> None:
    connection = await asyncpg.connect(database)
    done = "SELECT count(*) FROM refunds WHERE payment_ref LIKE 'bench-%' AND state = 'succeeded'"
    async with asyncio.timeout(600):
        while True:
            if await connection.fetchval(done) >= count:
                break
            await asyncio.sleep(0.1)
    made = "SELECT count(*) FROM sandbox.refunds WHERE ref LIKE 'bench-%'"
    if await connection.fetchval(made) != count:
        raise SystemExit("the card sandbox has another number of refunds")
    await connection.close()
    engine = make_engine(database, connections=2)
    async with make_sessions(engine)() as session:
        if broken := await violations(session):
            raise SystemExit(f"promises of the data are broken: {broken}")
    await engine.dispose()


async def _rate(refs: list[str], in_flight: int, refund: Refund) -> float:
    began = time.perf_counter()
    await at_once(refs, in_flight, refund)
    return len(refs) / (time.perf_counter() - began)


async def _plainly(http: httpx.AsyncClient, ref: str) -> None:
    answer = await http.post(
        "/v1/refunds",
        data={"payment_intent": ref, "amount": str(AMOUNT)},
        headers={"Idempotency-Key": str(uuid4())},
    )
    answer.raise_for_status()


def _sdk(address: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        "sk_test_bench",
        base_addresses={"api": address},
        max_network_retries=0,
        http_client=stripe.HTTPXClient(timeout=60),
    )


async def _by_sdk(client: stripe.StripeClient, ref: str) -> None:
    await client.v1.refunds.create_async(
        {"payment_intent": ref, "amount": AMOUNT}, {"idempotency_key": str(uuid4())}
    )


def _order(number: int) -> dict[str, object]:
    return {
        "kind": "order",
        "id": f"card-{number}",
        "stage": "open",
        "policy": {"id": "open"},
        "currency": "EUR",
        "lines": [{"id": "1", "sku": "pen", "unit_price_minor": AMOUNT}],
        "tenders": [{"method": "card", "payment_ref": f"bench-{number}", "captured_minor": AMOUNT}],
    }


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # The Temporal SDK may abort the interpreter at its end (temporalio/sdk-python issue 300).
    os._exit(code)
