"""Which lines can't be cancelled, and why."""

from typing import Any

from domain.facts import Facts
from domain.policy.rights.best import decide_best
from domain.policy.rights.grounds import Law, Rights
from domain.policy.rights.left_out import left_out, some_alone
from domain.subjects import LineKind
from tests.domain.factories import a_line, a_policy, a_request, an_order

ENGRAVED = {"when": {"line.category": "engraved"}, "refuse": "line_not_cancellable"}
FREE = {"keep": "nothing"}


def why(facts: Facts, *laws: Law, rules: Any = (ENGRAVED, FREE)) -> dict[str, list[str]]:
    rights = Rights(a_policy(id="shop", rules=list(rules)), 3, laws)
    everything = decide_best(rights, facts, a_request())
    found = left_out(rights, facts, a_request(), everything)
    return {line: [finding.code for finding in codes] for line, codes in found.items()}


def test_a_line_that_the_policy_refuses_is_told_with_its_reason() -> None:
    ring = a_line("ring", category="engraved")
    assert why(an_order(a_line(), ring)) == {"ring": ["line_not_cancellable"]}


def test_a_line_that_is_delivered_is_told_as_well() -> None:
    assert why(an_order(a_line(), a_line("b", status="delivered"))) == {"b": ["line_finished"]}


def test_where_all_can_be_cancelled_nothing_is_left_out() -> None:
    shipping = a_line("post", 400, kind=LineKind.SHIPPING)
    assert why(an_order(a_line(), a_line("b"), shipping)) == {}


def test_what_is_cancelled_already_is_not_left() -> None:
    gone = a_line("gone", category="engraved", quantity_cancelled=1)
    assert why(an_order(a_line(), gone)) == {}


def test_where_all_is_refused_each_line_is_told() -> None:
    packed = {"unless": {"stage": "open"}, "refuse": "stage_not_cancellable"}
    told = why(an_order(a_line(), a_line("b"), stage="packed"), rules=(packed, FREE))
    assert told == {"a": ["stage_not_cancellable"], "b": ["stage_not_cancellable"]}


def test_what_the_law_lets_go_is_not_left_out() -> None:
    law = Law(a_policy(id="law", rules=[FREE]), 7)
    assert why(an_order(a_line(), a_line("ring", category="engraved")), law) == {}


def test_a_line_of_which_some_can_be_cancelled_is_not_left_out() -> None:
    few = {"when": {"quantity": {"over": 1}}, "refuse": "too_many"}
    assert why(an_order(a_line(quantity=3)), rules=(few, FREE)) == {}


def test_some_line_goes_alone_where_they_do_not_go_together() -> None:
    dear = {"when": {"refund": {"over": "15.00 EUR"}}, "refuse": "too_many"}
    rights = Rights(a_policy(id="shop", rules=[ENGRAVED, FREE], checks=[dear]))
    together = an_order(a_line(), a_line("b"))
    assert decide_best(rights, together, a_request()).is_declined
    assert some_alone(rights, together, a_request())
    assert not some_alone(rights, an_order(a_line(category="engraved")), a_request())
