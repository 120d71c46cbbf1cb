"""Situations at and around the points where policies change their answer."""

from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from domain.policy.decide import judge
from domain.policy.examples.comparing import compare
from domain.policy.examples.examples import MOST, MOST_INSTANTS, examples
from domain.policy.policy import Policy
from domain.policy.reading.policies import parse_policy
from tests.domain.cases import load_policy


def policy(*rules: Any, **parts: Any) -> Policy:
    return parse_policy({"id": "p", "title": "P", "rules": list(rules), **parts})


def notices(found: Policy) -> set[timedelta]:
    return {
        example.facts.starts_at - example.request.requested_at
        for example in examples((found,))
        if isinstance(example.facts.starts_at, datetime) and example.request.requested_at
    }


def test_a_notice_is_tried_on_its_boundary_and_a_second_later() -> None:
    found = notices(policy({"when": {"notice": {"under": "24h"}}, "keep": "50%"}))
    assert {timedelta(hours=24), timedelta(hours=24) - timedelta(seconds=1)} <= found


def test_values_are_tried_with_their_neighbours_and_facts_with_their_defaults() -> None:
    facts = {"attributes.guests": {"type": "number", "default": 1}}
    rule = {"when": {"attributes.guests": {"at_least": 6}}, "keep": "50%"}
    tried = {each.facts.attributes["guests"] for each in examples((policy(rule, facts=facts),))}
    assert tried == {1, 5, 6, 7}


def test_a_word_that_no_policy_names_is_tried_as_well() -> None:
    rule = {"when": {"line.category": "spa"}, "keep": "50%"}
    tried = {each.facts.lines[0].category for each in examples((policy(rule),))}
    assert tried == {"something_else", "spa"}


REACHED = (
    *("airbnb-firm", "misasa-ryokan-matrix", "ride-2-minutes"),
    *("pretix-paid-fee", "db-saver-fares", "airbnb-long-term"),
)


@pytest.mark.parametrize("name", REACHED)
def test_every_rule_of_a_published_policy_decides_about_some_example(name: str) -> None:
    found = load_policy(name)
    decided = set()
    for example in examples((found,)):
        answer = judge(found, example.facts, example.request)
        decided |= {rule.rule for rule in answer.routes.values() if rule}
        decided |= {ruling.rule for ruling in answer.rulings}
    assert {rule.rule for rule in found.rules} <= decided


def test_examples_are_the_same_each_time_and_not_without_end() -> None:
    found = load_policy("ride-2-minutes")
    several = list(examples((found,)))
    assert several == list(examples((found,)))
    assert len(several) <= MOST * MOST_INSTANTS
    assert len(list(islice(examples((found,), most=3), 1_000))) <= 3 * MOST_INSTANTS


def test_policies_that_answer_alike_differ_nowhere() -> None:
    first = policy({"when": {"notice": {"under": "24h"}}, "keep": "50%"}, {"keep": "nothing"})
    second = policy({"when": {"notice": {"at_least": "24h"}}, "keep": "nothing"}, {"return": "1/2"})
    found = compare(first, second)
    assert (found.differing, found.shown) == (0, ())
    assert found.tried > 3


def test_a_changed_outcome_is_shown_before_a_changed_amount() -> None:
    late = {"when": {"notice": {"under": "24h"}}, "keep": "50%"}
    first = policy({"when": {"reason": "ill"}, "keep": "nothing"}, late, {"keep": "nothing"})
    second = policy({"when": {"reason": "ill"}, "refuse": "no"}, late | {"keep": "60%"},
                    {"keep": "nothing"})  # fmt: skip
    shown = compare(first, second).shown
    assert [one.old.outcome is one.new.outcome for one in shown] == sorted(
        one.old.outcome is one.new.outcome for one in shown
    )
    assert shown[0].new.outcome == "declined"
    assert shown[-1].new.fee_minor - shown[-1].old.fee_minor == 1_000
