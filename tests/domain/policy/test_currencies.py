from typing import Any

import pytest

from domain.decisions import Outcome
from domain.policy.decide import decide
from domain.policy.policy import Policy
from domain.policy.reading.policies import parse_policy
from tests.domain.factories import a_line, a_request, an_order

EACH = [
    {"when": {"currency": "GBP"}, "keep": "25.00 GBP"},
    {"when": {"currency": "EUR"}, "keep": "30.00 EUR"},
    {"when": {"currency": "JPY"}, "keep": "4000 JPY"},
]


def a_tariff(*rules: dict[str, Any]) -> Policy:
    return parse_policy({"id": "p", "title": "P", "rules": list(rules)})


@pytest.mark.parametrize(("currency", "fee"), [("GBP", 2_500), ("EUR", 3_000), ("JPY", 4_000)])
def test_a_policy_may_name_its_fees_in_several_currencies(currency: str, fee: int) -> None:
    order = an_order(a_line(price=10_000), currency=currency)
    assert decide(a_tariff(*EACH), order, a_request()).fee_minor == fee


@pytest.mark.parametrize(
    ("rules", "currency"),
    [
        (EACH, "CHF"),
        ([EACH[0], {"keep": "30.00 EUR"}], "JPY"),
        ([EACH[0], {"when": {"price": {"over": "30.00 EUR"}}, "keep": "50%"}], "JPY"),
        ([{"keep": "10.00 EUR", "at_most": "10.00 GBP"}], "EUR"),
    ],
)
def test_a_sum_in_another_currency_is_a_question(
    rules: list[dict[str, Any]], currency: str
) -> None:
    order = an_order(a_line(price=10_000), currency=currency)
    policy = a_tariff(*rules, {"when": {"currency": "JPY"}, "keep": "1 JPY"})
    decision = decide(policy, order, a_request())
    assert decision.outcome is Outcome.HAND_OVER
    assert "currency_differs" in [each.code for each in decision.codes]
