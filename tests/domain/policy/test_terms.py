"""What a policy says beside its charges: checks, approval, forms, gifts, bounds, overlays."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from domain.decisions import Decision, Outcome
from domain.errors import PolicyInvalid
from domain.policy.decide import decide
from domain.policy.policy import Policy
from domain.policy.reading.policies import parse_policy
from domain.requests import Initiator, Right
from domain.subjects import Handling
from tests.domain.factories import (
    NOW,
    START,
    a_line,
    a_policy,
    a_request,
    a_tender,
    an_appointment,
    an_order,
)

HOUR = timedelta(hours=1)
NOTHING: dict[str, Any] = {"keep": "nothing"}
LATE: dict[str, Any] = {"when": {"notice": {"under": "24h"}}, "keep": "50%"}
TOO_LATE: dict[str, Any] = {"when": {"notice": {"under": "2h"}}, "refuse": "too_late"}
NOW_LATE = {"requested_at": START - HOUR}


def said(decision: Decision) -> tuple[Outcome, list[str]]:
    return decision.outcome, [finding.code for finding in decision.codes]


@pytest.mark.parametrize(
    ("check", "outcome"),
    [
        ({"when": {"fee": {"over": "4.99 EUR"}}, "refuse": "too_dear"}, Outcome.DECLINED),
        ({"when": {"fee": {"over": "5.00 EUR"}}, "refuse": "too_dear"}, Outcome.ALLOWED),
        ({"unless": {"refund": {"under": "5.00 EUR"}}, "hand_over": "much"}, Outcome.HAND_OVER),
        ({"when": {"due": {"over": "0.00 EUR"}}, "refuse": "owing"}, Outcome.ALLOWED),
        ({"when": {"fee": {"under": "refund"}}, "refuse": "odd"}, Outcome.ALLOWED),
        ({"when": {"fee": {"at_least": "refund"}}, "refuse": "half", "name": "h"},
         Outcome.DECLINED),
        ({"when": {"attributes.x": True}, "refuse": "never"}, Outcome.HAND_OVER),
    ],
)  # fmt: skip
def test_a_check_looks_at_the_amounts(check: dict[str, Any], outcome: Outcome) -> None:
    policy = a_policy(facts={"attributes.x": "boolean"}, rules=[{"keep": "50%"}], checks=[check])
    decision = decide(policy, an_order(), a_request())
    assert decision.outcome is outcome
    if outcome is Outcome.DECLINED:
        assert (decision.rule, decision.fee_minor) == (check.get("name", "checks[0]"), 0)


def test_each_alternative_of_an_approval_has_its_own_reason() -> None:
    alternatives = [{"refund": {"over": "4.00 EUR"}}, {"notice": {"under": "24h"}}]
    policy = a_policy(rules=[LATE, NOTHING], approval={"when": {"any": alternatives}})
    early = decide(policy, an_appointment(), a_request())
    assert said(early) == (Outcome.NEEDS_APPROVAL, ["approval_refund_over"])
    late = decide(policy, an_appointment(), a_request(**NOW_LATE))
    assert said(late) == (Outcome.NEEDS_APPROVAL, ["approval_refund_over", "approval_late"])
    assert late.fee_minor == 500


def test_a_rule_may_ask_for_a_yes_of_its_own() -> None:
    asks = {**LATE, "approval": "desk_looks"}
    policy = a_policy(rules=[asks, NOTHING])
    assert said(decide(policy, an_appointment(), a_request()))[0] is Outcome.ALLOWED
    late = decide(policy, an_appointment(), a_request(**NOW_LATE))
    assert said(late) == (Outcome.NEEDS_APPROVAL, ["desk_looks"])
    assert (late.approval and late.approval.within) == timedelta(hours=48)
    law = decide(policy, an_appointment(), a_request(right=Right.LAW, **NOW_LATE))
    assert law.outcome is Outcome.ALLOWED


def test_a_rule_may_send_its_lines_to_a_person() -> None:
    odd = {"when": {"line.category": "odd"}, "hand_over": "look_at_it"}
    policy = a_policy(rules=[odd, NOTHING], approval={"approve_by_default": True})
    decision = decide(policy, an_order(a_line(), a_line("b", category="odd")), a_request())
    assert said(decision) == (Outcome.HAND_OVER, ["look_at_it"])
    assert decision.approval is not None
    assert not decision.approval.approve_by_default


MIXED = an_order(tenders=(a_tender(600), a_tender(300, "gift_card"), a_tender(100, "voucher")))


def forms_of(**document: Any) -> dict[str, tuple[str, str | None]]:
    decision = decide(a_policy(**document), MIXED, a_request())
    return {back.id: (back.form, back.timing) for back in decision.tenders}


def test_the_first_form_that_fits_a_tender_counts_part_by_part() -> None:
    forms = [
        {"tenders": ["gift_card"], "timing": "immediate"},
        {"when": {"reason": "never"}, "form": "cash"},
        {"tenders": ["voucher"], "form": "store_credit"},
        {"unless": {"reason": "never"}, "timing": "days_5"},
    ]
    assert forms_of(forms=forms) == {
        "card": ("original", "days_5"),
        "gift_card": ("original", "immediate"),
        "voucher": ("store_credit", "days_5"),
    }
    assert forms_of() == dict.fromkeys(("card", "gift_card", "voucher"), ("original", None))


def test_the_deciding_rules_own_form_and_timing_come_first() -> None:
    rules = [{"keep": "10%", "form": "store_credit", "timing": "at_once"}]
    forms = [{"form": "cash", "timing": "later"}]
    found = forms_of(rules=rules, forms=forms)
    assert set(found.values()) == {("store_credit", "at_once")}


def test_a_form_that_needs_an_unknown_fact_does_not_fit() -> None:
    forms = [{"when": {"attributes.vip": True}, "form": "cash"}, {"form": "store_credit"}]
    found = forms_of(forms=forms, facts={"attributes.vip": "boolean"})
    assert {form for form, _ in found.values()} == {"store_credit"}


def test_something_may_be_given_instead_of_money() -> None:
    policy = a_policy(rules=[{"keep": "everything", "grants": "make_up_lesson"}])
    decision = decide(policy, an_order(), a_request())
    assert (decision.form, decision.refund_minor, decision.tenders) == ("make_up_lesson", 0, ())


def test_a_held_card_has_nothing_to_give_back() -> None:
    held = a_tender(0, "hold", handling=Handling.HELD, authorised_minor=1_000)
    decision = decide(a_policy(rules=[{"keep": "30%"}]), an_order(tenders=(held,)), a_request())
    assert (decision.refund_minor, decision.due_minor, decision.tenders) == (0, 300, ())


def test_rules_that_name_the_initiator_bind_the_business_too() -> None:
    business = a_request(initiator=Initiator.BUSINESS, **NOW_LATE)
    free = decide(a_policy(rules=[TOO_LATE, NOTHING]), an_appointment(), business)
    assert (free.outcome, free.fee_minor) == (Outcome.ALLOWED, 0)
    named = {"when": {"initiator": "business"}, "keep": "everything", "grants": "make_up_lesson"}
    policy = a_policy(rules=[TOO_LATE, named, NOTHING])
    decision = decide(policy, an_appointment(), business)
    assert (decision.fee_minor, decision.form) == (1_000, "make_up_lesson")
    customer = decide(policy, an_appointment(), a_request(**NOW_LATE))
    assert said(customer) == (Outcome.DECLINED, ["too_late"])


def test_a_favour_is_not_refused_and_costs_what_a_rule_says() -> None:
    favour = a_request(right=Right.GOODWILL, **NOW_LATE)
    policy = a_policy(rules=[TOO_LATE, LATE, NOTHING], currency="USD")
    decision = decide(policy, an_appointment(stage="done"), favour)
    assert said(decision) == (Outcome.NEEDS_APPROVAL, ["goodwill_asked"])


@pytest.mark.parametrize(("used", "fee"), [(4, 0), (5, 1_000), (None, None)])
def test_a_counter_of_the_customer_may_decide(used: int | None, fee: int | None) -> None:
    few = {"when": {"customer.cancellations": {"under": 5}}, **NOTHING}
    policy = a_policy(
        facts={"customer.cancellations": "number"}, rules=[few, {"keep": "everything"}]
    )
    known = {} if used is None else {"attributes": {"cancellations": used}}
    facts = an_order(customer=known)
    decision = decide(policy, facts, a_request())
    assert (decision.fee_minor if decision.outcome is Outcome.ALLOWED else None) == fee


CLOSED: dict[str, Any] = {
    "business_days": {"workdays": ["mon", "tue", "wed", "thu", "fri", "sat"]},
    "closed_from": "settings.closed",
    "facts": {"settings.closed": {"type": "list", "default": []}},
    "rules": [{"when": {"since.placed": {"over": "3bd"}}, "refuse": "window_over"}],
}


@pytest.mark.parametrize(
    ("closed", "last"),
    [
        ([], "2026-05-07T23:59:59+02:00"),
        (["2026-05-05"], "2026-05-08T23:59:59+02:00"),
        (["2026-05-05", "2026-05-06", "2026-05-07"], "2026-05-11T23:59:59+02:00"),
    ],
)
def test_a_setting_may_close_more_days(closed: list[str], last: str) -> None:
    """It was placed on a Monday; the shop is open on Saturdays, too."""
    facts = an_order(settings={"closed": closed})
    on_time = a_request(requested_at=last)
    assert decide(a_policy(**CLOSED), facts, on_time).outcome is Outcome.ALLOWED
    assert on_time.requested_at is not None
    late = a_request(requested_at=on_time.requested_at + timedelta(seconds=1))
    assert decide(a_policy(**CLOSED), facts, late).outcome is Outcome.DECLINED


def test_a_setting_of_no_days_is_a_question() -> None:
    facts = an_order(settings={"closed": ["someday"]})
    decision = decide(a_policy(**CLOSED), facts, a_request())
    assert said(decision) == (Outcome.HAND_OVER, ["fact_unreadable"])


def test_public_holidays_are_no_business_days() -> None:
    rules = [{"when": {"since.placed": {"over": "1bd"}}, "refuse": "window_over"}]
    policy = a_policy(rules=rules, business_days={"holidays": "DE-BE"})
    facts = an_order(placed_at=NOW.replace(month=4, day=30))
    monday = a_request(requested_at=NOW)
    assert decide(policy, facts, monday).outcome is Outcome.ALLOWED
    tuesday = a_request(requested_at=NOW + 24 * HOUR)
    assert decide(policy, facts, tuesday).outcome is Outcome.DECLINED


BASE = {
    "id": "base", "title": "Base", "currency": "EUR", "undo": "1h",
    "facts": {"attributes.vip": {"type": "boolean", "default": False}},
    "stages": {"gebucht": "open"},
    "rules": [{**LATE, "name": "late"}, {"keep": "1.00 EUR", "name": "else"}],
    "forms": [{"timing": "days_5"}],
}  # fmt: skip
OVER = {
    "id": "over", "title": "Over", "extends": "base", "undo": "2h",
    "facts": {"attributes.club": {"type": "boolean", "default": False}},
    "rules": [{"when": {"attributes.vip": True, "attributes.club": True}, **NOTHING}],
}  # fmt: skip


def over(document: Mapping[str, Any], *others: Mapping[str, Any]) -> Policy:
    return parse_policy(document, {each["id"]: each for each in others}.get)


def test_a_policy_laid_over_another_says_what_is_different() -> None:
    policy = over(OVER, BASE)
    plain = decide(policy, an_appointment(stage="gebucht"), a_request())
    assert (plain.policy_id, plain.rule, plain.fee_minor) == ("over", "else", 100)
    assert (plain.undo_window, plain.tenders[0].timing) == (2 * HOUR, "days_5")
    club = an_appointment(attributes={"vip": True, "club": True})
    assert decide(policy, club, a_request(**NOW_LATE)).fee_minor == 0
    late = decide(policy, an_appointment(), a_request(**NOW_LATE))
    assert (late.rule, late.fee_minor) == ("late", 500)


@pytest.mark.parametrize(
    ("documents", "text"),
    [
        ([OVER], "no policy 'base'"),
        ([OVER, {**BASE, "extends": "over"}, OVER], "one after another"),
        ([{**OVER, "extends": "over"}, {**OVER, "extends": "over"}], "one after another"),
        ([{**OVER, "extends": ["base"]}, BASE], "no policy"),
    ],
)
def test_a_base_that_is_missing_or_goes_round_in_a_circle_is_refused(
    documents: list[Mapping[str, Any]], text: str
) -> None:
    with pytest.raises(PolicyInvalid) as error:
        over(*documents)
    [(place, said_there)] = error.value.problems
    assert place == "extends"
    assert text in said_there


def test_a_mistake_in_the_base_is_told() -> None:
    with pytest.raises(PolicyInvalid, match=r"rules\[1\]\.when\.notise"):
        over(OVER, {**BASE, "rules": [{"when": {"notise": {"under": "1d"}}, **NOTHING}]})
