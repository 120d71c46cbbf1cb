"""Quotes: a price promised against the clock, for one request that says the same."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.api.conftest import Shop
from tests.api.test_cancellations import ASK, a_body, ask, until
from use_cases.actors import Scope


async def _quote(caller: Any, body: dict[str, Any]) -> dict[str, Any]:
    answer = await caller.post("/v1/quotes", json=body)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    assert answer.headers["location"] == told["links"]["self"]
    return told


async def test_a_quote_tells_the_decision_and_is_good_for_one_request(live: Shop) -> None:
    order = await live.order()
    caller = await live.as_key(*ASK)
    body = a_body(order, lines=[{"id": "1", "quantity": 1}])
    quote = await _quote(caller, body)
    assert quote["decision"]["outcome"] == "allowed"
    assert quote["decision"]["refund_minor"] == 1_500
    assert quote["expires_at"] > quote["request"]["requested_at"]
    told = (await ask(caller, body | {"quote": quote["id"]})).json()
    assert (told["outcome"], told["refund_minor"]) == ("accepted", 1_500)
    await until(caller, told["links"]["self"], "cancelled")
    again = await ask(caller, body | {"quote": quote["id"]})
    assert (again.status_code, again.json()["code"]) == (409, "quote_used")
    read = (await caller.get(quote["links"]["self"])).json()
    assert read["used_by"] == told["id"]


async def test_nothing_is_cancelled_by_a_quote(live: Shop) -> None:
    order = await live.order()
    caller = await live.as_key(*ASK)
    for _ in range(2):
        await _quote(caller, a_body(order))
    page = (await caller.get("/v1/cancellations")).json()
    assert page["items"] == []


async def test_a_request_that_says_something_else_does_not_get_the_price(live: Shop) -> None:
    order, other = await live.order(), await live.order()
    caller = await live.as_key(*ASK)
    quote = await _quote(caller, a_body(order))
    for body in (
        a_body(order, lines=[{"id": "1"}]),
        a_body(order, reason={}),
        a_body(order, method="store_credit"),
        a_body(order, right="law"),
        a_body(order, initiator="system"),
        a_body(order, asker="somebody"),
        a_body(other),
    ):
        answer = await ask(caller, body | {"quote": quote["id"]})
        assert (answer.status_code, answer.json()["code"]) == (422, "quote_mismatch"), body


async def test_an_expired_quote_is_refused(live: Shop) -> None:
    order = await live.order()
    caller = await live.as_key(*ASK)
    quote = await _quote(caller, a_body(order))
    now = live.context.clock()
    later = now + live.context.quote_life + timedelta(seconds=10)
    live.app.state.context = replace(live.context, clock=lambda: later)
    answer = await ask(caller, a_body(order, quote=quote["id"]))
    assert (answer.status_code, answer.json()["code"]) == (409, "quote_expired")


async def test_a_changed_fact_voids_a_quote_and_brings_a_new_one(live: Shop) -> None:
    order = await live.order()
    caller = await live.as_key(*ASK)
    quote = await _quote(caller, a_body(order))
    await live.change(order, attributes={"gift": True})
    answer = await ask(caller, a_body(order, quote=quote["id"]))
    assert (answer.status_code, answer.json()["code"]) == (409, "quote_outdated"), answer.text
    fresh = answer.json()["params"]["quote"]
    assert fresh["id"] != quote["id"]
    assert fresh["decision"]["refund_minor"] == 5_400
    told = await ask(caller, a_body(order, quote=fresh["id"]))
    assert told.json()["outcome"] == "accepted"


async def test_a_quote_ends_at_a_cutoff_that_lies_ahead(live: Shop) -> None:
    late = {"when": {"notice": {"under": "1h"}}, "refuse": "too_late"}
    await live.policy("early", rules=[late])
    starts = live.context.clock() + timedelta(hours=1, minutes=5)
    order = await live.order("early", starts_at=starts.isoformat())
    quote = await _quote(await live.as_key(*ASK), a_body(order))
    cutoff = (starts - timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    assert quote["expires_at"] == cutoff


async def test_a_quote_that_is_not_there_is_not_found(shop: Shop) -> None:
    caller = await shop.as_key(Scope.READ)
    answer = await caller.get("/v1/quotes/6f0e1a52-5c3a-4f5e-9d0b-0c7f6e6b7a11")
    assert (answer.status_code, answer.json()["code"]) == (404, "quote_not_found")
