"""Rules for which there is no situation."""

from typing import Any

import pytest

from tests.domain.policy.linting.findings import findings, found

FREE = {"keep": "nothing"}
HALF = {"keep": "50%"}
ALL = {"keep": "everything"}


def when(**tests: Any) -> dict[str, Any]:
    return {"when": {name.replace("__", "."): test for name, test in tests.items()}}


@pytest.mark.parametrize(
    "rules",
    [
        [FREE, when(reason="illness") | ALL],
        [when(notice={"at_least": "24h"}) | FREE, when(notice={"at_least": "48h"}) | HALF, ALL],
        [when(notice={"at_least": "2d"}) | FREE, when(notice={"at_least": "10d"}) | HALF, ALL],
        [when(line__category=["a", "b"]) | FREE, when(line__category="b") | HALF, ALL],
        [when(stage="open") | FREE, when(stage="booked") | HALF, ALL],
    ],
)
def test_a_rule_behind_a_wider_one_is_found(rules: list[dict[str, Any]]) -> None:
    assert found(*rules) == [("unreachable", "rules[1]")]


def test_two_rules_may_hide_a_third_together() -> None:
    rules = [
        when(notice={"at_least": "48h"}) | FREE,
        when(notice={"under": "48h"}) | ALL,
        when(notice={"at_least": "24h"}) | HALF,
    ]
    [only] = findings(*rules)
    assert (only.code, only.place) == ("unreachable", "rules[2]")
    assert "rules[0] and rules[1] come first" in only.text


def test_a_charge_in_a_list_of_which_the_first_counts_may_never_count() -> None:
    charges = [when(notice={"at_least": "24h"}) | FREE, when(notice={"at_least": "48h"}) | HALF]
    rule = {"keep": {"first": [*charges, ALL]}}
    assert found(rule) == [("unreachable", "rules[0].keep.first[1]")]


def test_a_row_that_stands_twice_counts_once() -> None:
    rows = [["7d", "nothing"], ["7d", "20%"], ["0d", "50%"]]
    table = {"down": "notice", "rows": rows}
    assert found({"keep": {"table": table}}) == [("unreachable", "rules[0].keep.table.rows[1]")]


@pytest.mark.parametrize(
    ("condition", "place"),
    [
        ({"notice": {"under": "24h", "at_least": "48h"}}, "rules[0].when.notice"),
        ({"start": {"between": ["2026-07-01", "2026-06-01"]}}, "rules[0].when.start"),
        ({"price": {"over": "50.00 EUR", "under": "50.01 EUR"}}, "rules[0].when.price"),
        ({"line.category": "a", "not": {"line.category": ["a", "b"]}}, "rules[0].when"),
        ({"all": [{"notice": {"under": "1d"}}, {"notice": {"over": "5d"}}]}, "rules[0].when.all"),
    ],
)
def test_a_condition_that_can_never_hold_is_found(condition: dict[str, Any], place: str) -> None:
    assert found({"when": condition, "keep": "nothing"}, ALL) == [("never_holds", place)]


@pytest.mark.parametrize(
    "rules",
    [
        [FREE, when(stage="no_show") | ALL],
        [
            when(start__month=[6, 7], start__weekday="sat") | ALL,
            when(start__month=[6, 7]) | FREE,
            HALF,
        ],
        [when(notice={"under": "24h"}, start__weekday=["sat", "sun"]) | ALL, FREE],
        [when(now__time={"under": "18:00"}, notice={"under": "1d"}) | ALL, FREE],
        [when(start__day={"between": ["12-24", "01-02"]}, notice={"under": "30d"}) | ALL, FREE],
        [when(lead_time={"under": "48h"}, notice={"over": "24h"}) | FREE, HALF],
        [when(since__placed={"at_most": "14d"}, length={"over": "3d"}) | FREE, HALF],
        [
            when(reason={"known": False}) | {"refuse": "reason_required"},
            when(reason="ill") | FREE,
            ALL,
        ],
        [when(quantity={"over": 3}, price={"under": "100.00 EUR"}) | FREE, HALF],
        [when(initiator="business") | FREE, when(kind="order") | HALF, ALL],
        [when(whole=False) | {"refuse": "whole_only"}, FREE],
    ],
)
def test_a_rule_with_a_situation_of_its_own_is_left_alone(rules: list[dict[str, Any]]) -> None:
    assert found(*rules) == []


def test_nothing_is_claimed_of_settings_that_may_be_anything() -> None:
    rules = [
        when(notice={"at_least": "settings.window"}) | FREE,
        when(notice={"at_least": "48h"}) | HALF,
        ALL,
    ]
    facts = {"settings.window": {"type": "span", "default": "24h"}}
    assert found(*rules, facts=facts) == []


def test_a_deadline_by_the_clock_after_the_start_is_reached() -> None:
    by_six = {"when": {"notice": {"under": "0d 18:00"}}, "keep": "50%"}
    assert found(by_six, {"keep": "nothing"}) == []
