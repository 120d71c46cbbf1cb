"""Parts and sums as policies write them."""

from typing import Any

import pytest

from domain.policy.decide import decide
from domain.policy.reading.quantities import read_part
from tests.domain.factories import a_policy, a_request, an_order


@pytest.mark.parametrize(("one", "other"), [("1/2", "50%"), ("2/4", 50), ("1/4", "25.00%")])
def test_the_same_part_is_equal_however_it_is_written(one: Any, other: Any) -> None:
    assert read_part(one) == read_part(other)


@pytest.mark.parametrize(("percent", "fee"), [(30, 0), (49.9, 0), (50, 1_000), ("2/3", 1_000)])
def test_percentages_are_compared_by_size(percent: Any, fee: int) -> None:
    rules = [{"when": {"settings.p": {"under": "1/2"}}, "keep": "nothing"}, {"keep": "everything"}]
    policy = a_policy(facts={"settings.p": "percent"}, rules=rules)
    assert decide(policy, an_order(settings={"p": percent}), a_request()).fee_minor == fee
