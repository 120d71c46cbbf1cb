"""An order with a discount and its tax, cancelled in two parts."""

from tests.api.conftest import Shop
from tests.api.test_cancellations import ASK, a_body, ask, until
from use_cases.actors import Scope

SPRING = {
    "id": "spring",
    "title": "20 % off",
    "kind": "percent_off",
    "threshold_minor": 5_000,
    "lines": [{"id": "1", "discount_minor": 600}, {"id": "2", "discount_minor": 480}],
}
LINES = [
    {"id": "1", "sku": "mug", "quantity": 2, "unit_price_minor": 1_500, "discount_minor": 600,
     "tax_rate": 19},
    {"id": "2", "sku": "plate", "unit_price_minor": 2_400, "discount_minor": 480, "tax_rate": "7"},
]  # fmt: skip
PAID = [{"id": "g", "method": "gift_card", "captured_minor": 4_320}]


async def test_a_lost_discount_is_taken_off_and_comes_back_with_the_rest(live: Shop) -> None:
    order = await live.order(lines=LINES, tenders=PAID, promotions=[SPRING])
    caller = await live.as_key(*ASK, Scope.READ)
    body = a_body(order, lines=[{"id": "2"}])
    quote = (await caller.post("/v1/quotes", json=body)).json()
    (line,) = quote["decision"]["lines"]
    assert (line["price_minor"], line["refund_minor"], line["tax_minor"]) == (1_920, 1_320, 87)
    assert line["adjustments"] == [
        {"code": "discount_lost", "amount_minor": -600, "params": {
            "promotion": "20 % off", "threshold_minor": 5_000, "remaining_minor": 3_000}},
    ]  # fmt: skip
    first = (await ask(caller, body | {"quote": quote["id"]})).json()
    assert first["refund_minor"] == 1_320
    await until(caller, first["links"]["self"], "cancelled")
    rest = (await ask(caller, a_body(order))).json()
    assert rest["refund_minor"] == 3_000
    await until(caller, rest["links"]["self"], "cancelled")
    told = (await caller.get(f"/v1/orders/{order.id}")).json()
    assert [x["refunded_minor"] for x in told["lines"]] == [3_000, 1_320]
    assert [(x["tax_rate"], x["tax_included_minor"]) for x in told["lines"]] == [
        ("19", 383),
        ("7", 126),
    ]
    assert (told["promotions"][0]["title"], told["carried_minor"]) == ("20 % off", 0)


async def test_what_a_part_could_not_bear_stands_with_the_order(live: Shop) -> None:
    lines = [LINES[0], LINES[1] | {"unit_price_minor": 500, "discount_minor": 100}]
    spring = SPRING | {"threshold_minor": 3_500}
    spring["lines"] = [{"id": "1", "discount_minor": 600}, {"id": "2", "discount_minor": 100}]
    paid = [PAID[0] | {"captured_minor": 2_800}]
    order = await live.order(lines=lines, tenders=paid, promotions=[spring])
    caller = await live.as_key(*ASK, Scope.READ)
    first = (await ask(caller, a_body(order, lines=[{"id": "2"}]))).json()
    await until(caller, first["links"]["self"], "cancelled")
    told = (await caller.get(f"/v1/orders/{order.id}")).json()
    assert (first["refund_minor"], told["carried_minor"]) == (0, 200)
    rest = (await ask(caller, a_body(order))).json()
    assert rest["refund_minor"] == 2_800
