"""What holds of every decision, whatever the policy, the order and the payments."""

from datetime import datetime
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from domain.decisions import Decision, Outcome
from domain.facts import Facts
from domain.policy.amounts import with_refund
from domain.policy.decide import decide, judge, judge_state
from domain.policy.policy import Policy
from domain.policy.reading.policies import parse_policy
from domain.requests import Request
from tests.domain.factories import a_policy, a_request, a_tender
from tests.domain.policy.documents import documents, instants, orders, some_of
from tests.domain.policy.test_charges import cancelled

DOCUMENTS = documents()
PAID = orders(is_paid=True)
ORDERS = orders(is_paid=False)


@given(st.data(), DOCUMENTS, PAID)
def test_price_is_fee_plus_refund_on_each_line_where_all_was_paid(
    data: st.DataObject, document: dict[str, Any], facts: Facts
) -> None:
    at = data.draw(instants(facts))
    decision = decide(a_policy(**document), facts, a_request(requested_at=at))
    for amount in decision.lines:
        assert amount.price_minor == amount.fee_minor + amount.refund_minor
    assert decision.due_minor == 0


@given(st.data(), DOCUMENTS, ORDERS)
def test_amounts_add_up_and_stay_within_what_was_paid(
    data: st.DataObject, document: dict[str, Any], facts: Facts
) -> None:
    request = some_of(data, facts, data.draw(instants(facts)))
    decision = decide(a_policy(**document), facts, request)
    assert_sound(facts, decision)


def assert_sound(facts: Facts, decision: Decision) -> None:
    held = {tender.id: tender.refundable_minor for tender in facts.tenders}
    assert decision.refund_minor == sum(line.refund_minor for line in decision.lines)
    assert decision.refund_minor == sum(back.amount_minor for back in decision.tenders)
    assert decision.fee_minor == sum(line.fee_minor for line in decision.lines)
    assert all(0 < back.amount_minor <= held[back.id] for back in decision.tenders)
    assert all(line.fee_minor + line.refund_minor <= line.price_minor for line in decision.lines)
    assert 0 <= decision.due_minor <= decision.fee_minor
    assert decision.due_minor == 0 or decision.refund_minor == 0


@given(st.data(), DOCUMENTS, PAID)
def test_partial_after_partial_comes_to_the_whole(
    data: st.DataObject, document: dict[str, Any], facts: Facts
) -> None:
    policy, at = a_policy(**document), data.draw(instants(facts))
    whole = decide(policy, facts, a_request(requested_at=at))
    parts = carry_out(data, policy, facts, at)
    assert sum(part.refund_minor for part in parts) == max(worths(policy, facts, parts, at))
    assert sorted_units(parts) == sorted_units([whole])


@given(st.data(), DOCUMENTS, ORDERS)
def test_partials_of_a_part_paid_order_return_no_more_and_no_less_than_the_whole(
    data: st.DataObject, document: dict[str, Any], facts: Facts
) -> None:
    facts = facts.model_copy(
        update={"tenders": (a_tender(sum(t.captured_minor for t in facts.tenders)),)}
    )
    policy, at = a_policy(**document), data.draw(instants(facts))
    whole = decide(policy, facts, a_request(requested_at=at))
    parts = carry_out(data, policy, facts, at)
    assert sum(part.refund_minor for part in parts) == max(worths(policy, facts, parts, at))
    assert sum(part.due_minor for part in parts) >= whole.due_minor


def worths(policy: Policy, facts: Facts, parts: list[Decision], at: datetime) -> list[int]:
    """What all that is cancelled after each part would have given at once; the last is the whole.
    A part that alone is worth more isn't taken back."""
    units: dict[str, int] = {}
    found = [0]
    for part in parts:
        for line in part.lines:
            units[line.id] = units.get(line.id, 0) + line.quantity
        at_once = decide(policy, facts, a_request(*units.items(), requested_at=at))
        found.append(at_once.refund_minor)
    return found


def carry_out(data: st.DataObject, policy: Policy, facts: Facts, at: datetime) -> list[Decision]:
    """Cancel piece by piece, shipping and fees with the last, until nothing is left."""
    decisions = []
    for _ in range(2):
        wanted = some_of(data, facts, at)
        decision = decide(policy, facts, wanted)
        if wanted.lines and decision.outcome is Outcome.ALLOWED:
            decisions.append(decision)
            facts = cancelled(facts, decision)
    if any(line.quantity_open for line in facts.lines):
        decisions.append(decide(policy, facts, a_request(requested_at=at)))
    return decisions


def sorted_units(decisions: list[Decision]) -> dict[str, int]:
    units: dict[str, int] = {}
    for decision in decisions:
        for line in decision.lines:
            units[line.id] = units.get(line.id, 0) + line.quantity
    return units


@given(st.data(), DOCUMENTS, ORDERS)
def test_later_partials_never_return_more_than_the_tenders_hold(
    data: st.DataObject, document: dict[str, Any], facts: Facts
) -> None:
    policy = a_policy(**document)
    for at in sorted((data.draw(instants(facts)), data.draw(instants(facts)))):
        decision = decide(policy, facts, some_of(data, facts, at))
        assert_sound(facts, decision)
        facts = cancelled(facts, decision)


@given(st.data(), DOCUMENTS, ORDERS)
def test_a_decision_depends_on_nothing_but_its_inputs(
    data: st.DataObject, document: dict[str, Any], facts: Facts
) -> None:
    request = a_request(requested_at=data.draw(instants(facts)))
    policy = a_policy(**document)
    copied = Facts.model_validate_json(facts.model_dump_json())
    again = parse_policy(policy.document.model_dump(mode="json", by_alias=True, exclude_none=True))
    repeat = Request.model_validate_json(request.model_dump_json())
    assert again == policy
    assert decide(policy, facts, request) == decide(again, copied, repeat)
    assert judge_state(policy, facts, request) == judge_state(again, copied, repeat)


@given(st.data(), DOCUMENTS, ORDERS)
def test_the_light_answer_is_the_decisions(
    data: st.DataObject, document: dict[str, Any], facts: Facts
) -> None:
    request = some_of(data, facts, data.draw(instants(facts)))
    policy = a_policy(**document)
    answer, decision = judge(policy, facts, request), decide(policy, facts, request)
    assert answer.outcome is decision.outcome
    assert answer.amounts.refund == decision.refund_minor
    assert (answer.amounts.fee, answer.amounts.due) == (decision.fee_minor, decision.due_minor)


@given(st.data(), DOCUMENTS, ORDERS)
def test_the_answer_changes_at_the_moments_foretold_and_at_no_other(
    data: st.DataObject, document: dict[str, Any], facts: Facts
) -> None:
    now, later = sorted((data.draw(instants(facts)), data.draw(instants(facts))))
    policy = a_policy(**document)
    foretold = decide(policy, facts, a_request(requested_at=now))
    assume(foretold.outcome is Outcome.ALLOWED)
    terms = (foretold.outcome, foretold.refund_minor, foretold.fee_minor)
    for change in foretold.next_changes:
        if change.at < later:
            terms = (change.outcome, change.refund_minor or 0, change.fee_minor or 0)
    then = decide(policy, facts, a_request(requested_at=later))
    assert (then.outcome, then.refund_minor, then.fee_minor) == terms


@given(st.data(), DOCUMENTS, ORDERS)
def test_an_amount_that_is_set_adds_up_too(
    data: st.DataObject, document: dict[str, Any], facts: Facts
) -> None:
    request = some_of(data, facts, data.draw(instants(facts)))
    decision = decide(a_policy(**document), facts, request)
    price = sum(line.price_minor for line in decision.lines)
    held = sum(tender.refundable_minor for tender in facts.tenders)
    refund = data.draw(st.integers(0, min(price, held)))
    changed = with_refund(decision, facts, refund)
    assert changed.refund_minor == refund
    assert_sound(facts, changed)
