"""What a percentage is taken of."""

from datetime import timedelta
from typing import Any

import pytest

from domain.decisions import Decision, Outcome
from domain.facts import Facts
from domain.policy.decide import decide
from domain.subjects import Handling, LineKind
from tests.domain.factories import (
    START,
    a_line,
    a_policy,
    a_request,
    a_tender,
    an_appointment,
    an_order,
)

DAY = timedelta(days=1)
SERVICE = LineKind.SERVICE
TWO = an_order(a_line("a", 1_000, quantity=3), a_line("b", 500))
STAY = an_appointment(a_line("room", 7_000, kind=SERVICE), ends_at=START + 7 * DAY)
LESSONS = an_appointment(
    a_line("l", 1_000, quantity=5, kind=SERVICE), attributes={"taken": 2, "booked": 10}
)
HELD = an_appointment(
    tenders=(a_tender(0, "hold", handling=Handling.HELD, authorised_minor=4_000),)
)


def decision(of: Any, order: Facts = TWO, /, keep: str = "everything", **document: Any) -> Decision:
    at = document.pop("at", None)
    rules = [{"when": {"stage": "open"}, "keep": keep, "of": of}]
    if "started" in document:
        rules[0]["when"] = {"since.start": {"over": document.pop("started")}}
    request = a_request(requested_at=at) if at else a_request()
    return decide(a_policy(rules=rules, **document), order, request)


def fees(of: Any, order: Facts = TWO, /, **given: Any) -> list[int]:
    return [line.fee_minor for line in decision(of, order, **given).lines]


def test_the_first_units_of_each_line() -> None:
    assert fees({"first": 1}) == [1_000, 500]
    assert fees({"first": 2}) == [2_000, 500]
    assert fees({"first": 9}, keep="10%") == [300, 50]


def test_the_first_units_of_what_lasts_several_days_are_its_nights() -> None:
    assert fees({"first": 1}, STAY) == [1_000]
    assert fees({"first": 30}, STAY) == [7_000]
    odd = an_appointment(a_line("room", 1_000, kind=SERVICE), ends_at=START + 3 * DAY)
    assert fees({"first": 1}, odd) == [333]
    assert fees({"first": 3}, odd) == [1_000]


def test_used_and_unused_by_days_since_the_start() -> None:
    assert fees("used", STAY) == [0]
    leaving = {"at": START + 3 * DAY, "started": "0m"}
    assert fees("used", STAY, **leaving) == [3_000]
    assert fees("unused", STAY, **leaving) == [4_000]
    assert fees({"next": 2}, STAY, **leaving) == [2_000]
    assert fees({"next": 30}, STAY, **leaving) == [4_000]
    late = {**leaving, "at": START + 30 * DAY}
    assert fees("used", STAY, **late) == [7_000]


def test_used_by_a_counter_of_the_merchants() -> None:
    counted: dict[str, Any] = {
        "facts": {"attributes.taken": "number", "attributes.booked": "number"}
    }
    by_quantity = {**counted, "usage": {"count": "attributes.taken"}}
    assert fees("used", LESSONS, **by_quantity) == [2_000]
    assert fees("unused", LESSONS, keep="50%", **by_quantity) == [1_500]
    assert fees({"next": 1}, LESSONS, **by_quantity) == [1_000]
    by_fact = {**counted, "usage": {"count": "attributes.taken", "out_of": "attributes.booked"}}
    assert fees("used", LESSONS, **by_fact) == [1_000]
    untold = LESSONS.model_copy(update={"attributes": {}})
    asked = decision("used", untold, **by_quantity)
    assert (asked.outcome, asked.codes[0].code) == (Outcome.HAND_OVER, "fact_missing")


def test_an_amount_for_each_unit_that_is_used_or_not() -> None:
    document: dict[str, Any] = {
        "facts": {"attributes.taken": "number"},
        "usage": {"count": "attributes.taken"},
    }
    for per, expected in (("used", 200), ("unused", 300)):
        rules = [{"keep": "1.00 EUR", "per": per}]
        found = decide(a_policy(rules=rules, **document), LESSONS, a_request())
        assert found.fee_minor == expected


def test_what_was_paid_falls_on_lines_by_price() -> None:
    deposit = TWO.model_copy(update={"tenders": (a_tender(700),)})
    found = decision("paid", deposit)
    assert (found.fee_minor, found.refund_minor, found.due_minor) == (700, 0, 0)
    assert [line.fee_minor for line in found.lines] == [600, 100]
    assert decision("paid", deposit, keep="50%").refund_minor == 350


def test_what_some_methods_paid() -> None:
    mixed = TWO.model_copy(update={"tenders": (a_tender(3_000), a_tender(500, "deposit"))})
    assert decision({"tenders": ["deposit"]}, mixed).fee_minor == 500
    assert decision({"tenders": ["deposit", "card"]}, mixed, keep="10%").fee_minor == 350
    assert decision({"tenders": ["voucher"]}, mixed).fee_minor == 0


def test_what_a_card_only_holds_is_charged_although_nothing_was_prepaid() -> None:
    found = decision("held", HELD, keep="25%")
    assert (found.fee_minor, found.refund_minor, found.due_minor) == (1_000, 0, 1_000)
    assert decision("held", TWO).fee_minor == 0


def test_the_whole_order_whatever_part_of_it_is_cancelled() -> None:
    rules = [{"keep": "10%", "of": "total"}]
    part = decide(a_policy(rules=rules), TWO, a_request(("b", 1)))
    assert part.fee_minor == 350
    small = an_order(a_line("a", 10_000), a_line("b", 200))
    capped = decide(a_policy(rules=rules), small, a_request(("b", 1)))
    assert (capped.fee_minor, capped.refund_minor) == (200, 0)


def test_what_charges_before_left() -> None:
    def keep(*several: dict[str, Any]) -> int:
        return decide(a_policy(rules=[{"keep": {"sum": several}}]), TWO, a_request()).fee_minor

    half = {"keep": "50%", "of": "rest"}
    assert keep({"keep": "5.00 EUR"}, half) == 2_000
    assert keep(half, {"keep": "5.00 EUR"}) == 2_250
    assert keep({"keep": "50%"}, half) == 2_625
    assert keep({"keep": "everything"}, half) == 3_500


@pytest.mark.parametrize(
    ("told", "expected"),
    [({"left": 1_000}, 300), ({"left": "10.00 EUR"}, 300), ({"left": 0}, 0), ({}, None)],
)
def test_a_fact_in_minor_units(told: dict[str, Any], expected: int | None) -> None:
    facts = TWO.model_copy(update={"attributes": told})
    declared = {"attributes.left": "money"}
    found = decision({"fact": "attributes.left"}, facts, keep="30%", facts=declared)
    assert (found.fee_minor if found.outcome is Outcome.ALLOWED else None) == expected


def test_several_starts_may_count_each_or_the_earliest_or_the_latest() -> None:
    early = a_line("e", kind=SERVICE, starts_at=START)
    late = a_line("l", kind=SERVICE, starts_at=START + 7 * DAY)
    facts, at = an_order(early, late), a_request(requested_at=START - DAY)
    rules = [{"when": {"notice": {"under": "3d"}}, "keep": "50%"}, {"keep": "nothing"}]
    expected = {"each": [500, 0], "earliest": [500, 500], "latest": [0, 0]}
    for starts, fee in expected.items():
        found = decide(a_policy(rules=rules, starts=starts), facts, at)
        assert [line.fee_minor for line in found.lines] == fee
