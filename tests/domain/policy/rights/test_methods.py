"""Which refund methods a policy leaves to the customer."""

from typing import Any

from domain.policy.rights.grounds import Law, Rights
from domain.policy.rights.methods import RefundMethod, refund_methods
from domain.subjects import Handling
from tests.domain.factories import a_line, a_policy, a_request, a_tender, an_order

CREDIT = {"when": {"method": "store_credit"}, "form": "store_credit", "timing": "immediate"}
SLOW = {"timing": "business_days_5_7"}
GIFT = a_tender(400, "gift_card", handling=Handling.LEDGER)
CARD = a_tender(600)
TWO = an_order(a_line(), tenders=(GIFT, CARD))


def found(facts: Any, *asked: tuple[str, int], **document: Any) -> tuple[RefundMethod, ...]:
    return refund_methods(Rights(a_policy(**document)), facts, a_request(*asked))


def names(ways: tuple[RefundMethod, ...]) -> list[str | None]:
    return [way.method for way in ways]


def test_without_a_condition_on_the_method_there_is_no_choice() -> None:
    assert names(found(an_order(), forms=[SLOW])) == [None]


def test_a_form_by_method_is_offered_after_the_usual_way() -> None:
    usual, credit = found(an_order(), forms=[CREDIT, SLOW])
    assert (usual.method, credit.method) == (None, "store_credit")
    assert [(t.form, t.timing) for t in usual.decision.tenders] == [
        ("original", "business_days_5_7")
    ]
    assert [(t.form, t.timing) for t in credit.decision.tenders] == [("store_credit", "immediate")]


def test_a_method_may_come_to_another_amount() -> None:
    rules = [{"when": {"method": "store_credit"}, "keep": "nothing"}, {"keep": "20%"}]
    usual, credit = found(an_order(), rules=rules, forms=[CREDIT])
    assert (usual.decision.refund_minor, credit.decision.refund_minor) == (800, 1_000)


def test_of_several_payments_each_may_be_filled_first_where_the_policy_leaves_the_choice() -> None:
    part = an_order(a_line(), a_line("b", 300), tenders=(GIFT, a_tender(900)))
    usual, card = found(part, ("b", 1), share="choice")
    assert (usual.method, card.method) == (None, "card")
    assert [t.method for t in usual.decision.tenders] == ["gift_card"]
    assert [t.method for t in card.decision.tenders] == ["card"]


def test_where_every_payment_gets_back_all_of_it_nothing_is_left_to_choose() -> None:
    ways = found(an_order(a_line(), tenders=(CARD, GIFT)), share="choice", tender_order=["card"])
    assert (
        len({tuple(sorted((t.id, t.amount_minor) for t in w.decision.tenders)) for w in ways}) == 1
    )
    assert names(ways) == [None]


def test_two_cards_are_told_apart_by_their_ids() -> None:
    cards = (a_tender(500, id="one"), a_tender(500, id="two"))
    order = an_order(a_line(price=500), a_line("b", 500), tenders=cards)
    assert names(found(order, ("a", 1), share="choice")) == [None, "two"]


def test_a_method_that_the_policy_refuses_is_not_offered() -> None:
    rules = [{"when": {"method": "cash"}, "refuse": "method_not_offered"}, {"keep": "nothing"}]
    assert names(found(an_order(), rules=rules)) == [None]


def test_where_nothing_goes_back_or_nobody_knows_how_much_there_is_no_choice() -> None:
    assert names(found(an_order(), rules=[{"keep": "everything"}], forms=[CREDIT])) == [None]
    assert names(found(an_order(), rules=[{"keep": "ask"}], forms=[CREDIT])) == [None]


def test_money_that_goes_back_by_law_goes_back_as_it_was_paid() -> None:
    contract = a_policy(id="shop", rules=[{"keep": "50%"}], forms=[CREDIT])
    rights = Rights(contract, 3, (Law(a_policy(id="law", rules=[{"keep": "nothing"}]), 7),))
    assert names(refund_methods(rights, an_order(), a_request())) == [None]
