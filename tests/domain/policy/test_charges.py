"""Amounts: extras, what is never refundable, partial payment, and partial after partial."""

from typing import Any

import pytest

from domain.decisions import Decision
from domain.facts import Facts
from domain.policy.decide import decide
from domain.policy.policy import Policy
from domain.subjects import Line, LineKind
from tests.domain.factories import a_line, a_policy, a_request, a_tender, an_order

PARCEL = a_line("ship", 490, kind=LineKind.SHIPPING)
BOOKING = a_line("book", 100, kind=LineKind.FEE)
NOTHING = {"keep": "nothing"}


def amounts(decision: Decision) -> dict[str, tuple[int, int]]:
    return {line.id: (line.fee_minor, line.refund_minor) for line in decision.lines}


def cancelled(facts: Facts, decision: Decision) -> Facts:
    """The facts after this decision was carried out."""
    done = {line.id: line for line in decision.lines}
    back = {tender.id: tender.amount_minor for tender in decision.tenders}
    lines = tuple(
        line.model_copy(
            update={
                "quantity_cancelled": line.quantity_cancelled + done[line.id].quantity,
                "refunded_minor": line.refunded_minor + done[line.id].refund_minor,
            }
        )
        if line.id in done
        else line
        for line in facts.lines
    )
    tenders = tuple(
        tender.model_copy(update={"returned_minor": tender.returned_minor + back.get(tender.id, 0)})
        for tender in facts.tenders
    )
    carried = decision.carried_minor
    return facts.model_copy(update={"lines": lines, "tenders": tenders, "carried_minor": carried})


def in_turn(policy: Policy, facts: Facts, *asked: tuple[str, int]) -> list[Decision]:
    """Cancel these one after the other."""
    decisions = []
    for line in asked:
        decisions.append(decide(policy, facts, a_request(line)))
        facts = cancelled(facts, decisions[-1])
    return decisions


def test_shipping_and_fees_stay_while_anything_else_does() -> None:
    facts = an_order(a_line(), a_line("b"), PARCEL, BOOKING)
    assert amounts(decide(a_policy(), facts, a_request(("a", 1)))) == {"a": (0, 1_000)}
    last = decide(a_policy(), facts, a_request(("a", 1), ("b", 1)))
    assert last.refund_minor == 2_590


def test_shipping_comes_back_with_the_last_of_several_partials() -> None:
    facts = an_order(a_line(), a_line("b"), PARCEL)
    first, second = in_turn(a_policy(), facts, ("a", 1), ("b", 1))
    assert (first.refund_minor, second.refund_minor) == (1_000, 1_490)


def test_shipping_may_never_come_back() -> None:
    stays = {"when": {"line.kind": ["shipping", "fee"]}, "keep": "everything"}
    policy = a_policy(rules=[stays, NOTHING])
    decision = decide(policy, an_order(a_line(), PARCEL, BOOKING), a_request())
    assert amounts(decision) == {"a": (0, 1_000), "ship": (490, 0), "book": (100, 0)}
    assert [finding.code for finding in decision.codes] == ["not_refundable"]


def test_shipping_alone_is_declined_while_lines_stay() -> None:
    facts = an_order(a_line(), a_line("b"), PARCEL)
    decision = decide(a_policy(), facts, a_request(("a", 1), ("ship", 1)))
    assert [finding.code for finding in decision.codes] == ["line_goes_last"]
    assert decision.codes[0].params == {"lines": ["ship"]}


def test_an_order_of_fees_alone_is_cancelled_like_any_other() -> None:
    assert decide(a_policy(), an_order(BOOKING), a_request()).refund_minor == 100


def test_a_category_that_is_never_refundable_is_kept_whole() -> None:
    wrap = {"when": {"line.category": "gift_wrap"}, "keep": "everything"}
    policy = a_policy(rules=[wrap, {"keep": "10%"}])
    facts = an_order(a_line(), a_line("w", 300, category="gift_wrap"))
    assert amounts(decide(policy, facts, a_request())) == {"a": (100, 900), "w": (300, 0)}


def test_a_fixed_fee_is_taken_once_and_is_never_more_than_the_price() -> None:
    policy = a_policy(rules=[{"keep": {"sum": [{"keep": "10%"}, {"keep": "1.50 EUR"}]}}])
    assert decide(policy, an_order(a_line(), a_line("b")), a_request()).fee_minor == 350
    assert decide(policy, an_order(a_line("a", 100)), a_request()).fee_minor == 100


@pytest.mark.parametrize(
    ("rounding", "fee"), [("down", 2), ("up", 3), ("half_up", 3), ("half_even", 2)]
)
def test_half_a_cent_goes_where_the_policy_says(rounding: str, fee: int) -> None:
    policy = a_policy(rules=[{"keep": "50%"}], rounding=rounding)
    decision = decide(policy, an_order(a_line("a", 5)), a_request())
    assert decision.fee_minor == fee


def test_no_fixed_fee_is_paid_twice_by_cancelling_in_parts() -> None:
    policy = a_policy(rules=[{"keep": "1.50 EUR"}])
    facts = an_order(a_line(quantity=2), a_line("b"))
    decisions = in_turn(policy, facts, ("a", 1), ("a", 1), ("b", 1))
    assert [decision.fee_minor for decision in decisions] == [150, 0, 0]
    assert sum(decision.refund_minor for decision in decisions) == 2_850


def test_earlier_lines_count_as_cancellable_whatever_their_status_now() -> None:
    engraved = {"when": {"line.category": "engraved"}, "refuse": "line_not_cancellable"}
    policy = a_policy(rules=[engraved, {"keep": "1.50 EUR"}])
    gone = a_line(quantity_cancelled=1, category="engraved", status="in limbo")
    tenders = (a_tender(2_000, returned_minor=850),)
    decision = decide(policy, an_order(gone, a_line("b"), tenders=tenders), a_request())
    assert (decision.fee_minor, decision.refund_minor) == (0, 1_000)


@pytest.mark.parametrize(
    ("paid", "refund", "due"), [(0, 0, 400), (300, 0, 100), (400, 0, 0), (700, 300, 0)]
)
def test_a_fee_beyond_what_was_prepaid_is_due(paid: int, refund: int, due: int) -> None:
    facts = an_order(tenders=(a_tender(paid),) if paid else ())
    decision = decide(a_policy(rules=[{"keep": "40%"}]), facts, a_request())
    assert (decision.fee_minor, decision.refund_minor, decision.due_minor) == (400, refund, due)


def test_a_deposit_stays_for_what_stays() -> None:
    facts = an_order(a_line(), a_line("b"), tenders=(a_tender(1_200),))
    first, second = in_turn(a_policy(), facts, ("a", 1), ("b", 1))
    assert (first.refund_minor, second.refund_minor) == (200, 1_000)


@pytest.mark.parametrize(
    "gone", [{"returned_minor": 400}, {"pending_minor": 400}, {"returned_elsewhere_minor": 400}]
)
def test_what_went_back_already_does_not_go_back_again(gone: dict[str, Any]) -> None:
    facts = an_order(tenders=(a_tender(1_000, **gone),))
    decision = decide(a_policy(), facts, a_request())
    assert (decision.refund_minor, decision.fee_minor) == (600, 0)


def test_more_paid_than_the_price_is_not_part_of_the_refund() -> None:
    facts = an_order(tenders=(a_tender(1_500),))
    assert decide(a_policy(), facts, a_request()).refund_minor == 1_000


def test_no_refund_keeps_what_was_paid_and_asks_for_no_more() -> None:
    policy = a_policy(refund="none")
    paid = decide(policy, an_order(), a_request())
    assert (paid.refund_minor, paid.fee_minor, paid.due_minor) == (0, 1_000, 0)
    assert [finding.code for finding in paid.codes] == ["not_refunded"]
    unpaid = decide(policy, an_order(tenders=()), a_request())
    assert (unpaid.fee_minor, unpaid.due_minor) == (0, 0)


def test_a_line_of_a_part_shipped_order_that_is_still_there_can_go() -> None:
    lines: list[Line] = [a_line(status="delivered"), a_line("b", status="unfulfilled"), PARCEL]
    decision = decide(a_policy(), an_order(*lines, stage="shipped"), a_request())
    assert amounts(decision) == {"b": (0, 1_000)}


def test_odd_cents_of_a_line_are_shared_so_that_its_units_add_up() -> None:
    facts = an_order(a_line("a", 333, quantity=3, tax_minor=1))
    decisions = in_turn(a_policy(), facts, ("a", 1), ("a", 1), ("a", 1))
    assert [decision.refund_minor for decision in decisions] == [334, 333, 333]
