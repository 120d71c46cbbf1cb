from datetime import date, datetime, timedelta
from typing import Any

import pytest

from domain.errors import PolicyInvalid
from domain.facts import Facts
from domain.policy.decide import decide
from tests.domain.factories import START, a_line, a_policy, a_request, an_order

USED = {"keep": "everything", "of": "used"}
YEAR = {"starts_at": date(2026, 1, 31), "ends_at": date(2027, 1, 31)}


def kept(usage: dict[str, Any] | None, facts: Facts, at: datetime, **rule: Any) -> int:
    rules = [{**USED, **rule}]
    policy = a_policy(rules=rules, usage=usage, facts={"attributes.hours": "number"})
    return decide(policy, facts, a_request(requested_at=at)).fee_minor


def on(month: int, day: int) -> datetime:
    return START.replace(month=month, day=day)


@pytest.mark.parametrize(
    ("at", "whole", "begun"),
    [
        (on(1, 30), 0, 0),
        (on(1, 31), 0, 100),
        (on(2, 27), 0, 100),
        (on(2, 28), 100, 200),
        (on(3, 30), 100, 200),
        (on(3, 31), 200, 300),
        (on(12, 31), 1_100, 1_200),
        (on(12, 31) + timedelta(days=90), 1_200, 1_200),
    ],
)
def test_months_are_counted_on_the_calendar(at: datetime, whole: int, begun: int) -> None:
    facts = an_order(a_line(price=1_200), **YEAR)
    assert kept({"by": "month"}, facts, at) == whole
    assert kept({"by": "month", "begun": True}, facts, at) == begun
    several = an_order(a_line(price=100, quantity=12), **{**YEAR, "ends_at": None})
    assert kept({"by": "month"}, several, at) == whole


def test_a_line_has_the_periods_that_begin_within_it() -> None:
    facts = an_order(a_line(price=1_000), starts_at=START, ends_at=START + timedelta(days=30))
    begun = {"by": "week", "begun": True}
    assert kept(begun, facts, START - timedelta(hours=1)) == 0
    assert kept(begun, facts, START) == 200
    assert kept(begun, facts, START + timedelta(days=13)) == 400
    assert kept({"by": "year", "begun": True}, facts, START) == 1_000


def test_parts_of_a_unit_count_as_such() -> None:
    facts = an_order(a_line(price=1_000), attributes={"hours": 2.5})
    counted = {"count": "attributes.hours", "out_of": "attributes.hours"}
    assert kept(counted, facts, START) == 1_000
    lessons = an_order(a_line(price=100, quantity=10), attributes={"hours": 2.5})
    assert kept({"count": "attributes.hours"}, lessons, START) == 250
    single = kept({"count": "attributes.hours"}, lessons, START, keep="1.50 EUR", per="used")
    assert single == 375


@pytest.mark.parametrize("hours", [-1, "2", True, 1e12])
def test_a_count_that_is_no_number_of_units_is_a_question(hours: Any) -> None:
    policy = a_policy(
        rules=[USED], usage={"count": "attributes.hours"}, facts={"attributes.hours": "number"}
    )
    decision = decide(policy, an_order(attributes={"hours": hours}), a_request())
    assert [finding.code for finding in decision.codes] == ["fact_unreadable"]


@pytest.mark.parametrize(
    "usage",
    [
        {},
        {"by": "fortnight"},
        {"by": "day", "count": "attributes.hours"},
        {"by": "day", "out_of": "attributes.hours"},
        {"count": "attributes.hours", "begun": True},
    ],
)
def test_usage_is_counted_one_way(usage: dict[str, Any]) -> None:
    with pytest.raises(PolicyInvalid, match="^usage"):
        a_policy(usage=usage, facts={"attributes.hours": "number"})


def test_what_is_used_up_is_counted_beyond_the_start() -> None:
    facts = an_order(a_line(price=100, quantity=10), starts_at=START)
    assert kept(None, facts, START + timedelta(days=3)) == 300
    assert kept(None, facts, START + timedelta(days=3), of={"next": 2}) == 200
    nothing = a_policy(rules=[{"keep": "nothing"}])
    late = a_request(requested_at=START + timedelta(days=3))
    assert [each.code for each in decide(nothing, facts, late).codes] == ["already_started"]


def test_an_amount_beyond_all_bounds_is_a_question() -> None:
    rules = [{"keep": "5.00 EUR", "per": "attributes.hours", "beyond_price": True}]
    policy = a_policy(rules=rules, facts={"attributes.hours": "number"})
    decision = decide(policy, an_order(attributes={"hours": 10**13}), a_request())
    assert [finding.code for finding in decision.codes] == ["fact_unreadable"]
