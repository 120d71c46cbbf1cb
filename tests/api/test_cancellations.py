"""Cancellations over HTTP, decided and carried out by the real steps."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import func, select

from domain.subjects import SubjectRef
from storage.cancellations import CancellationRow
from storage.requests import RequestRow
from tests.api.conftest import Shop
from use_cases.actors import Scope

ASK = (Scope.READ, Scope.CANCEL)


def a_body(subject: SubjectRef, **known: Any) -> dict[str, Any]:
    return {
        "subject": subject.model_dump(mode="json"),
        "reason": {"code": "changed_mind"},
    } | known


async def ask(
    caller: httpx.AsyncClient, body: dict[str, Any], key: str | None = None
) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await caller.post("/v1/cancellations", json=body, headers=headers)


async def until(caller: httpx.AsyncClient, link: str, *states: str) -> dict[str, Any]:
    """Read a cancellation until it is in one of these states, for ten seconds at most."""
    seen: dict[str, Any] = {}
    for _ in range(200):
        seen = (await caller.get(link)).json()
        if seen["state"] in states:
            return seen
        await asyncio.sleep(0.05)
    raise AssertionError(f"still {seen}")


async def count(shop: Shop, table: type[RequestRow] | type[CancellationRow]) -> int:
    async with shop.context.sessions() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_an_order_is_cancelled_and_says_what_goes_back(live: Shop) -> None:
    order = await live.order()
    caller = await live.as_key(*ASK)
    answer = await ask(caller, a_body(order, reason={"code": "other", "note": "It is\nfor Ada"}))
    told = answer.json()
    assert answer.status_code == (200 if told["state"] == "cancelled" else 202)
    assert told["outcome"] == "accepted"
    assert [code["code"] for code in told["codes"]] == ["free"]
    assert (told["refund_minor"], told["fee_minor"], told["currency"]) == (5_400, 0, "EUR")
    assert answer.headers["location"] == told["links"]["self"]

    seen = await until(caller, told["links"]["self"], "cancelled")
    assert seen["reason"] == {"code": "other", "note": "It is\nfor Ada"}
    assert [line["refund_minor"] for line in seen["decision"]["lines"]] == [3_000, 2_400]
    assert [refund["amount_minor"] for refund in seen["refunds"]] == [5_400]
    assert seen["money"] == "settled"
    assert seen["workflow_id"] == f"cancellation/order/{order.id}/1"
    assert seen["links"]["subject"] == f"/v1/orders/{order.id}"
    events = (await caller.get(seen["links"]["events"])).json()
    assert events[0]["type"] == "cancellation_requested"
    assert [event["sequence"] for event in events] == sorted(e["sequence"] for e in events)
    assert "for Ada" not in str(events)


async def test_what_the_rules_refuse_is_an_answer(live: Shop) -> None:
    order = await live.order(stage="shipped")
    caller = await live.as_key(*ASK)
    answer = await ask(caller, a_body(order))
    assert answer.status_code == 200
    told = answer.json()
    assert (told["outcome"], told["state"], told["cause"]) == ("declined", "declined", "rules")
    assert told["codes"]
    assert told["decision"]["trace"]
    again = await ask(caller, a_body(order))
    assert again.json()["n"] == 2


async def test_the_same_key_answers_the_same_again(live: Shop) -> None:
    order = await live.order()
    caller = await live.as_key(*ASK)
    first = await ask(caller, a_body(order), "k1")
    await until(caller, first.json()["links"]["self"], "cancelled")
    again = await ask(caller, a_body(order), "k1")
    assert again.status_code == 200
    assert again.json()["id"] == first.json()["id"]
    assert again.json()["state"] == "cancelled"
    assert await count(live, RequestRow) == 1


async def test_the_same_key_with_another_body_is_refused(live: Shop) -> None:
    order = await live.order()
    caller = await live.as_key(*ASK)
    await ask(caller, a_body(order), "k1")
    for other in (
        a_body(order, method="store_credit"),
        a_body(order, reason={"code": "other", "note": "x"}),
    ):
        answer = await ask(caller, other, "k1")
        assert answer.status_code == 409
        assert answer.json()["code"] == "idempotency_key_reused"


async def test_two_actors_may_use_the_same_key(live: Shop) -> None:
    first, second = await live.order("asks"), await live.order("asks")
    one, two = await live.as_key(*ASK), await live.as_key(*ASK)
    assert (await ask(one, a_body(first), "k1")).status_code == 202
    assert (await ask(two, a_body(second), "k1")).status_code == 202


async def test_the_same_key_ten_times_at_once_is_one_request(live: Shop) -> None:
    order = await live.order()
    caller = await live.as_key(*ASK)
    answers = await asyncio.gather(*(ask(caller, a_body(order), "k1") for _ in range(10)))
    assert {answer.status_code for answer in answers} <= {200, 202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert {answer.json()["outcome"] for answer in answers} == {"accepted"}
    assert await count(live, RequestRow) == 1
    assert await count(live, CancellationRow) == 1


async def test_the_same_request_ten_times_without_a_key_is_one_cancellation(live: Shop) -> None:
    order = await live.order(policy="asks")
    caller = await live.as_key(*ASK)
    answers = await asyncio.gather(*(ask(caller, a_body(order)) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    joined = {answer.json()["request_id"] for answer in answers} - {None}
    assert len(joined) == 9
    assert await count(live, CancellationRow) == 1
    request = (await caller.get(f"/v1/cancellations/{joined.pop()}")).json()
    assert request["state"] == "joined"
    assert request["links"]["joined"] == answers[0].json()["links"]["self"]


async def test_another_request_meanwhile_is_busy_and_stays_refused(live: Shop) -> None:
    order = await live.order(policy="asks")
    caller = await live.as_key(*ASK)
    first = (await ask(caller, a_body(order))).json()
    for _ in range(2):
        answer = await ask(caller, a_body(order, lines=[{"id": "2"}]), "k2")
        assert answer.status_code == 409
        assert answer.json()["code"] == "subject_busy"
        assert answer.json()["params"]["cancellation_id"] == first["id"]


async def test_ten_different_requests_at_once_get_ten_answers(live: Shop) -> None:
    order = await live.order(stage="shipped")
    caller = await live.as_key(*ASK)
    bodies = [
        a_body(order, evidence={"photo": number}, method=f"m{number}") for number in range(10)
    ]
    answers = await asyncio.gather(*(ask(caller, body) for body in bodies))
    assert {answer.status_code for answer in answers} <= {200, 202, 409}
    assert {a.json()["code"] for a in answers if a.status_code == 409} <= {"subject_busy"}
    assert any(answer.json().get("outcome") == "declined" for answer in answers)


async def test_one_line_then_the_rest(live: Shop) -> None:
    order = await live.order()
    caller = await live.as_key(*ASK)
    first = (await ask(caller, a_body(order, lines=[{"id": "1", "quantity": 1}]))).json()
    assert first["refund_minor"] == 1_500
    await until(caller, first["links"]["self"], "cancelled")
    too_many = await ask(caller, a_body(order, lines=[{"id": "1", "quantity": 2}]))
    assert too_many.status_code == 422
    assert too_many.json()["code"] == "quantity_too_high"
    assert too_many.json()["params"] == {"line": "1", "left": 1}
    rest = (await ask(caller, a_body(order))).json()
    assert rest["refund_minor"] == 3_900
    assert {line["id"]: line["quantity"] for line in rest["lines"]} == {"1": 1, "2": 1}


async def test_an_approval_sets_the_amount_and_the_first_answer_wins(live: Shop) -> None:
    order = await live.order(policy="asks")
    caller = await live.as_key(*ASK)
    staff = await live.as_key(Scope.DECIDE, Scope.MONEY)
    told = (await ask(caller, a_body(order))).json()
    assert (told["outcome"], told["state"]) == ("needs_approval", "awaiting_approval")
    assert told["approval_until"] is not None
    here = told["links"]["self"]
    too_much = await staff.post(f"{here}/approve", json={"refund_minor": 5_401})
    assert (too_much.status_code, too_much.json()["code"]) == (422, "refund_too_high")
    yes = await staff.post(f"{here}/approve", json={"refund_minor": 4_000})
    assert yes.status_code in (200, 202)
    late = await staff.post(f"{here}/decline")
    assert (late.status_code, late.json()["code"]) == (409, "already_answered")
    seen = await until(caller, here, "undo_window")
    assert (seen["outcome"], seen["refund_minor"]) == ("accepted", 4_000)
    assert seen["undo_until"] is not None
    back = await caller.post(f"{here}/undo")
    assert back.status_code in (200, 202)
    undone = await until(caller, here, "undone")
    assert (undone["cause"], undone["money"]) == ("asker", "none")


async def test_an_amount_takes_permission_for_money(live: Shop) -> None:
    order = await live.order(policy="asks")
    caller = await live.as_key(*ASK)
    here = (await ask(caller, a_body(order))).json()["links"]["self"]
    staff = await live.as_key(Scope.DECIDE)
    refused = await staff.post(f"{here}/approve", json={"refund_minor": 1})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")


async def test_staff_say_no_and_a_later_yes_hears_it(live: Shop) -> None:
    order = await live.order(policy="asks")
    caller = await live.as_key(*ASK)
    staff = await live.as_key(Scope.DECIDE)
    here = (await ask(caller, a_body(order))).json()["links"]["self"]
    worded = await staff.post(f"{here}/decline", json={"note": "Too late, sorry"})
    assert (worded.status_code, worded.json()["code"]) == (422, "invalid_request")
    assert worded.json()["errors"][0]["place"] == "body.note"
    assert (await staff.post(f"{here}/decline")).status_code in (200, 202)
    seen = await until(caller, here, "declined")
    assert (seen["outcome"], seen["cause"]) == ("declined", "staff")
    late = await staff.post(f"{here}/approve")
    assert late.status_code == 409
    assert late.json()["params"] == {"state": "declined", "outcome": "declined", "cause": "staff"}


async def test_only_the_asker_or_staff_take_it_back(live: Shop) -> None:
    order = await live.order(policy="asks")
    caller, other = await live.as_key(*ASK), await live.as_key(*ASK)
    here = (await ask(caller, a_body(order))).json()["links"]["self"]
    assert (await other.post(f"{here}/undo")).status_code == 403
    assert (await other.post(f"{here}/undo", json={"asker": "c2"})).status_code == 403
    assert (await other.post(f"{here}/undo", json={"asker": "c1"})).status_code in (200, 202)
    await until(caller, here, "undone")
    again = await caller.post(f"{here}/undo")
    assert (again.status_code, again.json()["params"]["state"]) == (409, "undone")


async def test_lists_page_through_and_filter(live: Shop) -> None:
    caller = await live.as_key(*ASK)
    orders = [await live.order(stage="shipped") for _ in range(5)]
    for order in orders:
        await ask(caller, a_body(order))
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await caller.get("/v1/cancellations", params=params)).json()
        seen += [item["subject"]["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [order.id for order in reversed(orders)]
    only = await caller.get("/v1/cancellations", params={"subject": orders[3].id, "kind": "order"})
    assert [item["subject"]["id"] for item in only.json()["items"]] == [orders[3].id]
    none = await caller.get("/v1/cancellations", params={"state": "cancelled"})
    assert none.json() == {"items": [], "next": None}


async def test_a_letter_is_dated_back_by_a_key_that_may(live: Shop) -> None:
    order = await live.order()
    written = live.context.clock() - timedelta(hours=5)
    body = a_body(order, requested_at=written.isoformat())
    refused = await ask(await live.as_key(*ASK), body)
    assert (refused.status_code, refused.json()["params"]) == (403, {"scope": "backdate"})
    allowed = await ask(await live.as_key(*ASK, Scope.BACKDATE), body)
    assert allowed.json()["requested_at"] == written.isoformat().replace("+00:00", "Z")
    assert allowed.json()["received_at"] > allowed.json()["requested_at"]
