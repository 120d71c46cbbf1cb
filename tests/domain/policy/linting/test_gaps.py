"""Situations for which no rule is."""

from typing import Any

import pytest

from tests.domain.policy.linting.findings import Rule, found, texts

FREE = {"keep": "nothing"}
HALF = {"keep": "50%"}
ALL = {"keep": "everything"}
NUMBER = {"attributes.guests": "number"}


def notice(bound: str, span: Any) -> dict[str, Any]:
    return {"when": {"notice": {bound: span}}}


@pytest.mark.parametrize(
    ("rules", "gap"),
    [
        ([notice("at_least", "30d") | FREE, notice("at_least", "7d") | HALF], "under 7d"),
        ([notice("over", "24h") | FREE, notice("under", "24h") | HALF], "of exactly 24h"),
        ([notice("at_least", "7d") | FREE, notice("under", "3d") | HALF], "3d or more, under 7d"),
        ([notice("at_least", "1d 18:00") | FREE], "under 1d 18:00"),
        ([notice("under", "3bd") | FREE], "of 3bd or more"),
        ([{"when": {"now": {"under": "2026-08-24"}}} | FREE], "now of 2026-08-24 or more"),
        ([{"when": {"stage": ["open", "shipped"]}} | FREE], "stage: any other"),
        ([{"when": {"line.category": "room"}} | FREE], "line.category: any other"),
        ([{"when": {"start.month": [6, 7]}} | FREE], "start.month not is [6, 7]"),
    ],
)
def test_what_no_rule_fits_is_named(rules: list[dict[str, Any]], gap: str) -> None:
    assert found(*rules) == [("gap", "rules")]
    assert gap in texts(*rules)[0]


def test_each_gap_between_ranges_of_a_fact_is_named() -> None:
    rules: list[Rule] = [
        {"when": {"attributes.guests": {"between": ends}}, "keep": "nothing"}
        for ends in ([1, 3], [5, 9])
    ]
    said = texts(*rules, facts=NUMBER)
    assert [text.split(";")[0].removeprefix("no rule fits ") for text in said] == [
        "attributes.guests of under 1",
        "attributes.guests of over 3, under 5",
        "attributes.guests of over 9",
    ]


def test_a_gap_of_two_measures_names_both() -> None:
    rules: list[Rule] = [
        {"when": {"notice": {"at_least": "24h"}}, "keep": "nothing"},
        {"when": {"attributes.member": True}, "keep": "50%"},
    ]
    [said] = texts(*rules, facts={"attributes.member": "boolean"})
    assert "attributes.member: false" in said
    assert "notice of under 24h" in said


def test_a_table_without_its_last_row_has_a_gap() -> None:
    rows = [["30d", "nothing"], ["7d", "50%"]]
    table = {"down": "notice", "rows": rows}
    assert found({"keep": {"table": table}}) == [("gap", "rules[0].keep.table.rows")]


def test_a_column_may_begin_with_one_but_not_with_two() -> None:
    def table(lowest: int) -> dict[str, Any]:
        rows = [["7d", "nothing", "nothing"], ["0d", "50%", "90%"]]
        columns = {"across": "attributes.guests", "columns": [lowest, 5]}
        return {"keep": {"table": {"down": "notice", "rows": rows, **columns}}}

    assert found(table(1), facts=NUMBER) == []
    assert found(table(2), facts=NUMBER) == [("gap", "rules[0].keep.table.rows")]


@pytest.mark.parametrize(
    "rules",
    [
        [notice("at_least", "7d") | FREE, ALL],
        [notice("at_least", "7d") | FREE, notice("under", "7d") | ALL],
        [notice("under", "7d") | {"keep": "ask"}, FREE],
        [notice("under", "7d") | {"refuse": "too_late"}],
        [{"when": {"stage": "no_show"}} | ALL, notice("under", "1d 18:00") | HALF, FREE],
        [{"when": {"since.start": {"over": "0m"}}} | ALL, FREE],
        [],
    ],
)
def test_nothing_is_said_where_everything_is_covered(rules: list[dict[str, Any]]) -> None:
    assert found(*rules) == []
