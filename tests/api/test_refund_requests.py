"""Refunds and requests for them over HTTP."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy import func, select
from temporalio.client import Client

from domain.subjects import SubjectRef
from storage.refund_requests import RefundRequestRow
from tests.api.conftest import Shop
from tests.api.test_cancellations import ASK, a_body, until
from tests.api.test_cancellations import ask as cancel
from use_cases.actors import Scope

SECRET = "DE02 1203 0000 for Ada"
STAFF: dict[str, Any] = {"initiator": "staff", "reason": {"code": "changed_mind"}}


async def ask(
    caller: httpx.AsyncClient, subject: SubjectRef, key: str | None = None, **known: Any
) -> httpx.Response:
    body = {"subject": subject.model_dump(mode="json")} | known.pop("change", {}) | known
    headers = {"Idempotency-Key": key} if key else {}
    return await caller.post("/v1/refund-requests", json=body, headers=headers)


async def until_it_waits(caller: httpx.AsyncClient, link: str, attention: str) -> None:
    async with asyncio.timeout(10):
        while True:
            if (await caller.get(link)).json()["attention"] == attention:
                return
            await asyncio.sleep(0.05)


BAD: list[tuple[dict[str, Any], int, str]] = [
    ({}, 422, "amount_required"),
    ({"amount_minor": 0}, 422, "invalid_request"),
    ({"amount_minor": -1}, 422, "invalid_request"),
    ({"amount_minor": 5_401}, 422, "refund_too_high"),
    ({"amount_minor": 10**15 + 1}, 422, "invalid_request"),
    ({"lines": [{"id": "9"}]}, 422, "line_not_found"),
    ({"lines": [{"id": "1"}, {"id": "1"}]}, 422, "line_repeated"),
    ({"lines": [{"id": "1", "quantity": 3}]}, 422, "quantity_too_high"),
    ({"lines": [{"id": "1"}], "amount_minor": 3_001}, 422, "refund_too_high"),
    ({"amount_minor": 1, "form": "pebbles"}, 422, "form_not_offered"),
    ({"amount_minor": 1, "form": "store_credit"}, 422, "form_not_offered"),
    ({"amount_minor": 1, "reason": {"code": "unheard"}}, 422, "reason_unknown"),
    ({"amount_minor": 1, "reason": {"code": "other"}}, 422, "note_required"),
    ({"amount_minor": 1, "reason": {"note": "x" * 2_001}}, 422, "note_too_long"),
    ({"amount_minor": 1, "payout_details": "a\0b"}, 422, "invalid_request"),
    ({"amount_minor": 1, "payout_details": "x" * 501}, 422, "invalid_request"),
    ({"amount_minor": 1, "initiator": "staff"}, 422, "reason_required"),
    ({"amount_minor": 1, "cancellation_id": str(uuid4())}, 404, "cancellation_not_found"),
    ({"amount_minor": 1, "subject": {"kind": "order", "id": "0"}}, 404, "subject_not_found"),
    ({"amount_minor": 1, "unheard": 1}, 422, "invalid_request"),
]


async def test_each_wrong_request_is_refused_with_a_code_of_its_own(shop: Shop) -> None:
    caller = await shop.as_key(*ASK, Scope.MONEY)
    order = await shop.order()
    for change, status, code in BAD:
        answer = await ask(caller, order, change=change)
        assert (answer.status_code, answer.json()["code"]) == (status, code), (change, answer.text)
    async with shop.context.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(RefundRequestRow)) == 0


async def test_staff_give_money_back_only_with_a_scope_for_it(shop: Shop) -> None:
    order = await shop.order()
    plain = await ask(await shop.as_key(*ASK, Scope.DECIDE), order, amount_minor=1, **STAFF)
    assert (plain.status_code, plain.json()["params"]) == (403, {"scope": "money"})
    for scope in (Scope.MONEY, Scope.GOODWILL):
        told = await ask(await shop.as_key(*ASK, scope), order, amount_minor=1, **STAFF)
        assert (told.status_code, told.json()["state"]) == (202, "accepted")


async def test_a_subject_at_work_and_a_cancellation_of_another_are_refused(live: Shop) -> None:
    caller = await live.as_key(*ASK)
    order, other = await live.order("asks"), await live.order()
    waiting = (await cancel(caller, a_body(order))).json()
    busy = await ask(caller, order, amount_minor=1)
    assert (busy.status_code, busy.json()["code"]) == (409, "subject_busy")
    wrong = await ask(caller, other, amount_minor=1, cancellation_id=waiting["id"])
    assert (wrong.status_code, wrong.json()["code"]) == (404, "cancellation_not_found")


async def test_a_request_stands_while_nobody_is_at_temporal(shop: Shop) -> None:
    """It is on record, so it answers; a yes is not taken before there is a run to tell."""
    order = await shop.order()
    caller = await shop.as_key(*ASK, Scope.DECIDE)
    first = await ask(caller, order, "k", amount_minor=100)
    again = await ask(caller, order, "k", amount_minor=100)
    other = await ask(caller, order, "k", amount_minor=200)
    assert (first.status_code, first.json()["id"]) == (202, again.json()["id"])
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    there = first.headers["location"]
    yes = await caller.post(f"{there}/approve")
    assert (yes.status_code, yes.json()["code"]) == (503, "service_unavailable")
    seen = (await caller.get(there)).json()
    assert seen["state"] == "awaiting_approval"
    assert seen["links"]["refunds"] == [f"/v1/refunds/{seen['refunds'][0]['id']}"]


async def test_refunds_are_listed_by_what_they_wait_for(shop: Shop) -> None:
    caller = await shop.as_key(*ASK, Scope.MONEY)
    orders = [await shop.order() for _ in range(3)]
    asked = [(await ask(caller, one, amount_minor=100)).json() for one in orders]
    ids = [one["refunds"][0]["id"] for one in reversed(asked)]

    async def listed(**params: Any) -> list[str]:
        answer = await caller.get("/v1/refunds", params=params)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    assert await listed() == await listed(attention="approval") == await listed(waiting=True) == ids
    assert await listed(state="owed", method="gift_card", kind="order") == ids
    assert await listed(subject=orders[0].id) == ids[2:]
    for other in (
        {"waiting": False},
        {"state": "succeeded"},
        {"method": "card"},
        {"cancellation": str(uuid4())},
        {"due_before": "2999-01-01T00:00:00Z"},
    ):
        assert await listed(**other) == []
    page = (await caller.get("/v1/refunds", params={"limit": 2})).json()
    rest = (await caller.get("/v1/refunds", params={"cursor": page["next"]})).json()
    assert [one["id"] for one in page["items"] + rest["items"]] == ids
    wrong = await caller.get("/v1/refunds", params={"cursor": "x"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid_cursor")


async def test_where_a_customer_wants_it_is_shown_only_to_who_pays(shop: Shop) -> None:
    order = await shop.order()
    plain, payer = await shop.as_key(*ASK), await shop.as_key(*ASK, Scope.MONEY)
    told = (await ask(plain, order, amount_minor=100, payout_details="to be told")).json()
    there = told["links"]["refunds"][0]
    put = await plain.put(f"{there}/payout-details", json={"details": SECRET})
    assert put.status_code == 204
    assert (await plain.get(there)).json()["payout"]["details"] is None
    assert (await payer.get(there)).json()["payout"]["details"] == SECRET
    history = (await payer.get(f"/v1/orders/{order.id}/events")).text
    assert SECRET not in history


async def test_what_is_said_of_a_refund_fits_what_it_waits_for(shop: Shop) -> None:
    caller = await shop.as_key(*ASK, Scope.MONEY, Scope.RESOLVE)
    there = (await ask(caller, await shop.order(), amount_minor=100)).json()["links"]["refunds"][0]
    for word, body in (
        ("pay", {"reference": "r"}),
        ("waive", {"reason": "so"}),
        ("retry", {}),
        ("accept-credit", {}),
    ):
        answer = await caller.post(f"{there}/{word}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "choice_not_allowed"), word
        gone = await caller.post(f"/v1/refunds/{uuid4()}/{word}", json=body)
        assert (gone.status_code, gone.json()["code"]) == (404, "refund_not_found"), word
    for word, wrong in (("pay", {}), ("pay", {"reference": ""}), ("waive", {})):
        assert (await caller.post(f"{there}/{word}", json=wrong)).status_code == 422


async def test_no_words_of_a_person_get_into_a_run(live: Shop, temporal: Client) -> None:
    """What is sent to Temporal is ids, codes and amounts."""
    caller, staff = await live.as_key(*ASK), await live.as_key(*ASK, Scope.DECIDE)
    order = await live.order()
    note = {"code": "other", "note": "my own words"}
    told = await ask(caller, order, amount_minor=100, reason=note, payout_details=SECRET)
    there = told.headers["location"]
    yes = await staff.post(f"{there}/approve")
    assert yes.status_code in (200, 202), yes.text
    refund = yes.json()["refunds"][0]
    history = await temporal.get_workflow_handle(refund["workflow_id"]).fetch_history()
    assert refund["id"] in str(history)
    assert "my own words" not in str(history)
    assert SECRET not in str(history)
    assert "my own words" in (await caller.get(there)).text


async def test_a_waiver_takes_a_reason_and_another_person(live: Shop) -> None:
    asker = await live.as_key(*ASK, Scope.MONEY)
    order = await live.order(tenders=[{"id": "c", "method": "cash", "captured_minor": 5_400}])
    done = (await cancel(asker, a_body(order))).json()
    seen = await until(asker, done["links"]["self"], "cancelled")
    there = f"/v1/refunds/{seen['refunds'][0]['id']}"
    await until_it_waits(asker, there, "manual")
    same = await asker.post(f"{there}/waive", json={"reason": "given in goods"})
    assert (same.status_code, same.json()["code"]) == (403, "second_person_required")
    other = await live.as_key(*ASK, Scope.MONEY)
    empty = await other.post(f"{there}/waive", json={"reason": " "})
    assert (empty.status_code, empty.json()["code"]) == (422, "invalid_request")
    told = await other.post(f"{there}/waive", json={"reason": "given in goods"})
    assert (told.status_code, told.json()["state"]) == (200, "waived")
