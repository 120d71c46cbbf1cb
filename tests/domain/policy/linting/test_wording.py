"""The business's own words against the numbers in its rules."""

from typing import Any

import pytest

from domain.policy.lint import lint
from domain.policy.linting.prose import quantities
from tests.domain.factories import a_policy
from tests.domain.policy.linting.findings import Rule, found

RULES: list[Rule] = [
    {"when": {"notice": {"at_least": "720h"}}, "keep": "nothing"},
    {"when": {"notice": {"at_least": "7d"}}, "keep": "25.00 EUR"},
    {"return": "30%"},
]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("two minutes, 24-hour notice, 1.5 hours", [(2, "minutes"), (24, "hours"), (1.5, "hours")]),
        ("between 30 and 7 days, 28 full days", [(30, "days"), (7, "days"), (28, "days")]),
        ("vierzehn Tage, 3 Nächte, 2 Wochen", [(14, "days"), (3, "days"), (2, "weeks")]),
        ("zwei bis drei Werktage", [(2, "business days"), (3, "business days")]),
        ("the third business day", [(3, "business days")]),
        ("30 percent, 12.5%, 12,5 Prozent, half", [(30, "%"), (12.5, "%"), (12.5, "%"), (50, "%")]),
        ("half an hour, eine halbe Stunde", []),
        ("Five dollars, 1.000,50 Euro", [(5, "USD"), (1000.5, "EUR")]),
        ("€25, GBP 1,000", [(25, "EUR"), (1000, "GBP")]),
        ("until 18:00, 6 pm, 9 Uhr, 12 a.m.", [(1080, "clock"), (1080, "clock"), (540, "clock"),
                                               (0, "clock")]),
        ("2011/83/EU, 16 CFR 429, on 24 August 2024, five a year", []),
        ("six months, 2 Jahre", [(6, "months"), (2, "years")]),
    ],
)  # fmt: skip
def test_numbers_are_read_with_their_units(text: str, said: list[tuple[float, str]]) -> None:
    assert [(each.value, each.unit) for each in quantities(text)] == said


@pytest.mark.parametrize(
    "prose",
    [
        "All back 30 days before, 30% until a week before; later 25 euros are kept.",
        "Alles zurück bis 30 Tage vorher, bis sieben Tage 30 Prozent, sonst bleiben 25,00 €.",
        "720 hours before, 1 week before: 70 percent are kept. Later EUR 25.",
        "",
    ],
)
def test_a_comment_that_agrees_is_left_alone(prose: str) -> None:
    assert lint(a_policy(rules=RULES, rounding="down"), prose=prose) == ()


@pytest.mark.parametrize(
    ("prose", "said"),
    [
        ("All back 31 days before", "31 days"),
        ("half of it until 7 days before", "half"),
        ("later 20 euro", "20 euro"),
        ("in US dollars: 25 USD", "25 USD"),
        ("until 18:00", "18:00"),
        ("zwölf Stunden vorher", "zwölf Stunden"),
        ("up to 3 working days", "3 working days"),
    ],
)
def test_a_number_that_no_rule_has_is_found(prose: str, said: str) -> None:
    [only] = lint(a_policy(rules=RULES, rounding="down"), prose=prose)
    assert (only.code, only.place) == ("only_in_wording", "document")
    assert repr(said) in only.text


def test_the_document_s_own_wording_is_held_against_the_rules_both_ways() -> None:
    wording = "All back until 30 days before. Later 30% come back, or we keep 20 euro."
    assert found(*RULES, wording=wording) == [
        ("only_in_wording", "wording"),
        ("only_in_rules", "rules[1].when.notice.at_least"),
        ("only_in_rules", "rules[1].keep"),
    ]


def test_a_wording_that_says_everything_is_left_alone() -> None:
    wording = "Free until 30 days before; a week before 30% come back. Later we keep 25 euro."
    assert found(*RULES, wording=wording) == []


@pytest.mark.parametrize("count", [100, 2_500])
@pytest.mark.parametrize("piece", ["1,", "1 and ", "1 00", "1.000,", "half ", "$1"])
def test_no_text_takes_long(piece: str, count: int) -> None:
    wording: Any = (piece * count)[:10_000]
    assert len(found({"keep": "nothing"}, wording=wording)) <= 200


def test_the_parts_of_a_length_of_time_are_known_each_by_itself() -> None:
    rules: list[Rule] = [
        {"when": {"since.placed": {"over": "14d+12mo+0bd"}}, "refuse": "window_over"},
        {"keep": "nothing"},
    ]
    policy = a_policy(rules=rules, rounding="down")
    assert lint(policy, prose="14 days, and 12 months more.") == ()
    assert [each.code for each in lint(policy, prose="14 days, and 6 months more.")] == [
        "only_in_wording"
    ]
