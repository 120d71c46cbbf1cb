"""What holds of every decision, whatever the policy, the order and the payments."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from domain.decisions import Decision, Outcome
from domain.facts import Facts
from domain.policy.amounts import with_refund
from domain.policy.decide import decide, judge_state
from domain.policy.document import Policy
from domain.requests import Request
from domain.subjects import Line, LineKind, Tender
from tests.domain.factories import START, a_line, a_policy, a_request, a_tender, an_order
from tests.domain.policy.test_charges import cancelled

FEES = st.fixed_dictionaries(
    {"percent": st.integers(0, 10_000), "fixed_minor": st.integers(0, 2_000)}
)
NOTICES = st.sampled_from(["2h", "24h", "2d", "1w", {"days_before": 1, "at": "18:00"}])
TIERS = st.lists(st.fixed_dictionaries({"under": NOTICES, "fee": FEES}), max_size=3)
DOCUMENTS = st.fixed_dictionaries(
    {
        "fee": FEES,
        "tiers": TIERS,
        "rounding": st.sampled_from(["down", "up", "half_up", "half_even"]),
        "shipping": st.sampled_from(["with_last_line", "never"]),
        "not_refundable": st.sampled_from([[], ["kept"]]),
    }
)
KINDS = st.sampled_from([LineKind.GOODS, LineKind.SERVICE, LineKind.SHIPPING, LineKind.FEE])
PRICES = st.integers(0, 5_000)
INSTANTS = st.integers(0, 20 * 24 * 60).map(lambda minutes: START - timedelta(minutes=minutes))


@st.composite
def orders(draw: st.DrawFn, *, is_paid: bool) -> Facts:
    count = draw(st.integers(1, 4))
    lines = [draw(line(f"l{place}")) for place in range(count)]
    total = sum(each.total_minor for each in lines)
    paid = total if is_paid else draw(st.integers(0, total + 100))
    return an_order(*lines, starts_at=START, tenders=draw(payments(paid, clean=is_paid)))


@st.composite
def line(draw: st.DrawFn, name: str) -> Line:
    quantity, price = draw(st.integers(1, 4)), draw(PRICES)
    return a_line(
        name,
        price,
        kind=draw(KINDS),
        quantity=quantity,
        discount_minor=draw(st.integers(0, price * quantity)),
        tax_minor=draw(st.integers(0, 300)),
        category=draw(st.sampled_from(["", "kept"])),
    )


@st.composite
def payments(draw: st.DrawFn, paid: int, *, clean: bool) -> tuple[Tender, ...]:
    first = draw(st.integers(0, paid))
    gone = 0 if clean else draw(st.integers(0, first))
    return (a_tender(first, returned_elsewhere_minor=gone), a_tender(paid - first, "gift_card"))


def some_of(data: st.DataObject, facts: Facts, at: datetime) -> Request:
    """Ask for a part of what is still open, everything at the least often."""
    counts = [(each.id, data.draw(st.integers(0, each.quantity_open))) for each in facts.lines]
    asked = [(name, count) for name, count in counts if count]
    return a_request(*asked, requested_at=at)


@given(DOCUMENTS, orders(is_paid=True), INSTANTS)
def test_price_is_fee_plus_refund_on_each_line_where_all_was_paid(
    document: dict[str, Any], facts: Facts, at: datetime
) -> None:
    decision = decide(a_policy(**document), facts, a_request(requested_at=at))
    for amount in decision.lines:
        assert amount.price_minor == amount.fee_minor + amount.refund_minor
    assert decision.due_minor == 0


@given(st.data(), DOCUMENTS, orders(is_paid=False), INSTANTS)
def test_amounts_add_up_and_stay_within_what_was_paid(
    data: st.DataObject, document: dict[str, Any], facts: Facts, at: datetime
) -> None:
    request = some_of(data, facts, at)
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


@given(st.data(), DOCUMENTS, orders(is_paid=True), INSTANTS)
def test_partial_after_partial_equals_the_whole(
    data: st.DataObject, document: dict[str, Any], facts: Facts, at: datetime
) -> None:
    policy = a_policy(**document)
    whole = decide(policy, facts, a_request(requested_at=at))
    parts = carry_out(data, policy, facts, at)
    assert sum(part.refund_minor for part in parts) == whole.refund_minor
    assert sum(part.fee_minor for part in parts) == whole.fee_minor
    assert sorted_units(parts) == sorted_units([whole])


@given(st.data(), DOCUMENTS, orders(is_paid=False), INSTANTS)
def test_partials_of_a_part_paid_order_return_no_more_and_no_less_than_the_whole(
    data: st.DataObject, document: dict[str, Any], facts: Facts, at: datetime
) -> None:
    facts = facts.model_copy(
        update={"tenders": (a_tender(sum(t.captured_minor for t in facts.tenders)),)}
    )
    policy = a_policy(**document)
    whole = decide(policy, facts, a_request(requested_at=at))
    parts = carry_out(data, policy, facts, at)
    assert sum(part.refund_minor for part in parts) == whole.refund_minor
    assert sum(part.due_minor for part in parts) == whole.due_minor


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


@given(st.data(), DOCUMENTS, orders(is_paid=False), INSTANTS, INSTANTS)
def test_later_partials_never_return_more_than_the_tenders_hold(
    data: st.DataObject, document: dict[str, Any], facts: Facts, early: datetime, late: datetime
) -> None:
    assume(early <= late)
    policy = a_policy(**document)
    for at in (early, late, START):
        decision = decide(policy, facts, some_of(data, facts, at))
        assert_sound(facts, decision)
        facts = cancelled(facts, decision)


@given(DOCUMENTS, orders(is_paid=False), INSTANTS)
def test_a_decision_depends_on_nothing_but_its_inputs(
    document: dict[str, Any], facts: Facts, at: datetime
) -> None:
    request = a_request(requested_at=at)
    policy = a_policy(**document)
    copied = Facts.model_validate_json(facts.model_dump_json())
    again = Policy.model_validate_json(policy.model_dump_json())
    repeat = Request.model_validate_json(request.model_dump_json())
    assert decide(policy, facts, request) == decide(again, copied, repeat)
    assert judge_state(policy, facts, request) == judge_state(again, copied, repeat)


@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=2), INSTANTS, INSTANTS)
def test_the_refund_never_rises_as_notice_falls_where_tiers_are_ordered(
    fees: list[int], one: datetime, other: datetime
) -> None:
    low, high = sorted(fees)
    tiers = [
        {"under": "24h", "fee": {"percent": high}},
        {"under": "7d", "fee": {"percent": low}},
    ]
    policy = a_policy(tiers=tiers)
    facts = an_order(starts_at=START)
    early, late = sorted((one, other))
    before = decide(policy, facts, a_request(requested_at=early)).refund_minor
    assert decide(policy, facts, a_request(requested_at=late)).refund_minor <= before


@given(DOCUMENTS, orders(is_paid=False), INSTANTS, INSTANTS)
def test_the_answer_changes_at_the_moments_foretold_and_at_no_other(
    document: dict[str, Any], facts: Facts, now: datetime, later: datetime
) -> None:
    assume(now <= later)
    policy = a_policy(**document)
    foretold = decide(policy, facts, a_request(requested_at=now))
    terms = (foretold.outcome, foretold.refund_minor, foretold.fee_minor)
    for change in foretold.next_changes:
        if change.at < later:
            terms = (change.outcome, change.refund_minor or 0, change.fee_minor or 0)
    then = decide(policy, facts, a_request(requested_at=later))
    assert (then.outcome, then.refund_minor, then.fee_minor) == terms


@given(st.data(), DOCUMENTS, orders(is_paid=False), INSTANTS)
def test_an_amount_that_is_set_adds_up_too(
    data: st.DataObject, document: dict[str, Any], facts: Facts, at: datetime
) -> None:
    decision = decide(a_policy(**document), facts, some_of(data, facts, at))
    price = sum(line.price_minor for line in decision.lines)
    held = sum(tender.refundable_minor for tender in facts.tenders)
    refund = data.draw(st.integers(0, min(price, held)))
    changed = with_refund(decision, facts, refund)
    assert changed.refund_minor == refund
    assert_sound(facts, changed)
