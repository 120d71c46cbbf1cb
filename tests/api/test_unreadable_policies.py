"""What a caller hears where the policy of a purchase can no longer be read."""

from sqlalchemy import text

from domain.subjects import SubjectRef
from tests.api.conftest import Shop
from tests.api.test_cancellations import ASK, a_body, ask, until
from use_cases.actors import Scope

BROKEN = 'UPDATE policy_versions SET document = \'{"id": "shop", "secret": 1}\''


async def with_a_broken_policy(shop: Shop) -> SubjectRef:
    order = await shop.order()
    async with shop.context.sessions.begin() as session:
        await session.execute(text(BROKEN))
    return order


async def test_a_quote_names_the_policy_and_nothing_in_it(shop: Shop) -> None:
    order = await with_a_broken_policy(shop)
    caller = await shop.as_key(*ASK)
    answer = await caller.post("/v1/quotes", json=a_body(order))
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "policy_unreadable")
    assert problem["params"] == {"policy": "shop", "version": 1}
    assert problem["detail"] == (
        "version 1 of policy shop can't be read: nothing can be decided by it"
    )
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert (await caller.get(f"/v1/orders/{order.id}")).status_code == 200


async def test_a_change_and_a_line_of_an_import_are_refused_alike(shop: Shop) -> None:
    order = await with_a_broken_policy(shop)
    caller = await shop.as_key(Scope.RECORDS, Scope.IMPORTS)
    report = {"stage": "packed", "currency": "EUR"}
    answer = await caller.put(f"/v1/orders/{order.id}", json=report)
    assert (answer.status_code, answer.json()["code"]) == (409, "policy_unreadable")
    line = {"kind": "order", "id": order.id, **report}
    answer = await caller.post("/v1/imports", json=line)
    assert (answer.json()["status"], answer.json()["code"]) == ("error", "policy_unreadable")


async def test_a_request_ends_as_restored_and_the_order_is_free(live: Shop) -> None:
    order = await with_a_broken_policy(live)
    caller = await live.as_key(*ASK)
    told = (await ask(caller, a_body(order))).json()
    seen = await until(caller, told["links"]["self"], "restored")
    assert (seen["cause"], seen["outcome"], seen["refunds"]) == ("step_failed", None, [])
    events = (await caller.get(f"{told['links']['self']}/events")).json()
    assert [event["type"] for event in events] == ["cancellation_restored"]
    subject = (await caller.get(f"/v1/orders/{order.id}")).json()
    assert (subject["state"], subject["held"]) == ("none", False)
