"""The best right through the whole service, and favours with their own permission."""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.subjects import SubjectRef
from storage import subjects
from tests.api.conftest import Shop
from tests.api.test_cancellations import ASK, a_body, ask, until
from use_cases.actors import Scope

LAW = [
    {"when": {"since.delivered": {"over": "14d"}}, "refuse": "window_over"},
    {"when": {"line.sku": "plate"}, "refuse": "right_excluded"},
    {"when": {"stage": ["open", "in_progress", "finished"]}, "keep": "nothing"},
]
FIVE = [{"when": {"stage": ["open", "finished"]}, "keep": "5.00 EUR"}]


async def _bought(shop: Shop, **contract: Any) -> SubjectRef:
    await shop.policy("law", rules=LAW)
    await shop.policy("careful", laws=["law"], rules=contract.pop("rules", FIVE), **contract)
    delivered = datetime.now(UTC) - timedelta(days=2)
    return await shop.order("careful", stage="delivered", delivered_at=delivered.isoformat())


async def test_the_law_takes_back_what_the_contract_would_not(live: Shop) -> None:
    order = await _bought(live, rules=[{"refuse": "no_returns"}])
    caller = await live.as_key(*ASK)
    told = (await ask(caller, a_body(order, lines=[{"id": "1"}]))).json()
    seen = await until(caller, told["links"]["self"], "cancelled")
    assert (seen["right"], seen["refund_minor"]) == ("law", 3_000)
    decision = seen["decision"]
    assert (decision["policy_id"], decision["policy_version"]) == ("law", 1)
    assert decision["codes"][-1]["code"] == "right_by_law"
    no = (await ask(caller, a_body(order))).json()
    assert (no["outcome"], no["codes"][0]["code"]) == ("declined", "already_finished")


async def test_a_quote_and_its_cancellation_split_an_order_over_two_rights(live: Shop) -> None:
    order = await _bought(live, rules=[{"when": {"stage": "finished"}, "keep": "10%"}])
    caller = await live.as_key(*ASK)
    quote = (await caller.post("/v1/quotes", json=a_body(order))).json()
    assert (quote["decision"]["refund_minor"], quote["decision"]["fee_minor"]) == (5_160, 240)
    told = (await ask(caller, a_body(order, quote=quote["id"]))).json()
    seen = await until(caller, told["links"]["self"], "cancelled")
    assert {line["id"]: line["refund_minor"] for line in seen["decision"]["lines"]} == {
        "1": 3_000,
        "2": 2_160,
    }


async def test_a_fee_of_the_contract_is_not_dodged_by_withdrawing_in_parts(live: Shop) -> None:
    order = await _bought(live)
    caller = await live.as_key(*ASK)
    back = []
    for line in ("1", "2"):
        told = (await ask(caller, a_body(order, lines=[{"id": line}]))).json()
        seen = await until(caller, told["links"]["self"], "cancelled")
        back.append((seen["right"], seen["refund_minor"]))
    assert back == [("law", 3_000), ("contract", 1_900)]


async def test_by_law_only_the_laws_are_asked(live: Shop) -> None:
    order = await _bought(live, approval={})
    caller = await live.as_key(*ASK)
    law = a_body(order, right="law")
    no = (await ask(caller, law | {"lines": [{"id": "2"}]})).json()
    assert (no["outcome"], no["codes"][0]["code"]) == ("declined", "right_excluded")
    told = (await ask(caller, law | {"lines": [{"id": "1"}]})).json()
    seen = await until(caller, told["links"]["self"], "cancelled")
    assert (seen["right"], seen["refund_minor"]) == ("law", 3_000)


async def test_after_an_approval_a_withdrawn_line_is_still_fine(live: Shop) -> None:
    order = await _bought(live, approval={})
    caller = await live.as_key(*ASK)
    told = (await ask(caller, a_body(order))).json()
    assert told["outcome"] == "needs_approval"
    staff = await live.as_key(Scope.DECIDE)
    await staff.post(f"{told['links']['self']}/approve")
    seen = await until(caller, told["links"]["self"], "cancelled", "declined", "restored")
    assert (seen["state"], seen["refund_minor"]) == ("cancelled", 4_900)


async def test_the_law_that_holds_now_counts_and_the_window_is_open_as_long_as_it_is(
    shop: Shop,
) -> None:
    order = await _bought(shop, rules=[{"refuse": "no_returns"}])
    async with shop.context.sessions() as session:
        row = await subjects.get(session, order)
        assert row.cancellable_until is not None
        assert row.cancellable_until > shop.context.clock() + timedelta(days=11)
    caller = await shop.as_key(*ASK, Scope.POLICIES)
    stricter = {"title": "Law", "rules": [{"refuse": "right_does_not_apply"}]}
    await caller.put("/v1/policies/law", json=stricter)
    quote = (await caller.post("/v1/quotes", json=a_body(order, right="law"))).json()
    decision = quote["decision"]
    assert (decision["outcome"], decision["policy_version"]) == ("declined", 2)


async def test_a_favour_takes_its_own_permission_and_a_reason_and_stays_on_record(
    live: Shop,
) -> None:
    order = await live.order(stage="shipped")
    body = a_body(order, initiator="staff", right="goodwill", overrides={"ignore_rules": True})
    staff = await live.as_key(*ASK, Scope.DECIDE, Scope.GOODWILL)
    bare = await ask(staff, body | {"reason": {}})
    assert (bare.status_code, bare.json()["code"]) == (422, "reason_required")
    without = await live.as_key(*ASK, Scope.DECIDE, Scope.MONEY)
    body["reason"] = {"code": "changed_mind"}
    refused = await ask(without, body)
    assert (refused.status_code, refused.json()["params"]) == (403, {"scope": "goodwill"})
    told = (await ask(staff, body)).json()
    seen = await until(staff, told["links"]["self"], "cancelled")
    assert (seen["right"], seen["refund_minor"]) == ("goodwill", 5_400)
    first = (await staff.get(seen["links"]["events"])).json()[0]
    assert first["data"]["overrides"] == {"ignore_rules": True}
    assert first["data"]["reason"] == "changed_mind"
    assert first["actor"].startswith("key:")
