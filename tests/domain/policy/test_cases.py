"""Reading cases in the public format, and comparing a decision with them."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from domain.cases.cases import Case, read_case
from domain.cases.facts import facts_of, request_of
from domain.cases.scores import Difference, score
from domain.cases.words import code_of
from domain.decisions import Decision, Finding, Outcome, RefundRule, TenderAmount
from domain.errors import CaseInvalid
from domain.requests import Initiator
from domain.subjects import Handling, Kind, LineKind, LineQuantity
from domain.values import NO_CURRENCY
from tests.domain.cases import ROOT

FOLDER = Path(os.environ.get("RESCIND_CASES", ROOT.parent / "shared" / "policies"))
PUBLIC = FOLDER / "public_cases.jsonl"
NOON = "2026-05-01T12:00:00+02:00"


def a_case(kind: str = "order", reason: str | None = None, **facts: Any) -> Case:
    return read_case({"id": "one", "kind": kind, "reason": reason, "facts": facts})


def a_decision(outcome: Outcome = Outcome.ALLOWED, **values: Any) -> Decision:
    return Decision(outcome=outcome, rule="fee", currency="EUR", **values)


def back(amount: int, method: str = "card", **values: Any) -> TenderAmount:
    handling = Handling.PROVIDER
    return TenderAmount(id=method, method=method, handling=handling, amount_minor=amount, **values)


@pytest.mark.skipif(not PUBLIC.exists(), reason="needs public_cases.jsonl in $RESCIND_CASES")
def test_every_public_case_can_be_read() -> None:
    cases = [read_case(json.loads(line)) for line in PUBLIC.read_text().splitlines()]
    assert len([(facts_of(case), request_of(case)) for case in cases]) == 162


def test_a_case_may_lack_every_fact() -> None:
    facts = facts_of(a_case(timezone=None, status=None, items=None, payments=None))
    assert (facts.stage, facts.zone, facts.currency) == ("confirmed", "UTC", NO_CURRENCY)
    assert (facts.lines, facts.tenders, facts.placed_at) == ((), (), None)
    assert request_of(a_case()).requested_at is None


def test_facts_without_a_field_of_their_own_become_attributes() -> None:
    facts = facts_of(a_case(gate="A7", attributes={"fare": "saver"}))
    assert facts.attributes == {"gate": "A7", "fare": "saver"}


def test_facts_of_ours_are_found_among_the_attributes_too() -> None:
    case = a_case(timezone="Europe/Berlin", attributes={"delivered_at": "2026-06-10"})
    assert str(facts_of(case).delivered_at) == "2026-06-10 00:00:00+02:00"
    assert facts_of(case).attributes == {"delivered_at": "2026-06-10"}


def test_counters_of_the_customer_may_stand_beside_the_facts_or_apart() -> None:
    beside = facts_of(a_case(no_shows_this_year=2)).customer
    apart = facts_of(a_case(customer={"no_shows_this_year": 2, "member": True})).customer
    assert beside.no_shows_this_year == apart.no_shows_this_year == 2
    assert apart.attributes == {"member": True}


def test_what_a_line_has_no_field_for_is_an_attribute_of_it() -> None:
    item = {"sku": "leg", "qty": 2, "person": "a", "starts_at": NOON, "delivered_at": "2026-05-02"}
    line = facts_of(a_case("appointment", items=[item])).lines[0]
    assert (line.id, line.kind, line.person, line.quantity) == ("0", LineKind.SERVICE, "a", 2)
    assert line.starts_at is not None
    assert line.attributes == {"delivered_at": "2026-05-02"}


@pytest.mark.parametrize(
    ("method", "handling"),
    [
        ("card_hold", Handling.HELD),
        ("hold", Handling.HELD),
        ("gift_card", Handling.LEDGER),
        ("store_credit", Handling.LEDGER),
        ("credit_card", Handling.PROVIDER),
    ],
)
def test_a_method_says_how_its_money_goes_back(method: str, handling: Handling) -> None:
    tender = facts_of(a_case(payments=[{"method": method, "amount_minor": 500}])).tenders[0]
    assert tender.handling is handling
    held = handling is Handling.HELD
    assert (tender.authorised_minor, tender.captured_minor) == ((500, 0) if held else (0, 500))


def test_what_went_back_before_counts_against_its_payment() -> None:
    paid = [{"method": "card", "amount_minor": 500, "ref": ref} for ref in ("a", "b")]
    refunds = [{"ref": "b", "amount_minor": 200}]
    tenders = facts_of(a_case(payments=paid, earlier_refunds=refunds)).tenders
    assert [(each.id, each.refundable_minor) for each in tenders] == [("a", 500), ("b", 300)]


def test_what_went_back_without_a_reference_is_taken_once_of_what_paid_that_way() -> None:
    paid = [{"method": each, "amount_minor": 500} for each in ("card", "voucher", "card")]
    by_card = [{"method": "Card", "amount_minor": 700}]
    tenders = facts_of(a_case(payments=paid, earlier_refunds=by_card)).tenders
    assert [each.refundable_minor for each in tenders] == [0, 500, 300]
    anyhow = [{"amount_minor": 10_000}]
    tenders = facts_of(a_case(payments=paid, earlier_refunds=anyhow)).tenders
    assert [each.refundable_minor for each in tenders] == [0, 0, 0]


def test_a_card_that_is_only_authorised_is_held() -> None:
    payment = {"method": "card", "amount_minor": 500, "status": "authorized"}
    [tender] = facts_of(a_case(payments=[payment])).tenders
    assert (tender.handling, tender.captured_minor) == (Handling.HELD, 0)


def test_times_without_an_offset_are_the_place_s_own() -> None:
    case = a_case(timezone="Europe/Berlin", now="2026-05-01T12:00:00", starts_at="2026-05-02")
    assert request_of(case).requested_at == request_of(a_case(now=NOON)).requested_at
    assert str(facts_of(case).starts_at) == "2026-05-02"


def test_an_order_is_delivered_with_its_last_parcel() -> None:
    days = [{"delivered_at": "2026-05-02"}, {"delivered_at": "2026-05-04T10:00:00Z"}]
    assert str(facts_of(a_case(items=days)).delivered_at) == "2026-05-04 10:00:00+00:00"
    assert facts_of(a_case(items=[*days, {}])).delivered_at is None


@pytest.mark.parametrize("given", [["Doctor's note"], "doctors note", {"doctors_note": True}])
def test_evidence_may_be_a_list_of_what_there_is(given: Any) -> None:
    assert request_of(a_case(evidence=given)).evidence == {"doctors_note": True}
    assert facts_of(a_case(consents=given)).consents == {"doctors_note": True}


def test_nulls_and_odd_shapes_are_no_fault() -> None:
    names = "sku category qty unit_price_minor status attributes person component starts_at title"
    item = dict.fromkeys(names.split())
    case = a_case(
        items=[item, {"qty": 0}, {"sku": 7, "person": 2}],
        payments=[{"method": "card", "amount_minor": None}, {"method": None, "amount_minor": 5}],
        customer="c1", consents=True, evidence=3, currency="eur", cancel_items=None,
        attributes=[], starts_at="", reason=None, counters={"no_shows_this_year": "two"},
    )  # fmt: skip
    facts = facts_of(case)
    assert [(line.sku, line.person, line.quantity) for line in facts.lines] == [
        ("", None, 1),
        ("7", "2", 1),
    ]
    assert [(tender.method, tender.captured_minor) for tender in facts.tenders] == [("other", 5)]
    assert {"customer": "c1", "consents": True, "evidence": 3}.items() <= facts.attributes.items()
    assert (facts.currency, facts.starts_at, facts.customer.no_shows_this_year) == (
        "EUR",
        None,
        None,
    )


def test_two_payments_of_one_reference_are_told_apart() -> None:
    paid = [{"method": "card", "amount_minor": 500, "ref": "a"}] * 2
    assert [each.id for each in facts_of(a_case(payments=paid)).tenders] == ["0", "1"]


def test_items_to_cancel_are_named_by_sku_and_all_of_that_name_are_meant() -> None:
    items = [{"sku": "a", "qty": 2}, {"sku": "b"}, {"sku": "a"}]
    asked = request_of(a_case(items=items, cancel_items=["a"])).lines
    assert asked == (LineQuantity(id="0", quantity=2), LineQuantity(id="2", quantity=1))


def test_items_to_cancel_may_be_some_of_many_or_those_of_a_person() -> None:
    items = [{"sku": "a", "qty": 2, "person": "x"}, {"sku": "b", "person": "y"}, {"sku": "a"}]
    for some in ([{"sku": "a", "qty": 1}], {"a": 1}):
        asked = request_of(a_case(items=items, cancel_items=some)).lines
        assert asked == (LineQuantity(id="0", quantity=1),)
    assert request_of(a_case(items=items, cancel_items="y")).lines[0].id == "1"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("no longer needed", "no_longer_needed"),
        ("Can't make it!", "cant_make_it"),
        ("2nd thoughts", "nd_thoughts"),
        ("…", "other"),
        ("a" * 100, "a" * 64),
    ],
)
def test_a_reason_in_words_becomes_a_code(text: str, code: str) -> None:
    assert code_of(text) == code
    assert request_of(a_case(reason=text)).reason == code


def test_who_asks_is_the_customer_unless_a_case_says_so() -> None:
    assert request_of(a_case()).initiator is Initiator.CUSTOMER
    assert request_of(a_case(initiator="business")).initiator is Initiator.BUSINESS
    assert request_of(a_case(initiator="the host's cousin")).initiator is Initiator.CUSTOMER
    assert request_of(a_case(cancelled_by="Host")).initiator is Initiator.BUSINESS


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ([], "case"),
        ({"kind": "order"}, "facts"),
        ({"kind": "flight", "facts": {}}, "kind"),
        ({"kind": "order", "facts": {"items": [{"qty": "many"}]}}, "facts.items[0].qty"),
        ({"kind": "order", "facts": {"now": "noon, or later"}}, "facts.now"),
        ({"kind": "order", "facts": {"timezone": "Mars"}}, "facts.timezone"),
        ({"kind": "order", "facts": {"payments": [{"method": "card"}]}}, "facts.payments[0]"),
    ],
)
def test_a_case_that_cannot_be_read_names_the_place(given: Any, place: str) -> None:
    with pytest.raises(CaseInvalid, match=f"^{place}".replace("[", r"\[")):
        read_case(given)


def test_an_item_to_cancel_that_is_not_there_is_no_case() -> None:
    with pytest.raises(CaseInvalid, match="lamp"):
        request_of(a_case(items=[{"sku": "mug"}], cancel_items=["lamp"]))


def test_null_is_not_settled_and_why_is_never_scored() -> None:
    found = score(a_decision(), {"eligible": None, "refund_minor": None, "why": "who knows"})
    assert not any(found)


def test_what_nobody_can_compare_is_named() -> None:
    assert score(a_decision(), {"points": 7}).unknown == ("points",)


def test_a_difference_has_both_answers() -> None:
    found = score(a_decision(refund_minor=500), {"eligible": True, "refund_minor": 400})
    assert found.compared == ("eligible", "refund_minor")
    assert found.differences == (Difference("refund_minor", 500, 400),)


@pytest.mark.parametrize(
    ("outcome", "code", "eligible"),
    [
        (Outcome.ALLOWED, "free", True),
        (Outcome.NEEDS_APPROVAL, "approval_always", True),
        (Outcome.DECLINED, "too_late", False),
        (Outcome.HAND_OVER, "amount_open", True),
        (Outcome.HAND_OVER, "starts_at_missing", None),
    ],
)
def test_eligible_is_a_yes_with_or_without_a_person(
    outcome: Outcome, code: str, eligible: bool | None
) -> None:
    decision = a_decision(outcome, codes=(Finding(code=code),))
    right = [word for word in (True, False) if not score(decision, {"eligible": word}).differences]
    assert right == ([] if eligible is None else [eligible])


def test_nothing_goes_back_at_once_while_a_yes_is_awaited_or_must_be_asked_for() -> None:
    for decision in (
        a_decision(Outcome.NEEDS_APPROVAL, refund_minor=500),
        a_decision(refund_minor=500, refund=RefundRule.ON_REQUEST),
    ):
        assert not score(decision, {"refunded_now_minor": 0}).differences
    assert score(a_decision(refund_minor=500), {"refunded_now_minor": 0}).differences


def test_a_timing_is_compared_by_its_words_and_numbers() -> None:
    decision = a_decision(tenders=(back(500, timing="business_days_5_7"),))
    assert not score(decision, {"refund_timing": "5-7 business days"}).differences
    assert score(decision, {"refund_timing": "immediate"}).differences


def test_refunds_are_compared_in_any_order() -> None:
    decision = a_decision(tenders=(back(600), back(400, "store_credit")))
    right = [
        {"method": "store_credit", "amount_minor": 400},
        {"method": "card", "amount_minor": 600},
    ]
    assert not score(decision, {"refunds": right}).differences
    assert score(decision, {"refunds": right[:1]}).differences
    assert score(decision, {"refunds": "all of it"}).differences
    assert not score(decision, {"refunds": {"card": 600, "store_credit": 400}}).differences


def test_the_method_is_the_form_of_what_comes_back() -> None:
    decision = a_decision(tenders=(back(600, form="voucher"),))
    assert not score(decision, {"refund_method": "voucher"}).differences
    assert score(decision, {"refund_method": "original"}).differences


def test_an_inferred_answer_is_marked_on_the_case_or_in_what_is_expected() -> None:
    given = {"kind": Kind.ORDER, "facts": {}}
    assert read_case({**given, "inferred": True}).is_inferred
    assert read_case({**given, "expected": {"inferred": True}}).is_inferred
    assert not read_case(given).is_inferred
