"""The best right wins: law against contract, whole or line by line, and goodwill as it was."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.decisions import Decision, OnRefused, Outcome
from domain.facts import Facts
from domain.lifecycle import SubjectState
from domain.policy.decide import decide
from domain.policy.rights.best import decide_best, judge_state_best, windows_best
from domain.policy.rights.grounds import Law, Rights
from domain.requests import Initiator, Overrides, Right
from domain.subjects import LineKind
from tests.domain.factories import NOW, a_line, a_policy, a_request, a_tender, an_order

STAFF = Initiator.STAFF
ANY_STAGE = {"stage": ["open", "in_progress", "finished"]}
DAYS_14 = {"when": {"since.placed": {"over": "14d"}}, "refuse": "window_over"}
NOT_GOODS = {"unless": {"line.kind": ["goods", "shipping"]}, "refuse": "right_does_not_apply"}
EXEMPT = {"when": {"line.category": "exempt"}, "refuse": "right_excluded"}
FREE = {"when": ANY_STAGE, "keep": "nothing"}


def a_law(*rules: dict[str, Any], id: str = "law", **document: Any) -> Law:  # noqa: A002
    return Law(a_policy(id=id, rules=list(rules) or [DAYS_14, EXEMPT, FREE], **document), 7)


def rights(*laws: Law, gone: Any = None, **contract: Any) -> Rights:
    document = {"rules": [{"keep": "50%"}], **contract}
    return Rights(a_policy(id="shop", **document), 3, laws or (a_law(),), gone or {})


def codes(decision: Decision) -> list[str]:
    return [finding.code for finding in decision.codes]


def answer(decision: Decision) -> tuple[Right, str, int, int, int]:
    amounts = decision.refund_minor, decision.fee_minor
    return decision.right, decision.policy_id, decision.policy_version, *amounts


def test_the_law_wins_where_it_returns_more() -> None:
    decision = decide_best(rights(), an_order(), a_request())
    assert answer(decision) == (Right.LAW, "law", 7, 1_000, 0)
    assert decision.on_refused is OnRefused.STAND
    assert codes(decision) == ["free", "right_by_law"]
    assert decision.codes[-1].params == {"policy": "law", "lines": ["a"]}


def test_the_contract_wins_where_it_returns_more() -> None:
    law = a_law({"when": ANY_STAGE, "keep": "60%"})
    decision = decide_best(rights(law), an_order(), a_request())
    assert answer(decision) == (Right.CONTRACT, "shop", 3, 500, 500)
    assert "right_by_law" not in codes(decision)


def test_a_tie_is_the_laws() -> None:
    decision = decide_best(rights(rules=[{"keep": "nothing"}]), an_order(), a_request())
    assert decision.right is Right.LAW


@pytest.mark.parametrize(
    ("law", "contract", "best"),
    [
        (DAYS_14, {"keep": "90%", "approval": "big"}, Right.LAW),
        ({**FREE, "approval": "x"}, {"keep": "10%", "approval": "x"}, Right.LAW),
        ({"hand_over": "x"}, {"keep": "everything", "approval": "x"}, Right.CONTRACT),
        ({"hand_over": "x"}, {"refuse": "too_late"}, Right.LAW),
        ({"refuse": "x"}, {"keep": "everything"}, Right.CONTRACT),
        ({"refuse": "x"}, {"refuse": "too_late"}, Right.CONTRACT),
    ],
)
def test_a_surer_answer_comes_before_a_higher_refund(
    law: dict[str, Any], contract: dict[str, Any], best: Right
) -> None:
    given_rights = rights(a_law(law, FREE), rules=[contract])
    assert decide_best(given_rights, an_order(), a_request()).right is best


def test_what_is_due_counts_against_a_refund() -> None:
    law = a_law({"when": ANY_STAGE, "keep": "15.00 EUR", "beyond_price": True})
    facts = an_order(tenders=(a_tender(0),))
    decision = decide_best(rights(law), facts, a_request())
    assert (decision.right, decision.due_minor) == (Right.CONTRACT, 500)


def test_by_law_only_the_laws_are_asked_and_nobody_has_to_agree() -> None:
    given_rights = rights(a_law({"when": ANY_STAGE, "keep": "90%"}), approval={})
    decision = decide_best(given_rights, an_order(), a_request(right=Right.LAW))
    assert answer(decision) == (Right.LAW, "law", 7, 100, 900)
    assert decision.outcome is Outcome.ALLOWED
    late = a_request(right=Right.LAW, requested_at=NOW + timedelta(days=20))
    assert decide_best(rights(), an_order(), late).outcome is Outcome.DECLINED


def test_without_laws_the_contract_decides_as_ever() -> None:
    contract = a_policy(rules=[{"keep": "50%"}], approval={})
    for right in Right:
        request = a_request(right=right)
        alone = decide(contract, an_order(), request, version=2)
        assert decide_best(Rights(contract, 2), an_order(), request) == alone


@pytest.mark.parametrize(
    "given_request",
    [
        a_request(right=Right.GOODWILL),
        a_request(
            right=Right.GOODWILL, initiator=Initiator.STAFF, overrides=Overrides(fee_minor=1)
        ),
        a_request(initiator=Initiator.BUSINESS),
        a_request(initiator=Initiator.SYSTEM),
    ],
)
def test_a_favour_and_the_business_itself_rest_on_the_contract(given_request: Any) -> None:
    found = rights()
    alone = decide(found.contract, an_order(), given_request, version=3)
    assert decide_best(found, an_order(), given_request) == alone


def test_a_no_by_every_right_is_told_by_the_one_that_was_asked_for() -> None:
    late = a_request(requested_at=NOW + timedelta(days=20))
    found = rights(rules=[{"refuse": "too_late"}])
    assert codes(decide_best(found, an_order(), late)) == ["too_late"]


# --- line by line


def an_order_of_two(**given_facts: Any) -> Facts:
    lines = (a_line("a", 1_000), a_line("b", 2_000, category="exempt"))
    return an_order(*lines, **given_facts)


def amounts(decision: Decision) -> dict[str, int]:
    return {line.id: line.refund_minor for line in decision.lines}


def test_each_line_goes_by_the_right_that_is_best_for_it() -> None:
    decision = decide_best(rights(), an_order_of_two(), a_request())
    assert amounts(decision) == {"a": 1_000, "b": 1_000}
    assert (decision.right, decision.policy_id) == (Right.CONTRACT, "shop")
    assert (decision.refund_minor, decision.fee_minor) == (2_000, 1_000)
    assert sum(tender.amount_minor for tender in decision.tenders) == 2_000
    told = {finding.code: finding.params for finding in decision.codes}
    assert told["right_by_law"] == {"policy": "law", "lines": ["a"]}
    assert told["right_by_contract"] == {"policy": "shop", "lines": ["b"]}
    assert decision.on_refused is OnRefused.STAND
    assert decision.facts_hash == an_order_of_two().fingerprint()


def test_shipping_comes_back_with_the_last_of_them() -> None:
    lines = (
        a_line("a", 1_000),
        a_line("b", 2_000, category="exempt"),
        a_line("s", 500, kind=LineKind.SHIPPING),
    )
    contract = [{"when": {"line.kind": "shipping"}, "keep": "everything"}, {"keep": "50%"}]
    decision = decide_best(rights(rules=contract), an_order(*lines), a_request())
    assert amounts(decision) == {"a": 1_000, "b": 1_000, "s": 500}
    named = a_request(("a", 1), ("b", 1), ("s", 1))
    assert amounts(decide_best(rights(rules=contract), an_order(*lines), named)) == amounts(
        decision
    )


def test_a_line_that_no_right_lets_go_is_left_out_of_everything_but_refused_by_name() -> None:
    lines = (*an_order_of_two().lines, a_line("c", 4_000, category="engraved"))
    engraved = {"when": {"line.category": "engraved"}, "refuse": "line_not_cancellable"}
    found = rights(a_law(engraved, EXEMPT, FREE), rules=[engraved, {"keep": "50%"}])
    decision = decide_best(found, an_order(*lines), a_request())
    assert amounts(decision) == {"a": 1_000, "b": 1_000}
    named = a_request(("a", 1), ("c", 1))
    assert decide_best(found, an_order(*lines), named).outcome is Outcome.DECLINED


def test_one_right_for_all_wins_over_less_by_several() -> None:
    found = rights(rules=[{"keep": "nothing"}])
    decision = decide_best(found, an_order_of_two(), a_request())
    assert (decision.right, decision.refund_minor) == (Right.CONTRACT, 3_000)


def test_two_laws_each_for_its_own_lines() -> None:
    goods, services = (
        a_law({"unless": {"line.kind": kind}, "refuse": "right_does_not_apply"}, FREE, id=kind)
        for kind in ("goods", "service")
    )
    lines = (a_line("a"), a_line("b", kind=LineKind.SERVICE, starts_at=NOW + timedelta(days=9)))
    decision = decide_best(rights(goods, services), an_order(*lines), a_request(right=Right.LAW))
    assert (decision.outcome, amounts(decision)) == (Outcome.ALLOWED, {"a": 1_000, "b": 1_000})
    assert [f.params["policy"] for f in decision.codes if f.code == "right_by_law"] == [
        "goods",
        "service",
    ]


def test_money_that_would_go_back_in_two_forms_is_not_split() -> None:
    found = rights(rules=[{"keep": "50%", "form": "voucher"}])
    decision = decide_best(found, an_order_of_two(), a_request())
    assert answer(decision)[:2] == (Right.CONTRACT, "shop")
    assert {tender.form for tender in decision.tenders} == {"voucher"}
    assert decision.refund_minor == 1_500


def test_a_part_that_asks_makes_all_of_it_wait() -> None:
    found = rights(rules=[{"keep": "50%"}], approval={"within": "2h"})
    decision = decide_best(found, an_order_of_two(), a_request())
    assert (decision.outcome, decision.refund_minor) == (Outcome.NEEDS_APPROVAL, 2_000)
    assert decision.approval is not None
    alone = decide_best(found, an_order_of_two(), a_request(("a", 1)))
    assert (alone.outcome, alone.right) == (Outcome.ALLOWED, Right.LAW)


# --- partials: what went by another right costs nothing here


FIXED = [{"keep": "4.00 EUR"}]


def test_a_fee_taken_once_is_not_dodged_by_withdrawing_from_a_part_first() -> None:
    lines = (a_line("a", quantity_cancelled=1), a_line("b", category="exempt"))
    tenders = (a_tender(2_000, returned_minor=1_000),)
    gone = {"law": {"a": 1}}
    found = rights(rules=FIXED, gone=gone)
    decision = decide_best(found, an_order(*lines, tenders=tenders), a_request())
    assert (decision.right, decision.fee_minor, decision.refund_minor) == (Right.CONTRACT, 400, 600)


def test_a_fee_taken_once_by_the_contract_is_not_taken_again() -> None:
    lines = (a_line("a", quantity_cancelled=1), a_line("b", category="exempt"))
    tenders = (a_tender(2_000, returned_minor=600),)
    decision = decide_best(rights(rules=FIXED), an_order(*lines, tenders=tenders), a_request())
    assert (decision.fee_minor, decision.refund_minor) == (0, 1_000)


@given(
    price=st.integers(1, 5_000),
    other=st.integers(1, 5_000),
    percent=st.integers(0, 100),
    fixed=st.integers(0, 2_000),
    count=st.integers(1, 3),
    is_first=st.booleans(),
)
def test_in_one_request_or_in_two_the_same_comes_back(
    price: int, other: int, percent: int, fixed: int, count: int, *, is_first: bool
) -> None:
    """Law and contract for a line each: at once, or one after the other in either order."""
    lines = (a_line("a", price, quantity=count), a_line("b", other, category="exempt"))
    rules = [{"keep": {"sum": [{"keep": f"{percent}%"}, {"keep": f"{fixed / 100:.2f} EUR"}]}}]
    found = rights(rules=rules)
    whole = decide_best(found, an_order(*lines), a_request(("a", count), ("b", 1)))
    order = ("a", count), ("b", 1)
    gone: dict[str, dict[str, int]] = {}
    facts, back = an_order(*lines), 0
    for name, units in order if is_first else order[::-1]:
        decision = decide_best(found._replace(gone=gone), facts, a_request((name, units)))
        back += decision.refund_minor
        if decision.right is Right.LAW:
            gone = {"law": {name: units}}
        facts = facts.model_copy(
            update={
                "lines": tuple(
                    x.model_copy(update={"quantity_cancelled": x.quantity}) if x.id == name else x
                    for x in facts.lines
                ),
                "tenders": (a_tender(price * count + other, returned_minor=back),),
            }
        )
    assert back == whole.refund_minor
    assert back + whole.fee_minor == price * count + other


@given(st.data())
def test_nobody_gets_less_than_by_the_best_single_right(data: st.DataObject) -> None:
    categories = data.draw(st.lists(st.sampled_from(["exempt", "plain"]), min_size=1, max_size=4))
    lines = tuple(
        a_line(str(place), data.draw(st.integers(0, 3_000)), category=category)
        for place, category in enumerate(categories)
    )
    keep = data.draw(st.sampled_from(["0%", "30%", "100%", "5.00 EUR"]))
    found, facts = rights(rules=[{"keep": keep}]), an_order(*lines)
    best = decide_best(found, facts, a_request())
    alone = decide(found.contract, facts, a_request())
    assert best.refund_minor - best.due_minor >= alone.refund_minor - alone.due_minor
    assert best.refund_minor + best.fee_minor == sum(line.total_minor for line in lines)
    assert sum(line.refund_minor for line in best.lines) == best.refund_minor
    assert sum(tender.amount_minor for tender in best.tenders) == best.refund_minor


# --- time


def test_the_curve_goes_on_by_the_next_best_right() -> None:
    decision = decide_best(rights(), an_order(), a_request())
    end = datetime(2026, 5, 18, 21, 59, 59, 999_999, UTC)
    assert [(x.at, x.outcome, x.refund_minor) for x in decision.next_changes] == [
        (end, Outcome.ALLOWED, 500)
    ]


def test_the_window_is_open_until_the_last_right_ends() -> None:
    short = [{"when": {"since.placed": {"over": "48h"}}, "refuse": "window_over"}, {"keep": "0%"}]
    found = windows_best(rights(rules=short), an_order(), NOW)
    assert found.cancellable_until == datetime(2026, 5, 18, 21, 59, 59, 999_999, UTC)
    other = a_law({"refuse": "right_does_not_apply"})
    until = windows_best(rights(other, rules=short), an_order(), NOW).cancellable_until
    assert until == NOW + timedelta(hours=48)
    later = windows_best(rights(other, rules=short), an_order(), NOW + timedelta(days=3))
    assert later.cancellable_until == NOW + timedelta(hours=48)
    gone = an_order(state=SubjectState.CANCELLED)
    assert windows_best(rights(), gone, NOW) == (None, None)


def test_the_window_of_a_part_counts_only_the_lines_that_the_law_reaches() -> None:
    found = rights(rules=[{"refuse": "no_cancellation"}])
    until = windows_best(found, an_order_of_two(), NOW).cancellable_until
    assert until == datetime(2026, 5, 18, 21, 59, 59, 999_999, UTC)


def test_after_a_wait_each_line_is_fine_by_some_right() -> None:
    stages = [{"when": {"stage": "finished"}, "refuse": "already_finished"}, {"keep": "50%"}]
    lines = (("a", 1),)
    done = an_order_of_two(stage="delivered")
    assert judge_state_best(rights(rules=stages), done, a_request(*lines)) == ()
    both = judge_state_best(rights(rules=stages), done, a_request(("a", 1), ("b", 1)))
    assert [finding.code for finding in both] == ["already_finished"]
    assert judge_state_best(rights(), an_order_of_two(), a_request(("a", 1), ("b", 1))) == ()


def test_many_lines_are_judged_in_groups_that_no_right_tells_apart() -> None:
    lines = tuple(
        a_line(str(place), 100 + place, category="exempt" if place % 3 else "plain")
        for place in range(600)
    )
    decision = decide_best(rights(), an_order(*lines), a_request())
    assert len(decision.lines) == 600
    assert {f.code for f in decision.codes} >= {"right_by_law", "right_by_contract"}
