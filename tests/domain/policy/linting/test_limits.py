"""Amounts that exceed what was paid, limits that never bind, fractions nobody rounded."""

from typing import Any

import pytest

from domain.policy.lint import lint
from tests.domain.factories import a_policy
from tests.domain.policy.linting.findings import Rule, found


@pytest.mark.parametrize(
    ("rule", "finding"),
    [
        ({"keep": "120%"}, ("above_paid", "rules[0].keep")),
        ({"keep": "3/2", "beyond_price": True}, ("above_paid", "rules[0].keep")),
        ({"keep": "5.00 EUR", "beyond_price": True}, ("above_paid", "rules[0].keep")),
        ({"keep": {"sum": [{"keep": "70%"}, {"keep": "40%"}]}},
         ("above_paid", "rules[0].keep.sum")),
        ({"keep": "50%", "at_least": "20.00 EUR", "at_most": "10.00 EUR"},
         ("cap_below_floor", "rules[0].at_most")),
        ({"keep": "50%", "at_least": "60%", "at_most": "40%"},
         ("cap_below_floor", "rules[0].at_most")),
        ({"keep": "50%", "at_most": "80%"}, ("never_binds", "rules[0].at_most")),
        ({"return": "50%", "at_least": "40%"}, ("never_binds", "rules[0].at_least")),
        ({"keep": "25.00 EUR", "at_most": "30.00 EUR"}, ("never_binds", "rules[0].at_most")),
        ({"keep": "25.00 EUR", "at_least": "nothing"}, ("never_binds", "rules[0].at_least")),
        ({"keep": "50%", "per": "unit"}, ("no_effect", "rules[0].per")),
    ],
)  # fmt: skip
def test_amounts_that_cannot_be_meant_are_found(
    rule: dict[str, Any], finding: tuple[str, str]
) -> None:
    assert found(rule) == [finding]


@pytest.mark.parametrize(
    "rule",
    [
        {"keep": "100%"},
        {"keep": "50%", "at_most": "30.00 EUR"},
        {"keep": "50%", "at_least": "5.00 EUR", "at_most": "30.00 EUR"},
        {"return": "30%", "at_most": "60%"},
        {"keep": "10.00 EUR", "per": "unit", "at_most": "30.00 EUR"},
        {"keep": "50%", "at_most": {"keep": "40%", "of": "total"}},
        {"keep": {"sum": [{"when": {"line.kind": "fee"}, "keep": "everything"}, {"keep": "20%"}]}},
    ],
)
def test_limits_that_may_bind_are_left_alone(rule: dict[str, Any]) -> None:
    assert found(rule) == []


def unrounded(*rules: Rule, **document: Any) -> list[tuple[str, str]]:
    return [(f.place, f.text) for f in lint(a_policy(rules=list(rules), **document))]


def test_a_fraction_that_nobody_rounds_is_named_once_with_what_happens() -> None:
    half = {"when": {"notice": {"at_least": "7d"}}, "return": "50%"}
    [(place, text)] = unrounded(half, {"keep": "75%"})
    assert place == "rules[0].return"
    assert "rounded down by default: less is returned, in favour of the business" in text
    [(place, text)] = unrounded({"keep": "75%"})
    assert "less is kept, in favour of the customer" in text


def test_nothing_is_said_where_rounding_is_said_or_no_fraction_can_be() -> None:
    assert unrounded({"keep": "75%"}, rounding="half_up") == []
    assert unrounded({"keep": "75%", "rounding": "up"}) == []
    assert unrounded({"keep": "100%"}) == []


def test_decimals_of_a_currency_without_them_are_found() -> None:
    rules: list[Rule] = [
        {"when": {"price": {"over": "9000.0 JPY"}}, "keep": "500.00 JPY"},
        {"keep": "500 JPY"},
    ]
    said = found(*rules, currency="JPY")
    assert said == [
        ("currency_decimals", "rules[0].keep"),
        ("currency_decimals", "rules[0].when.price.over"),
    ]
