"""What is due on top, listed and settled through the API."""

import asyncio
from typing import Any
from uuid import uuid4

from tests.api.conftest import Shop
from tests.api.test_cancellations import ASK, a_body, ask
from use_cases.actors import Scope

PAID = {"state": "collected", "reason": "paid at the desk"}


async def test_staff_settle_what_is_due_with_a_reason_and_once(live: Shop) -> None:
    await live.policy("unpaid", rules=[{"keep": "25%"}])
    order = await live.order("unpaid", tenders=[])
    caller = await live.as_key(*ASK, Scope.MONEY)
    told = (await ask(caller, a_body(order))).json()
    seen: dict[str, Any] = {}
    async with asyncio.timeout(20):
        while not seen.get("dues"):
            seen = (await caller.get(told["links"]["self"])).json()
            await asyncio.sleep(0.05)
    assert (seen["amount_due_minor"], seen["dues"][0]["amount_minor"]) == (1_350, 1_350)
    (due,) = [
        one
        for one in (await caller.get("/v1/dues?state=owed&limit=500")).json()["items"]
        if one["subject"]["id"] == order.id
    ]
    there = f"/v1/dues/{due['id']}/settle"
    poor = await live.as_key(*ASK)
    assert (await poor.post(there, json=PAID)).status_code == 403
    assert (await caller.post(there, json=PAID | {"reason": " "})).status_code == 422
    assert (await caller.post(there, json=PAID | {"state": "owed"})).status_code == 422
    assert (await caller.post(f"/v1/dues/{uuid4()}/settle", json=PAID)).status_code == 404
    first, again = await caller.post(there, json=PAID), await caller.post(there, json=PAID)
    assert (first.status_code, first.json()) == (200, again.json())
    other = await caller.post(there, json=PAID | {"state": "waived"})
    assert (other.status_code, other.json()["code"]) == (409, "already_answered")
    whole = (await caller.get(f"/v1/orders/{order.id}")).json()
    assert (whole["amount_due_minor"], whole["dues"][0]["state"]) == (0, "collected")
    assert [one["type"] for one in whole["history"]].count("due_collected") == 1


async def test_only_what_was_asked_can_be_answered_for_a_warehouse(live: Shop) -> None:
    caller = await live.as_key(*ASK, Scope.RECORDS)
    told = (await ask(caller, a_body(await live.order()))).json()
    there = f"{told['links']['self']}/warehouse"
    nobody = await caller.post(there, json={"answer": "stopped"})
    assert (nobody.status_code, nobody.json()["code"]) == (422, "invalid_request")
    assert (await caller.post(there, json={"answer": "pending"})).status_code == 422
    unknown = await caller.post(
        f"/v1/cancellations/{uuid4()}/warehouse", json={"answer": "stopped"}
    )
    assert unknown.status_code == 404
    unsigned = await live.anonymous().post("/v1/warehouse/answers", json={"answer": "stopped"})
    assert (unsigned.status_code, unsigned.json()["code"]) == (400, "webhook_rejected")
