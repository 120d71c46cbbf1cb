import pytest

from domain.errors import RefundTooHigh
from domain.policy.amounts import with_refund
from domain.policy.decide import decide
from tests.domain.factories import a_line, a_policy, a_request, a_tender, an_order

FACTS = an_order(
    a_line("a", 600), a_line("b", 400), tenders=(a_tender(700), a_tender(300, "gift_card"))
)
HALF = [{"keep": "50%"}]
POLICY = a_policy(
    rules=HALF,
    tender_order=["gift_card"],
    forms=[{"tenders": ["gift_card"], "timing": "immediate"}, {"timing": "soon"}],
)
DECISION = decide(POLICY, FACTS, a_request())


def test_a_refund_that_is_set_is_shared_over_lines_and_tenders_and_the_rest_is_fee() -> None:
    changed = with_refund(DECISION, FACTS, 900)
    assert [(line.fee_minor, line.refund_minor) for line in changed.lines] == [(60, 540), (40, 360)]
    assert [(back.id, back.amount_minor) for back in changed.tenders] == [
        ("gift_card", 300),
        ("card", 600),
    ]
    assert (changed.refund_minor, changed.fee_minor, changed.due_minor) == (900, 100, 0)
    assert changed.trace[-1].result == "refund_set"


def test_tenders_keep_the_timing_they_had_with_or_without_the_policy() -> None:
    for policy in (None, POLICY):
        changed = with_refund(DECISION, FACTS, 500, policy)
        assert [(back.id, back.timing) for back in changed.tenders] == [
            ("gift_card", "immediate"),
            ("card", "soon"),
        ]


def test_nothing_at_all_may_go_back() -> None:
    changed = with_refund(DECISION, FACTS, 0)
    assert (changed.refund_minor, changed.fee_minor, changed.tenders) == (0, 1_000, ())


def test_more_than_the_tenders_hold_is_refused() -> None:
    with pytest.raises(RefundTooHigh):
        with_refund(DECISION, FACTS, 1_001)


def test_what_was_never_paid_is_no_fee() -> None:
    facts = an_order(tenders=(a_tender(300),))
    decision = decide(a_policy(rules=HALF), facts, a_request())
    assert (decision.fee_minor, decision.due_minor) == (500, 200)
    changed = with_refund(decision, facts, 100)
    assert (changed.fee_minor, changed.refund_minor, changed.due_minor) == (200, 100, 0)
