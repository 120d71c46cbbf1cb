"""A refund that a provider refuses for good is settled by people."""

import asyncio
from typing import Any

import httpx

from sandbox import control
from sandbox.control import Behaviour
from tests.api.conftest import Shop
from tests.api.test_cancellations import ASK, a_body, ask
from use_cases.actors import Scope


async def _refused_refund(live: Shop, caller: httpx.AsyncClient) -> dict[str, Any]:
    """Cancel an order paid by a card that takes nothing back, and wait until a person is asked."""
    await live.policy("stands", on_refused="stand")
    payment = f"pay_{id(live)}"
    await live.cards.register(payment, 5_400, "EUR")
    await control.script(live.cards, Behaviour.REJECTS, ref=payment, times=None)
    card = {"id": "c", "method": "card", "payment_ref": payment, "captured_minor": 5_400}
    order = await live.order("stands", tenders=[card])
    told = (await ask(caller, a_body(order))).json()
    seen: dict[str, Any] = told
    for _ in range(400):
        seen = (await caller.get(told["links"]["self"])).json()
        if seen["attention"]:
            return seen
        await asyncio.sleep(0.05)
    raise AssertionError(f"nobody was asked: {seen}")


async def test_waiving_a_refund_takes_a_reason_money_and_a_second_person(live: Shop) -> None:
    caller = await live.as_key(*ASK, Scope.RESOLVE, Scope.MONEY)
    seen = await _refused_refund(live, caller)
    assert (seen["state"], seen["money"]) == ("cancelled", "failed")
    (waits,) = seen["attention"]
    assert waits["step"] == "refund"
    assert waits["choices"] == ["pay_by_hand", "retry", "settle_by_hand", "skip", "store_credit"]
    there = f"{seen['links']['self']}/resolve"
    skip = {"step": "refund", "choice": "skip", "refund_id": waits["refund_id"]}
    why = {"reason": "paid in cash at the desk"}

    other = await live.as_key(Scope.RESOLVE, Scope.MONEY)
    poor = await live.as_key(Scope.RESOLVE)
    bare = await other.post(there, json=skip)
    assert (bare.status_code, bare.json()["code"]) == (422, "invalid_request")
    unpaid = await poor.post(there, json=skip | why)
    assert (unpaid.status_code, unpaid.json()["params"]) == (403, {"scope": "money"})
    same = await caller.post(there, json=skip | why)
    assert (same.status_code, same.json()["code"]) == (403, "second_person_required")

    done = await other.post(there, json=skip | why)
    assert done.status_code == 200
    for _ in range(200):
        seen = (await caller.get(seen["links"]["self"])).json()
        if seen["refunds"][0]["state"] == "waived":
            break
        await asyncio.sleep(0.05)
    assert (seen["refunds"][0]["state"], seen["money"]) == ("waived", "settled")
    assert seen["attention"] == []
    again = await other.post(there, json=skip | why)
    assert (again.status_code, again.json()["code"]) == (409, "already_answered")


async def test_a_refund_of_another_cancellation_is_not_settled_here(live: Shop) -> None:
    caller = await live.as_key(*ASK, Scope.RESOLVE)
    seen = await _refused_refund(live, caller)
    there = f"{seen['links']['self']}/resolve"
    body = {"step": "refund", "choice": "retry", "refund_id": seen["id"]}
    answer = await caller.post(there, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
