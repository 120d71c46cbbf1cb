"""What is said without effect, without words, or with more time than there is."""

from typing import Any

import pytest

from domain.policy.lint import lint
from tests.domain.factories import a_policy
from tests.domain.policy.linting.findings import Rule, found

LATE = {"notice": {"under": "24h"}}
FREE = {"keep": "nothing"}


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ({"when": LATE, "refuse": "too_late", "form": "voucher"}, "rules[0].form"),
        ({"when": LATE, "refuse": "too_late", "approval": "asked"}, "rules[0].approval"),
        ({"when": LATE, "hand_over": "asked", "per": "unit"}, "rules[0].per"),
        ({"when": LATE, "keep": "everything", "timing": "immediate"}, "rules[0].timing"),
    ],
)
def test_what_a_rule_says_without_effect_is_found(rule: dict[str, Any], place: str) -> None:
    assert ("no_effect", place) in found(rule, FREE)


@pytest.mark.parametrize(
    ("forms", "place"),
    [
        ([{"tenders": ["card"]}], "forms[0]"),
        ([{"timing": "immediate"}, {"tenders": ["card"], "timing": "manual"}], "forms[1]"),
        ([{"tenders": ["card", "cash"], "form": "void"}, {"tenders": ["cash"], "form": "manual"}],
         "forms[1]"),
    ],
)  # fmt: skip
def test_a_form_that_never_counts_is_found(forms: list[dict[str, Any]], place: str) -> None:
    assert found(FREE, forms=forms) == [("no_effect", place)]


def test_forms_that_complete_each_other_are_left_alone() -> None:
    forms = [
        {"when": {"reason": "illness"}, "form": "void"},
        {"tenders": ["card"], "form": "original"},
        {"tenders": ["card", "cash"], "form": "manual"},
        {"timing": "immediate"},
    ]
    assert found(FREE, forms=forms) == []


def test_more_time_for_an_answer_than_the_shortest_notice_is_found() -> None:
    rules: list[Rule] = [{"when": LATE, "keep": "50%"}, FREE]
    late = ("answer_too_late", "approval.within")
    assert found(*rules, approval={"when": {"refund": {"over": "1.00 EUR"}}, "within": "30h"}) == [
        late
    ]
    assert found(*rules, approval={"within": "24h"}) == []
    assert found(*rules, approval={}) == [("answer_too_late", "approval")]
    assert found({"when": LATE, "keep": "ask", "approval": "asked"}, FREE) == [
        ("answer_too_late", "rules[0].approval")
    ]


def test_a_code_without_a_sentence_is_found_once() -> None:
    rules: list[Rule] = [
        {"when": {"reason": "a"}, "refuse": "no_way"},
        {"when": {"reason": "b"}, "refuse": "no_way"},
        {"when": {"reason": "c"}, "refuse": "too_late"},
        {"when": {"reason": "d"}, "hand_over": "ours"},
        {"return": "100%", "form": "voucher"},
    ]
    sentences = {"ours": {"en": "We will call you."}}
    known = {("code", "too_late"), ("form", "voucher")}
    policy = a_policy(rules=rules, sentences=sentences)
    told = lint(policy, is_worded=lambda *code: code in known)
    assert [(each.code, each.place) for each in told] == [("no_wording", "rules[0].refuse")]
    assert lint(policy) == ()
