"""The customers' pages: what they weigh, how long they take, and 500 status pages that stay open.

`python -m bench.pages` starts a Rescind of its own with the example business, and asks for its
pages one after another; then the same with 100,000 orders more. A small file that lies ready in
memory is asked for in between: that is the limit for any answer of this server.
"""

import argparse
import json
import os
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import asyncpg
import httpx

from bench.asking import caller
from bench.browsing import Browser, Page
from bench.installed import Installed, installed
from bench.live_pages import Live, follow_all
from bench.pages_report import Phase, Weight, text
from bench.results import keep
from runtime import loop
from storage import portal
from storage.database import make_engine, make_sessions
from web.shared.paths import ROOT

ORDER = "1042"
"""An order of the example business that can be cancelled in whole and in part."""

CUSTOMERS, EACH, BUSY = 9_500, 10, 5_000
"""So many customers with so many orders, and one with very many."""


def main() -> int:
    arguments = _arguments()
    load = os.getloadavg()[0]
    measured = loop.run(_measure(arguments))
    told = text(*measured, load)
    print(told)
    if not arguments.quick:
        keep("pages", told)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    parser.add_argument("--times", type=int, default=300, help="how often each page is asked for")
    parser.add_argument("--streams", type=int, default=500)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--quick", action="store_true", help="keep nothing")
    return parser.parse_args()


async def _measure(arguments: argparse.Namespace) -> tuple[dict[str, Weight], list[Phase], Live]:
    async with installed() as ours:
        customer = await _customer(ours)
        weights = await _weights(ours, customer)
        phases = [await _phase(ours, [customer], arguments.times)]
        many = await _fill(ours, arguments.customers)
        phases.append(await _phase(ours, many, arguments.times))
        live = await follow_all(ours, arguments.streams)
    return weights, phases, live


# Who comes, and what for


@dataclass(frozen=True)
class Customer:
    name: str
    secret: str
    order: str


async def _customer(ours: Installed) -> Customer:
    """Ada of the example business, who has most of its orders."""
    connection = await asyncpg.connect(ours.database)
    email = await connection.fetchval("SELECT customer_email FROM subjects WHERE ref = $1", ORDER)
    await connection.close()
    return await _signed_in(ours, "the example", email, ORDER)


async def _signed_in(ours: Installed, name: str, email: str, order: str) -> Customer:
    secret, now = secrets.token_urlsafe(32), datetime.now(UTC)
    engine = make_engine(ours.database, connections=1)
    async with make_sessions(engine).begin() as session:
        await portal.open_session(session, secret, None, email, now, now + timedelta(hours=1))
    await engine.dispose()
    return Customer(name, secret, order)


async def _fill(ours: Installed, customers: int) -> list[Customer]:
    """Import the orders; who has ten of them comes, and who has thousands."""
    async with caller(ours, 2) as http:
        for first in range(0, customers, 500):
            some = range(first, min(first + 500, customers))
            await _import(http, [_order(f"c{c}", n) for c in some for n in range(EACH)])
        await _import(http, [_order("busy", n) for n in range(BUSY)])
    connection = await asyncpg.connect(ours.database)
    await connection.execute("ANALYZE")
    await connection.close()
    return [
        await _signed_in(ours, "ten orders", "c7@customers.example", "c7-3"),
        await _signed_in(ours, "5,000 orders", "busy@customers.example", "busy-3"),
    ]


async def _import(http: httpx.AsyncClient, records: Sequence[dict[str, object]]) -> None:
    body = "".join(json.dumps(record) + "\n" for record in records).encode()
    answer = await http.post("/imports", content=body, timeout=300)
    answer.raise_for_status()
    if answer.text.count('"created"') != len(records):
        raise SystemExit(f"not all orders were imported: {answer.text[:300]}")


def _order(customer: str, number: int) -> dict[str, object]:
    placed = datetime.now(UTC) - timedelta(hours=number % 2_000 + 1)
    return {
        "kind": "order",
        "id": f"{customer}-{number}",
        "stage": "open",
        "placed_at": placed.isoformat(),
        "customer": {"ref": customer, "email": f"{customer}@customers.example"},
        "currency": "EUR",
        "lines": [
            {"id": "1", "title": "Mug", "quantity": 2, "unit_price_minor": 1_500},
            {"id": "2", "title": "Tea", "unit_price_minor": 900},
        ],
        "tenders": [
            {"method": "card", "payment_ref": f"pay-{customer}-{number}", "captured_minor": 3_900}
        ],
    }


# Weights


async def _weights(ours: Installed, customer: Customer) -> dict[str, Weight]:
    """Each page on a browser that was never here, and on one that has the files already."""
    found = {}
    for name, path in _paths(customer).items():
        visitor = await Browser.at(ours.api, customer.secret)
        page = await visitor.get(path)
        files = [await visitor.get(file) for file in page.needs]
        visitor.close()
        found[name] = Weight(
            page.weight + sum(f.weight for f in files), 1 + len(files), page.weight
        )
    return found


def _paths(customer: Customer) -> dict[str, str]:
    order = f"{ROOT}/orders/{customer.order}"
    return {
        "sign in": f"{ROOT}/enter",
        "home": f"{ROOT}/",
        "order": order,
        "choose": f"{order}/cancel",
        "history": f"{ROOT}/history",
        "preferences": f"{ROOT}/preferences",
    }


# Times


async def _phase(ours: Installed, customers: Sequence[Customer], times: int) -> Phase:
    """Ask for all pages in turn, so that whatever else happens meets them all alike."""
    phase = Phase(await _orders(ours))
    for customer in customers:
        visitor = await Browser.at(ours.api, customer.secret)
        small = (await visitor.get(f"{ROOT}/preferences")).needs[-1]
        for turn in range(times + 5):
            for name, page in (await _turn(visitor, customer, small)).items():
                if turn >= 5:
                    phase.add(name if name == "a file" else f"{name}, {customer.name}", page)
        visitor.close()
    return phase


async def _turn(visitor: Browser, customer: Customer, small: str) -> dict[str, Page]:
    paths = _paths(customer)
    pages = {"a file": await visitor.get(small)}
    for name, path in paths.items():
        pages[name] = await visitor.get(path)
    form = pages["choose"].hidden
    chosen = {"line": "1", "quantity.1": "1"}
    asked = urlencode({"chosen": "1", **chosen})
    pages["amounts"] = await visitor.get(f"{paths['choose']}?{asked}", **{"HX-Request": "true"})
    sent = await visitor.post(paths["choose"], form | chosen)
    review = await visitor.get(sent.leads_to)
    pages["review, form and page"] = review._replace(seconds=sent.seconds + review.seconds)
    return pages


async def _orders(ours: Installed) -> int:
    connection = await asyncpg.connect(ours.database)
    count: int = await connection.fetchval("SELECT count(*) FROM subjects WHERE kind = 'order'")
    await connection.close()
    return count


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # as in bench.refunds
