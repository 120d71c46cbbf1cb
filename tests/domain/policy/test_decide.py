from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.decisions import Decision, OnRefused, Outcome, RefundRule
from domain.errors import InvalidRequest, LineNotFound, QuantityTooHigh, RefundTooHigh
from domain.lifecycle import SubjectState
from domain.policy.decide import decide, judge_state
from domain.requests import Initiator, Overrides, Right
from domain.subjects import LineKind
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

NOTHING = {"keep": "nothing"}
HALF_LATE = [{"when": {"notice": {"under": "24h"}}, "keep": "50%"}, NOTHING]
DAY_BEFORE = {"when": {"notice": {"under": "24h"}}, "refuse": "too_late"}
UNPACKED = {"unless": {"stage": "open"}, "refuse": "stage_not_cancellable"}
MONTH = {"when": {"since.placed": {"over": "30d"}}, "refuse": "window_over"}
HOUR = timedelta(hours=1)


def codes(decision: Decision) -> list[str]:
    return [finding.code for finding in decision.codes]


def too_late(notice: str) -> dict[str, Any]:
    return {"when": {"notice": {"under": notice}}, "refuse": "too_late"}


def test_an_open_order_is_cancelled_free_of_charge_by_default() -> None:
    decision = decide(a_policy(), an_order(), a_request(), version=3)
    assert (decision.outcome, codes(decision)) == (Outcome.ALLOWED, ["free"])
    assert (decision.refund_minor, decision.fee_minor, decision.due_minor) == (1_000, 0, 0)
    assert (decision.policy_id, decision.policy_version) == ("test", 3)
    assert decision.facts_hash == an_order().fingerprint()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"stage": "delivered"}, "already_finished"),
        ({"stage": "Canceled"}, "already_cancelled"),
        ({"state": SubjectState.CANCELLED}, "already_cancelled"),
        ({"starts_at": NOW - HOUR}, "already_started"),
        ({"starts_at": date(2026, 5, 3)}, "already_started"),
    ],
)
def test_what_is_over_is_declined_by_default(given: dict[str, Any], code: str) -> None:
    decision = decide(a_policy(), an_order(**given), a_request())
    assert (decision.outcome, codes(decision)) == (Outcome.DECLINED, [code])
    assert (decision.lines, decision.tenders, decision.refund_minor) == ((), (), 0)


def test_nothing_is_left_of_an_order_whose_lines_are_all_cancelled() -> None:
    facts = an_order(a_line(quantity=2, quantity_cancelled=2))
    assert codes(decide(a_policy(), facts, a_request())) == ["nothing_left"]
    assert codes(decide(a_policy(), facts, a_request(("a", 1)))) == ["line_already_cancelled"]


def test_a_line_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(LineNotFound):
        decide(a_policy(), an_order(), a_request(("b", 1)))


def test_more_than_is_left_of_a_line_is_an_error() -> None:
    facts = an_order(a_line(quantity=3, quantity_cancelled=1))
    with pytest.raises(QuantityTooHigh):
        decide(a_policy(), facts, a_request(("a", 2), ("a", 1)))


@pytest.mark.parametrize(
    ("facts", "request_given", "code"),
    [
        ({"stage": "in limbo"}, {}, "stage_unknown"),
        ({"starts_at": None}, {}, "starts_at_missing"),
        ({}, {"requested_at": None}, "requested_at_missing"),
        ({"starts_at": date(2026, 5, 5)}, {}, "start_time_missing"),
        ({"placed_at": None}, {}, "placed_at_missing"),
        ({"starts_at": date(2026, 5, 10), "zone": "Mars/Olympus"}, {}, "zone_unknown"),
        ({"currency": "JPY"}, {}, "currency_differs"),
    ],
)
def test_a_missing_fact_hands_over_and_never_gets_a_default_yes(
    facts: dict[str, Any], request_given: dict[str, Any], code: str
) -> None:
    policy = a_policy(
        rules=[MONTH, *HALF_LATE], approval={"within": "2h", "approve_by_default": True}
    )
    subject = an_appointment().model_copy(update=facts)
    decision = decide(policy, subject, a_request(**request_given))
    assert decision.outcome is Outcome.HAND_OVER
    assert code in codes(decision)
    assert decision.approval is not None
    assert (decision.approval.approve_by_default, decision.approval.within) == (False, 2 * HOUR)


def test_a_no_outweighs_a_missing_fact() -> None:
    policy = a_policy(rules=[MONTH, UNPACKED])
    decision = decide(policy, an_order(stage="packed", placed_at=None), a_request())
    assert (decision.outcome, codes(decision)) == (Outcome.DECLINED, ["stage_not_cancellable"])


def test_a_fact_that_no_rule_needs_may_be_missing() -> None:
    decision = decide(a_policy(), an_order(placed_at=None), a_request(requested_at=None))
    assert (decision.outcome, decision.decided_at) == (Outcome.ALLOWED, None)


def test_the_day_of_a_civil_start_belongs_to_a_policy_that_counts_in_days() -> None:
    facts = an_appointment(starts_at=date(2026, 5, 4))
    same_day = a_policy(rules=[{"when": {"notice": {"at_least": "0d"}}, **NOTHING}])
    assert decide(same_day, facts, a_request()).outcome is Outcome.ALLOWED
    assert codes(decide(a_policy(), facts, a_request())) == ["start_time_missing"]
    day_before = a_policy(rules=[too_late("1d"), NOTHING])
    assert "too_late" in codes(decide(day_before, facts, a_request()))


def test_the_policys_own_words_for_stages_come_first() -> None:
    policy = a_policy(stages={"delivered": "open", "gebucht": "open"})
    assert decide(policy, an_order(stage="delivered"), a_request()).outcome is Outcome.ALLOWED
    assert decide(policy, an_order(stage="gebucht"), a_request()).outcome is Outcome.ALLOWED


@pytest.mark.parametrize("stage", ["in limbo", "pending"])
def test_a_gate_may_name_a_word_that_nobody_else_knows(stage: str) -> None:
    policy = a_policy(
        rules=[{"unless": {"stage": ["pending", "in limbo"]}, "refuse": "stage_not_cancellable"}]
    )
    assert decide(policy, an_order(stage=stage), a_request()).outcome is Outcome.ALLOWED


def test_the_first_no_of_a_line_decides() -> None:
    bored = {"unless": {"reason": "illness"}, "refuse": "reason_not_accepted"}
    policy = a_policy(rules=[UNPACKED, {"when": {"whole": False}, "refuse": "whole_only"}, bored])
    facts = an_order(a_line(), a_line("b"), stage="packed")
    decision = decide(policy, facts, a_request(("a", 1), reason="bored"))
    assert codes(decision) == ["stage_not_cancellable"]
    assert decision.rule == "rules[0]"
    assert [step.result for step in decision.trace] == codes(decision)


def test_the_noes_of_several_lines_are_told_each_once() -> None:
    goods = {"when": {"line.kind": "goods"}, "refuse": "goods_stay", "name": "goods"}
    rest = {"refuse": "nothing_goes", "name": "rest"}
    lines = (a_line(), a_line("b"), a_line("s", kind=LineKind.SERVICE, starts_at=START))
    request = a_request(("a", 1), ("b", 1), ("s", 1))
    decision = decide(a_policy(rules=[goods, rest]), an_order(*lines), request)
    assert codes(decision) == ["goods_stay", "nothing_goes"]
    assert decision.codes[0].params["lines"] == ["a", "b"]
    assert decision.rule == "goods"


def test_a_rejected_reason_is_declined_and_no_reason_is_fine() -> None:
    policy = a_policy(rules=[{"when": {"reason": "bored"}, "refuse": "reason_not_accepted"}])
    assert codes(decide(policy, an_order(), a_request(reason="bored"))) == ["reason_not_accepted"]
    assert decide(policy, an_order(), a_request()).outcome is Outcome.ALLOWED


def test_each_band_of_notice_has_its_own_fee() -> None:
    bands = [("24h", "50%"), ("48h", "25%"), ("7d", "10%")]
    rules = [{"when": {"notice": {"under": under}}, "keep": keep} for under, keep in bands]
    policy = a_policy(rules=[*rules, {"keep": "0.05 EUR"}])
    fees = {
        hours: decide(
            policy, an_appointment(), a_request(requested_at=START - timedelta(hours=hours))
        ).fee_minor
        for hours in (1, 24, 30, 48, 60, 24 * 9)
    }
    assert fees == {1: 500, 24: 250, 30: 250, 48: 100, 60: 100, 24 * 9: 5}


@pytest.mark.parametrize(("seconds", "outcome"), [(0, Outcome.ALLOWED), (1, Outcome.DECLINED)])
def test_exactly_at_a_cutoff_is_in_time(seconds: int, outcome: Outcome) -> None:
    late = timedelta(seconds=seconds)
    before = a_request(requested_at=START - 24 * HOUR + late)
    assert decide(a_policy(rules=[DAY_BEFORE]), an_appointment(), before).outcome is outcome
    since = a_request(requested_at=NOW + 48 * HOUR + late)
    two_days = {"when": {"since.placed": {"over": "48h"}}, "refuse": "window_over"}
    assert decide(a_policy(rules=[two_days]), an_order(), since).outcome is outcome


def test_after_the_start_a_policy_may_name_being_late_and_not_coming() -> None:
    policy = a_policy(
        rules=[
            {"when": {"stage": "no_show"}, "keep": "everything"},
            {"when": {"since.start": {"over": "0m", "at_most": "15m"}}, "keep": "80%"},
            too_late("2h"),
            NOTHING,
        ]
    )
    late = a_request(requested_at=START + timedelta(minutes=15))
    later = a_request(requested_at=START + timedelta(minutes=16))
    assert decide(policy, an_appointment(), late).fee_minor == 800
    assert codes(decide(policy, an_appointment(), later)) == ["too_late"]
    no_show = decide(policy, an_appointment(stage="no_show"), later)
    assert (no_show.outcome, no_show.fee_minor, no_show.rule) == (
        Outcome.ALLOWED,
        1_000,
        "rules[0]",
    )


def test_the_business_cancels_free_of_charge_and_stands_by_it() -> None:
    reasons = {"unless": {"reason": "x"}, "refuse": "reason_not_accepted"}
    policy = a_policy(rules=[reasons, *HALF_LATE], undo="1h", approval={})
    request = a_request(initiator=Initiator.BUSINESS, requested_at=START - HOUR)
    decision = decide(policy, an_appointment(), request)
    assert (decision.outcome, decision.fee_minor) == (Outcome.ALLOWED, 0)
    assert (decision.on_refused, decision.undo_window) == (OnRefused.STAND, None)
    finished = decide(policy, an_appointment(stage="done"), request)
    assert finished.outcome is Outcome.DECLINED


def test_the_law_asks_nobody_and_stands() -> None:
    policy = a_policy(approval={})
    decision = decide(policy, an_order(), a_request(right=Right.LAW))
    assert (decision.outcome, decision.on_refused) == (Outcome.ALLOWED, OnRefused.STAND)


@pytest.mark.parametrize("initiator", [Initiator.CUSTOMER, Initiator.AGENT, Initiator.SYSTEM])
def test_goodwill_that_is_asked_for_always_awaits_a_person(initiator: Initiator) -> None:
    policy = a_policy(rules=HALF_LATE, approval={"approve_by_default": True})
    request = a_request(
        right=Right.GOODWILL, initiator=initiator, requested_at=START + timedelta(days=1)
    )
    decision = decide(policy, an_appointment(stage="done"), request)
    assert (decision.outcome, codes(decision)) == (Outcome.NEEDS_APPROVAL, ["goodwill_asked"])
    assert decision.approval is not None
    assert not decision.approval.approve_by_default
    assert decision.fee_minor == 500


def test_staff_may_set_rules_and_the_fee_aside_as_goodwill() -> None:
    request = a_request(
        right=Right.GOODWILL,
        initiator=Initiator.STAFF,
        overrides=Overrides(ignore_rules=True, fee_minor=300),
        requested_at=START + HOUR,
    )
    decision = decide(a_policy(rules=HALF_LATE), an_appointment(stage="done"), request)
    assert (decision.outcome, decision.fee_minor, decision.refund_minor) == (
        Outcome.ALLOWED,
        300,
        700,
    )
    assert decision.rule == "overrides.fee_minor"


def test_staff_may_set_the_refund_up_to_what_was_paid() -> None:
    policy = a_policy(rules=HALF_LATE)
    given = {"right": Right.GOODWILL, "initiator": Initiator.STAFF}
    late = {"requested_at": START - HOUR, **given}
    decision = decide(
        policy, an_appointment(), a_request(overrides=Overrides(refund_minor=900), **late)
    )
    assert (decision.refund_minor, decision.fee_minor, decision.rule) == (
        900,
        100,
        "overrides.refund_minor",
    )
    with pytest.raises(RefundTooHigh):
        decide(policy, an_appointment(), a_request(overrides=Overrides(refund_minor=1_001), **late))


def test_staff_without_overrides_are_bound_like_the_customer() -> None:
    request = a_request(right=Right.GOODWILL, initiator=Initiator.STAFF)
    assert decide(a_policy(), an_order(stage="done"), request).outcome is Outcome.DECLINED


@pytest.mark.parametrize(
    ("initiator", "right"),
    [
        (Initiator.CUSTOMER, Right.GOODWILL),
        (Initiator.AGENT, Right.GOODWILL),
        (Initiator.STAFF, Right.CONTRACT),
    ],
)
def test_nobody_else_may_set_rules_aside(initiator: Initiator, right: Right) -> None:
    overrides = Overrides(fee_minor=0)
    with pytest.raises(InvalidRequest):
        decide(
            a_policy(),
            an_order(),
            a_request(initiator=initiator, right=right, overrides=overrides),
        )


@pytest.mark.parametrize(
    ("approval", "code"),
    [
        ({}, "approval_always"),
        ({"when": {"refund": {"over": "9.99 EUR"}}}, "approval_refund_over"),
        ({"when": {"reason": "illness"}}, "approval_reason"),
        ({"when": {"notice": {"under": "7d"}}}, "approval_late"),
        ({"when": {"price": {"over": "9.99 EUR"}}}, "approval_needed"),
    ],
)
def test_a_person_has_to_agree_where_the_policy_says_so(
    approval: dict[str, Any], code: str
) -> None:
    policy = a_policy(approval={**approval, "approve_by_default": True}, undo="30m")
    decision = decide(policy, an_appointment(), a_request(reason="illness"))
    assert (decision.outcome, codes(decision)) == (Outcome.NEEDS_APPROVAL, [code])
    assert decision.approval is not None
    assert decision.approval.approve_by_default
    assert (decision.refund_minor, decision.undo_window) == (1_000, timedelta(minutes=30))


@pytest.mark.parametrize(
    "when", [{"refund": {"over": "10.00 EUR"}}, {"reason": "other"}, {"notice": {"under": "24h"}}]
)
def test_nobody_has_to_agree_elsewhere(when: dict[str, Any]) -> None:
    policy = a_policy(approval={"when": when})
    decision = decide(policy, an_appointment(), a_request(reason="illness"))
    assert (decision.outcome, decision.approval) == (Outcome.ALLOWED, None)


def test_refund_form_timing_and_order_of_tenders_are_the_policys() -> None:
    policy = a_policy(
        forms=[
            {"form": "store_credit"},
            {"tenders": ["gift_card"], "timing": "immediate"},
            {"timing": "business_days_5_7"},
        ],
        tender_order=["gift_card"],
        refund="on_request",
    )
    facts = an_order(tenders=(a_tender(600), a_tender(400, "gift_card")))
    decision = decide(policy, facts, a_request())
    assert decision.refund is RefundRule.ON_REQUEST
    assert [(back.id, back.form, back.timing) for back in decision.tenders] == [
        ("gift_card", "store_credit", "immediate"),
        ("card", "store_credit", "business_days_5_7"),
    ]


def test_a_subject_without_lines_or_money_can_be_cancelled() -> None:
    facts = an_appointment().model_copy(update={"lines": (), "tenders": ()})
    decision = decide(a_policy(rules=HALF_LATE), facts, a_request())
    assert (decision.outcome, decision.lines) == (Outcome.ALLOWED, ())
    late = decide(a_policy(rules=[DAY_BEFORE]), facts, a_request(requested_at=START - HOUR))
    assert codes(late) == ["too_late"]


def test_a_decision_survives_being_stored() -> None:
    decision = decide(a_policy(rules=HALF_LATE, undo="1h"), an_appointment(), a_request())
    assert Decision.model_validate(decision.model_dump(mode="json")) == decision


def test_fresh_facts_are_still_fine_when_only_time_has_passed() -> None:
    policy = a_policy(rules=[UNPACKED, *HALF_LATE])
    request = a_request(requested_at=START + HOUR)
    assert judge_state(policy, an_appointment(), request) == ()


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"stage": "packed"}, "stage_not_cancellable"),
        ({"stage": "in limbo"}, "stage_unknown"),
        ({"stage": "delivered"}, "already_finished"),
        ({"state": SubjectState.CANCELLED}, "already_cancelled"),
        ({"lines": (a_line(quantity_cancelled=1),)}, "line_already_cancelled"),
        ({"lines": (a_line(status="delivered"),)}, "line_finished"),
        ({"lines": (a_line(status="cancelled"),)}, "line_already_cancelled"),
        ({"lines": (a_line("b"),)}, "line_not_found"),
        ({"lines": (a_line(quantity=2), a_line("b"))}, "whole_only"),
    ],
)
def test_fresh_facts_may_overtake_a_request(facts: dict[str, Any], code: str) -> None:
    policy = a_policy(rules=[UNPACKED, {"when": {"whole": False}, "refuse": "whole_only"}])
    fresh = an_order().model_copy(update=facts)
    found = [finding.code for finding in judge_state(policy, fresh, a_request(("a", 1)))]
    assert code in found


def test_an_exception_is_not_overtaken_by_the_rules_it_asks_to_set_aside() -> None:
    request = a_request(right=Right.GOODWILL)
    assert judge_state(a_policy(), an_order(stage="delivered"), request) == ()
    gone = an_order(state=SubjectState.CANCELLED)
    assert [finding.code for finding in judge_state(a_policy(), gone, request)] == [
        "already_cancelled"
    ]


def test_goods_of_a_mixed_order_have_no_start_and_services_their_own() -> None:
    policy = a_policy(
        rules=[
            {"when": {"line.kind": "goods"}, "keep": "nothing"},
            DAY_BEFORE,
            {"when": {"notice": {"under": "48h"}}, "keep": "50%"},
            NOTHING,
        ]
    )
    soon = NOW + timedelta(hours=30)
    service = a_line("s", 2_000, kind=LineKind.SERVICE, starts_at=soon)
    decision = decide(policy, an_order(a_line(), service), a_request())
    assert [line.fee_minor for line in decision.lines] == [0, 1_000]
    assert decision.cancellable_until == soon - timedelta(hours=24)
    nameless = a_line("s", kind=LineKind.SERVICE)
    asked = decide(policy, an_order(a_line(), nameless), a_request())
    assert codes(asked) == ["starts_at_missing"]


def test_the_same_instant_in_another_zone_gets_the_same_answer() -> None:
    tokyo = datetime.fromisoformat("2026-05-09T19:00:00+09:00")
    policy = a_policy(rules=HALF_LATE)
    assert decide(policy, an_appointment(), a_request(requested_at=tokyo)).fee_minor == 0
    utc = tokyo.astimezone(UTC) + timedelta(seconds=1)
    assert decide(policy, an_appointment(), a_request(requested_at=utc)).fee_minor == 500
