"""Charges put together, limited, rounded, counted, and read from tables."""

from datetime import timedelta
from typing import Any

import pytest

from domain.decisions import Decision, Outcome
from domain.facts import Facts
from domain.policy.decide import decide
from domain.requests import Request
from domain.subjects import LineKind
from tests.domain.factories import START, a_line, a_policy, a_request, a_tender, an_appointment
from tests.domain.factories import an_order as order_of

HOUR = timedelta(hours=1)
NOTHING: dict[str, Any] = {"keep": "nothing"}
TWO = order_of(a_line("a", 1_000), a_line("b", 500, category="extra"))
EXTRA = {"line.category": "extra"}


def decision(rule: dict[str, Any], facts: Facts = TWO, request: Request | None = None) -> Decision:
    return decide(a_policy(rules=[rule]), facts, request or a_request())


def codes(found: Decision) -> list[str]:
    return [finding.code for finding in found.codes]


def fees(rule: dict[str, Any], facts: Facts = TWO, request: Request | None = None) -> list[int]:
    """What is kept of each line."""
    return [line.fee_minor for line in decision(rule, facts, request).lines]


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("50%", [500, 250]),
        ("1/3", [333, 167]),
        ("0.25%", [2, 1]),
        ("3.00 EUR", [200, 100]),
        ("EUR 3", [200, 100]),
        ("nothing", [0, 0]),
        ("everything", [1_000, 500]),
        ("99.00 EUR", [1_000, 500]),
        ("150%", [1_000, 500]),
    ],
)
def test_an_amount_is_shared_by_price_and_is_never_more(amount: str, expected: list[int]) -> None:
    assert fees({"keep": amount}) == expected


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("50%", [500, 250]), ("3.00 EUR", [800, 400]), ("everything", [0, 0]), ("99.00 EUR", [0, 0])],
)
def test_what_is_returned_is_the_rest(amount: str, expected: list[int]) -> None:
    assert fees({"return": amount}) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [("sum", [250, 250]), ("most", [200, 100]), ("best", [0, 200]), ("first", [150, 200])],
)
def test_charges_are_put_together(word: str, expected: list[int]) -> None:
    several = [
        {"when": EXTRA, "keep": "2.00 EUR"},
        {"unless": {"line.category": "none"}, "keep": "3.00 EUR"},
    ]
    if word == "first":
        several[1]["keep"] = "1.50 EUR"
    if word == "sum":
        several[1] = {"keep": "3.00 EUR", "unless": EXTRA, "at_most": "2.50 EUR"}
        several[0]["keep"] = "50%"
    assert fees({"keep": {word: several}}) == expected


def test_a_sum_never_keeps_more_than_the_price_and_takes_the_rest_from_other_lines() -> None:
    several = [{"when": EXTRA, "keep": "everything"}, {"when": EXTRA, "keep": "2.00 EUR"}]
    assert fees({"keep": {"sum": several}}) == [200, 500]
    shared = [{"when": EXTRA, "keep": "everything"}, {"keep": "3.00 EUR"}]
    assert fees({"keep": {"sum": shared}}) == [300, 500]


def test_groups_may_hold_groups() -> None:
    minimum = {"keep": {"most": [{"keep": "10%"}, {"keep": {"sum": [{"keep": "2.00 EUR"}]}}]}}
    assert fees(minimum) == [133, 67]
    dearer = order_of(a_line("a", 10_000))
    assert fees(minimum, dearer) == [1_000]


def test_what_no_charge_of_a_list_fits_is_free() -> None:
    for word in ("sum", "most", "best", "first"):
        assert fees({"keep": {word: [{"when": {"reason": "never"}, "keep": "50%"}]}}) == [0, 0]


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"at_least": "3.00 EUR"}, 300),
        ({"at_most": "1.00 EUR"}, 100),
        ({"at_least": "20%"}, 300),
        ({"at_most": "5%"}, 75),
        ({"at_least": "3.00 EUR", "at_most": "2.00 EUR"}, 200),
        ({"at_least": {"keep": "1.00 EUR", "per": "line"}}, 200),
        ({"at_least": {"keep": {"most": [{"keep": "1.00 EUR"}, {"keep": "2.50 EUR"}]}}}, 250),
        ({"at_least": "99.00 EUR"}, 1_500),
    ],
)
def test_a_charge_has_a_floor_and_a_cap(bounds: dict[str, Any], expected: int) -> None:
    assert sum(fees({"keep": "10%", **bounds})) == expected
    grouped = {"keep": {"sum": [{"keep": "10%"}]}, **bounds}
    assert sum(fees(grouped)) == expected


def test_a_return_is_limited_by_what_is_kept() -> None:
    assert sum(fees({"return": "25%", "at_most": "6.00 EUR"})) == 600


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [
        ("down", 333), ("up", 334), ("half_up", 333),
        ({"to": "1.00 EUR"}, 300), ({"way": "up", "to": "1.00 EUR"}, 400),
        ({"way": "half_up", "to": "0.50 EUR"}, 350), ({"way": "half_up", "to": "0.05 EUR"}, 335),
    ],
)  # fmt: skip
def test_a_part_is_rounded_to_whole_steps(rounding: Any, expected: int) -> None:
    facts = order_of(a_line("a", 1_000))
    assert fees({"keep": "1/3", "rounding": rounding}, facts) == [expected]
    policy = a_policy(rules=[{"keep": "1/3"}], rounding=rounding)
    assert decide(policy, facts, a_request()).fee_minor == expected
    own = a_policy(rules=[{"keep": "1/3", "rounding": "up"}], rounding=rounding)
    assert decide(own, facts, a_request()).fee_minor == 334


BIG = order_of(
    a_line("a", 1_000, quantity=3, person="ann"), a_line("b", 900, quantity=2, person="bob")
)


@pytest.mark.parametrize(
    ("per", "count"),
    [("unit", 5), ("night", 5), ("line", 2), ("person", 2), (["person", "line"], 4),
     ("quantity", 5)],
)  # fmt: skip
def test_a_fixed_amount_may_count_for_each_of_something(per: Any, count: int) -> None:
    assert sum(fees({"keep": "1.00 EUR", "per": per}, BIG)) == count * 100


def test_a_count_may_be_a_fact_and_hours_and_days_those_of_the_longest_line() -> None:
    long = an_appointment(
        a_line("a", 90_000, kind=LineKind.SERVICE), ends_at=START + timedelta(hours=49, minutes=1)
    )
    assert fees({"keep": "1.00 EUR", "per": "hour"}, long) == [5_000]
    assert fees({"keep": "1.00 EUR", "per": "day"}, long) == [200]
    guests = {"facts": {"attributes.guests": "number"}}
    policy = a_policy(rules=[{"keep": "1.00 EUR", "per": "attributes.guests"}], **guests)
    told = long.model_copy(update={"attributes": {"guests": 7}})
    assert decide(policy, told, a_request()).fee_minor == 700
    asked = decide(policy, long, a_request())
    assert (asked.outcome, asked.codes[0].code) == (Outcome.HAND_OVER, "fact_missing")
    assert decision({"keep": "1.00 EUR", "per": "person"}, long).codes[0].code == "persons_missing"


def test_only_what_says_so_goes_beyond_the_price() -> None:
    cheap = order_of(a_line("a", 200))
    assert (decision({"keep": "5.00 EUR"}, cheap).fee_minor) == 200
    beyond = decision({"keep": "5.00 EUR", "beyond_price": True}, cheap)
    assert (beyond.fee_minor, beyond.refund_minor, beyond.due_minor) == (500, 0, 300)


def test_what_goes_beyond_one_lines_price_is_taken_from_what_others_get_back() -> None:
    rules = [{"when": EXTRA, "keep": "8.00 EUR", "beyond_price": True}, NOTHING]
    found = decide(a_policy(rules=rules), TWO, a_request())
    assert (found.fee_minor, found.refund_minor, found.due_minor) == (800, 700, 0)


def test_a_subject_without_lines_is_one_thing_at_the_price_that_was_paid() -> None:
    paid = an_appointment(tenders=(a_tender(800),)).model_copy(update={"lines": ()})
    found = decision({"keep": "25%"}, paid)
    assert (found.fee_minor, found.refund_minor, found.lines) == (200, 600, ())
    unpaid = paid.model_copy(update={"tenders": ()})
    charged = decision({"keep": "40.00 EUR"}, unpaid)
    assert (charged.fee_minor, charged.refund_minor, charged.due_minor) == (4_000, 0, 4_000)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(30, 0), (29, 300), (7, 300), (6, 750), (1, 750), (0, 1_500)],
)
def test_in_a_table_the_highest_bound_that_is_reached_counts(days: int, expected: int) -> None:
    rows = [["30d", "nothing"], ["7d", "20%"], ["1d", "50%"], ["0d", "everything"]]
    facts = TWO.model_copy(update={"starts_at": START})
    at = a_request(requested_at=START - timedelta(days=days))
    assert sum(fees({"keep": {"table": {"down": "notice", "rows": rows}}}, facts, at)) == expected


@pytest.mark.parametrize(
    ("hours", "quantity", "expected"),
    [(72, 1, 0), (72, 4, 400), (24, 3, 1_500), (23, 4, 4_000), (24, 4, 3_000), (23, 3, 3_000)],
)
def test_a_table_may_have_columns(hours: int, quantity: int, expected: int) -> None:
    table = {
        "down": "notice", "across": "quantity", "columns": [1, 4],
        "rows": [["48h", "0%", "10%"], ["24h", "50%", "75%"], ["0h", "100%", "100%"]],
    }  # fmt: skip
    facts = an_appointment(a_line("a", 1_000, quantity=quantity, kind=LineKind.SERVICE))
    at = a_request(requested_at=START - hours * HOUR)
    assert fees({"keep": {"table": table}}, facts, at) == [expected]


def test_a_gap_in_a_table_and_a_cell_that_asks_are_questions() -> None:
    rows = [["48h", "nothing"], ["24h", "ask"], ["2h", "50%"]]
    rule = {"keep": {"table": {"down": "notice", "rows": rows}}}
    outcomes: dict[int, object] = {}
    for hours in (48, 47, 23, 1):
        found = decision(rule, an_appointment(), a_request(requested_at=START - hours * HOUR))
        outcomes[hours] = found.fee_minor if found.outcome is Outcome.ALLOWED else codes(found)
    assert outcomes == {48: 0, 47: ["amount_open"], 23: 500, 1: ["amount_open"]}


def test_a_table_may_be_about_money_counts_and_seasons() -> None:
    for table, expected in (
        ({"down": "price", "rows": [["10.00 EUR", "10%"], ["0.00 EUR", "nothing"]]}, 150),
        ({"down": "quantity", "rows": [[3, "nothing"], [1, "5.00 EUR"]]}, 500),
        ({"down": "placed.day", "rows": [["05-01", "20%"], ["01-01", "nothing"]]}, 300),
    ):
        assert sum(fees({"keep": {"table": table}})) == expected


def test_a_table_of_what_is_returned_has_limits_too() -> None:
    rows = [["48h", "100%"], ["0h", "25%"]]
    rule = {"return": {"table": {"down": "notice", "rows": rows}}, "at_most": "6.00 EUR"}
    at = a_request(requested_at=START - HOUR)
    assert fees(rule, an_appointment(), at) == [600]


def test_an_expression_may_be_an_amount_in_minor_units() -> None:
    assert sum(fees({"keep": {"cel": "price / 3.0"}})) == 500
    assert sum(fees({"keep": {"cel": "math.least([700.0, price])"}})) == 700
    short = decision({"keep": {"cel": "0.0 - price"}})
    assert (short.outcome, short.codes[0].code) == (Outcome.HAND_OVER, "expression_failed")


def test_an_amount_may_be_a_setting_in_money_or_percent() -> None:
    facts = {"settings.fee": {"type": "money"}, "settings.part": {"type": "percent", "default": 0}}
    for told, name, expected in (
        ({"fee": 250}, "settings.fee", 250),
        ({"fee": "2.50 EUR"}, "settings.fee", 250),
        ({"part": 12.5}, "settings.part", 187),
        ({"part": "10%"}, "settings.part", 150),
        ({}, "settings.part", 0),
    ):
        policy = a_policy(facts=facts, rules=[{"keep": name}])
        subject = TWO.model_copy(update={"settings": told})
        assert decide(policy, subject, a_request()).fee_minor == expected
    missing = decide(a_policy(facts=facts, rules=[{"keep": "settings.fee"}]), TWO, a_request())
    assert (missing.outcome, missing.codes[0].code) == (Outcome.HAND_OVER, "fact_missing")


def test_each_rule_takes_its_lines_together() -> None:
    rules = [{"when": EXTRA, "keep": "1.00 EUR"}, {"keep": "2.00 EUR"}]
    three = order_of(a_line("a"), a_line("b", category="extra"), a_line("c", category="extra"))
    found = decide(a_policy(rules=rules), three, a_request())
    assert [line.fee_minor for line in found.lines] == [200, 50, 50]
    assert found.rule == "rules[1]"
    assert {step.rule: step.params["fee_minor"] for step in found.trace} == {
        "rules[0]": 100,
        "rules[1]": 200,
    }


@pytest.mark.parametrize(
    ("currency", "amount", "outcome"),
    [("EUR", "1.00 EUR", Outcome.ALLOWED), ("USD", "1.00 EUR", Outcome.HAND_OVER),
     ("USD", "10%", Outcome.ALLOWED), ("JPY", "100 JPY", Outcome.ALLOWED)],
)  # fmt: skip
def test_a_fixed_amount_is_in_the_subjects_currency(
    currency: str, amount: str, outcome: Outcome
) -> None:
    policy = a_policy(currency=None, rules=[{"keep": amount}])
    found = decide(policy, TWO.model_copy(update={"currency": currency}), a_request())
    assert found.outcome is outcome
    assert found.fee_minor == {"100 JPY": 100, "1.00 EUR": 100, "10%": 150}[amount]
