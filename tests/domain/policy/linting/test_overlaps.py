"""Ranges that cross, and tiers that reward waiting."""

from typing import Any

from tests.domain.policy.linting.findings import Rule, findings, found


def notice(amount: str, **bounds: Any) -> dict[str, Any]:
    return {"when": {"notice": bounds}, "keep": amount}


def test_two_rules_that_claim_the_same_boundary_are_found() -> None:
    [only] = findings(notice("nothing", at_least="7d"), notice("50%", at_most="7d"))
    assert (only.code, only.place) == ("overlap", "rules[1].when")
    assert "both claim notice of exactly 7d; rules[0] comes first and wins" in only.text


def test_ranges_that_cross_are_found() -> None:
    rules: list[Rule] = [notice("20%", between=["7d", "30d"]), notice("50%", between=["2d", "10d"])]
    [only] = findings(*rules, {"keep": "ask"})
    assert (only.code, only.place) == ("overlap", "rules[1].when")
    assert "notice of 7d or more, up to 10d" in only.text


def test_a_word_that_two_rules_name_is_found() -> None:
    rules: list[Rule] = [
        {"when": {"line.category": ["meal", "room"]}, "keep": "20%"},
        {"when": {"line.category": ["room", "spa"]}, "keep": "50%"},
        {"keep": "nothing"},
    ]
    assert found(*rules) == [("overlap", "rules[1].when")]


def test_an_exception_before_its_rule_is_fine() -> None:
    rules: list[Rule] = [
        {"when": {"notice": {"at_least": "7d"}, "line.category": "spa"}, "keep": "10%"},
        {"when": {"notice": {"at_least": "2d"}}, "keep": "20%"},
        {"keep": "everything"},
    ]
    assert found(*rules) == []


def test_ranges_that_cross_may_say_the_same() -> None:
    rules: list[Rule] = [notice("20%", at_least="7d"), notice("20%", at_most="7d")]
    assert found(*rules) == []


def test_keeping_less_at_less_notice_is_found() -> None:
    rules: list[Rule] = [
        notice("50%", at_least="48h"),
        notice("20%", at_least="24h"),
        {"keep": "everything"},
    ]
    [only] = findings(*rules)
    assert (only.code, only.place) == ("better_later", "rules[1]")
    assert "notice of 24h or more, under 48h is better for the customer" in only.text


def test_being_allowed_again_at_less_notice_is_found() -> None:
    rules: list[Rule] = [
        {"when": {"notice": {"at_least": "48h"}}, "refuse": "too_early"},
        {"keep": "20%"},
    ]
    assert found(*rules) == [("better_later", "rules[1]")]


def test_more_time_since_the_order_is_no_less_notice() -> None:
    rules: list[Rule] = [
        {"when": {"since.placed": {"at_most": "48h"}, "notice": {"at_least": "14d"}}, "keep": "1%"},
        notice("50%", at_least="7d"),
        {"keep": "everything"},
    ]
    assert found(*rules) == []


def test_a_person_in_between_breaks_no_order() -> None:
    assert found(notice("ask", at_least="48h"), {"keep": "everything"}) == []


def test_a_percentage_before_a_sum_is_a_matter_of_the_price() -> None:
    assert found(notice("20%", at_least="48h"), {"keep": "50.00 EUR"}) == []
