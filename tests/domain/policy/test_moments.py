from datetime import timedelta
from typing import Any

from domain.decisions import Outcome
from domain.policy.clock.deadlines import TICK
from domain.policy.decide import decide
from domain.requests import Request
from tests.domain.factories import NOW, START, a_line, a_policy, a_request, an_appointment, an_order

NOTHING = {"keep": "nothing"}
OPENED = {"line.attributes.opened": "moment"}


def opened(line: str, *, days_ago: int) -> Any:
    at = NOW - timedelta(days=days_ago)
    return a_line(line, attributes={"opened": at.isoformat()})


def test_lines_are_told_apart_by_the_moment_that_a_period_counts_from() -> None:
    late = {"when": {"since.line.attributes.opened": {"over": "14d"}}, "keep": "everything"}
    policy = a_policy(facts=OPENED, rules=[late, NOTHING])
    order = an_order(opened("a", days_ago=2), opened("b", days_ago=20))
    assert [line.fee_minor for line in decide(policy, order, a_request()).lines] == [0, 1_000]


def test_lines_are_told_apart_by_a_fact_of_theirs_that_bounds_a_test() -> None:
    late = {"when": {"notice": {"under": "line.attributes.window"}}, "keep": "everything"}
    policy = a_policy(facts={"line.attributes.window": "span"}, rules=[late, NOTHING])
    short, long = (a_line(w, attributes={"window": w}) for w in ("1h", "5000h"))
    decision = decide(policy, an_appointment(short, long), a_request())
    assert [line.fee_minor for line in decision.lines] == [0, 1_000]


def test_each_line_brings_its_own_moments() -> None:
    late = {"when": {"since.line.attributes.opened": {"over": "14d"}}, "keep": "everything"}
    policy = a_policy(facts=OPENED, rules=[late, NOTHING])
    order = an_order(opened("a", days_ago=2), opened("b", days_ago=5))
    changes = decide(policy, order, a_request()).next_changes
    assert [change.fee_minor for change in changes] == [1_000, 2_000]


def test_a_part_cancelled_before_changes_the_answer_though_the_asked_lines_keep_their_rule() -> (
    None
):
    late = {"when": {"line.sku": "trip", "notice": {"under": "24h"}}, "keep": "50%"}
    policy = a_policy(rules=[late, NOTHING])
    day = START.date() - timedelta(days=2)
    trip = a_line("a", sku="trip", starts_at=day, quantity=2, quantity_cancelled=1)
    facts = an_order(trip, a_line("b"))
    change = decide(policy, facts, a_request(("b", 1))).next_changes[0]
    assert change.outcome is Outcome.HAND_OVER
    then = a_request(("b", 1), requested_at=change.at + TICK)
    assert decide(policy, facts, then).outcome is Outcome.HAND_OVER


def test_a_zone_that_nobody_knows_sends_to_a_person() -> None:
    policy = a_policy(rules=[{"when": {"now.weekday": "sat"}, "keep": "50%"}, NOTHING])
    decision = decide(policy, an_appointment(zone="Nowhere/None"), Request(requested_at=NOW))
    assert decision.outcome is Outcome.HAND_OVER
    assert decision.codes[0].code == "zone_unknown"
    assert decision.next_changes == ()
