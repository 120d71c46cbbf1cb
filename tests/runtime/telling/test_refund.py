"""A refund as lines to read."""

from typing import Any

from runtime.telling import refund

WAITS: dict[str, Any] = {
    "id": "r-1",
    "subject": {"kind": "order", "id": "1042"},
    "cancellation_id": None,
    "request_id": None,
    "amount_minor": 90_000,
    "currency": "EUR",
    "method": "bank_transfer",
    "form": "original",
    "state": "owed",
    "attention": "manual",
    "failure": None,
    "choices": ["retry", "settle_by_hand", "skip", "store_credit"],
    "expected_by": None,
    "settled_at": None,
    "pending_reason": None,
    "action": None,
    "due_by": None,
    "payout": None,
    "workflow_id": "refund/r-1",
    "history": [],
}


def _next(answer: dict[str, Any]) -> list[str]:
    told = list(refund.lines(answer))
    return told[told.index("Next:") + 1 :]


def test_what_may_be_chosen_comes_as_commands() -> None:
    assert "  rescind refunds pay r-1 --reference TEXT" in _next(WAITS)
    assert "  rescind refunds credit r-1" in _next(WAITS)


def test_of_a_payment_that_was_proposed_only_its_yes_or_no_is_offered() -> None:
    payout = {"reference": "No 17; {A}", "proposed_by": "key:1", "confirmed_by": None}
    assert _next(WAITS | {"payout": payout | {"details": None}}) == [
        "  rescind refunds pay r-1 --reference 'No 17; {A}'",
        "  rescind refunds withdraw r-1",
    ]
