"""What the linter calls impossible never happens, whatever the policy and the order."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import Facts
from domain.policy.answer import answer
from domain.policy.lint import lint
from domain.policy.policy import Policy
from domain.policy.situation import situation
from domain.requests import Request
from tests.domain.factories import a_policy, a_request
from tests.domain.policy.documents import orders

FACTS = {"attributes.n": "number", "attributes.b": "boolean"}
SPANS = st.sampled_from(["2h", "36h", "48h", "0d", "1d", "5d", "1d 18:00", "2bd", "1mo", "fri"])
BOUNDS = st.sampled_from(["under", "over", "at_least", "at_most"])
LENGTHS = st.sampled_from(["notice", "since.placed", "lead_time", "length", "until.end"])
OTHERS: list[dict[str, Any]] = [
    {"start.weekday": ["sat", "sun"]},
    {"start.month": [5, 6]},
    {"now.time": {"under": "12:00"}},
    {"now": {"under": "2026-05-05"}},
    {"stage": ["shipped", "open"]},
    {"reason": "illness"},
    {"reason": {"known": True}},
    {"line.category": ["kept", "x"]},
    {"price": {"over": "10.00 EUR"}},
    {"line.price": {"under": "20.00 EUR"}},
    {"line.quantity": {"at_most": 2}},
    {"initiator": "staff"},
    {"attributes.n": {"over": 3}},
    {"attributes.n": {"at_most": 3}},
    {"attributes.b": True},
]
TESTS = st.one_of(
    st.builds(lambda name, bound, span: {name: {bound: span}}, LENGTHS, BOUNDS, SPANS),
    st.sampled_from(OTHERS),
)
CONDITIONS = st.one_of(
    st.lists(TESTS, min_size=1, max_size=3).map(lambda several: {"all": several}),
    st.lists(TESTS, min_size=2, max_size=3).map(lambda several: {"any": several}),
    st.builds(lambda one, other: {"all": [one], "not": other}, TESTS, TESTS),
)
SAID: list[dict[str, Any]] = [{"keep": "10%"}, {"keep": "50%"}, {"refuse": "no"}, {"keep": "ask"}]
RULES = st.lists(
    st.builds(lambda when, said: {"when": when, **said}, CONDITIONS, st.sampled_from(SAID)),
    min_size=1,
    max_size=5,
)


@st.composite
def situations(draw: st.DrawFn) -> tuple[Facts, Request]:
    """Any order, from a month before its start to a few hours after."""
    facts = draw(orders(is_paid=True))
    assert isinstance(facts.starts_at, datetime)
    now = facts.starts_at - timedelta(minutes=draw(st.integers(-500, 60 * 24 * 45)))
    told = {
        "stage": draw(st.sampled_from(["open", "shipped", "booked", "delivered"])),
        "placed_at": now - timedelta(minutes=draw(st.integers(0, 60 * 24 * 50))),
        "ends_at": facts.starts_at + timedelta(minutes=draw(st.integers(60, 6 * 24 * 60))),
        "attributes": {"n": draw(st.integers(0, 9)), "b": draw(st.booleans())},
    }
    reason = draw(st.sampled_from([None, "illness", "other"]))
    who = draw(st.sampled_from(["customer", "staff", "business"]))
    asked = a_request(requested_at=now, reason=reason, initiator=who)
    return facts.model_copy(update=told), asked


@pytest.mark.slow
@given(RULES, st.lists(situations(), min_size=10, max_size=10))
def test_a_rule_that_is_said_never_to_decide_never_does(
    rules: list[dict[str, Any]], cases: list[tuple[Facts, Request]]
) -> None:
    policy = a_policy(rules=rules, facts=FACTS)
    idle = idle_rules(policy)
    for facts, request in cases if idle else ():
        given_ = answer(situation(policy, facts, request), request.requested_at)
        assert not idle & {rule.rule for rule in given_.routes.values() if rule}


def idle_rules(policy: Policy) -> set[str]:
    found = (each for each in lint(policy) if each.code in ("unreachable", "never_holds"))
    return {each.place.partition(".")[0] for each in found}
