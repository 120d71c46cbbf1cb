"""What is due, what held cards give of it, and what becomes of the goods, as lines to read."""

from typing import Any

import pytest

from runtime.telling import words

HOLD = {
    "method": "card_hold",
    "currency": "EUR",
    "take_minor": 3_000,
    "captured_minor": 0,
    "state": "requested",
    "failure": None,
}
DUE = {"amount_minor": 3_500, "taken_minor": 0, "currency": "EUR", "state": "owed"}


def told(hold: dict[str, Any], due: dict[str, Any], to_collect: int = 0) -> str:
    answer = {"card_holds": [hold], "dues": [due], "amount_due_minor": to_collect}
    return "\n".join(words.dues({"currency": "EUR", **answer}))


@pytest.mark.parametrize(
    ("hold", "says"),
    [
        ({}, "€30.00 to be captured"),
        ({"take_minor": 0}, "to be let go"),
        ({"state": "done", "captured_minor": 3_000}, "€30.00 captured, the rest let go"),
        ({"state": "done", "take_minor": 0}, ": let go"),
        ({"state": "done", "failure": "no_longer_held"}, ": let go (no_longer_held)"),
        ({"state": "failed", "failure": "blocked"}, "€30.00 to be captured, failed (blocked)"),
    ],
)
def test_a_held_card_is_told_by_what_became_of_it(hold: dict[str, Any], says: str) -> None:
    assert says in told(HOLD | hold, DUE)


def test_what_a_card_gave_and_what_is_left_to_collect_are_told_apart() -> None:
    lines = told(HOLD, DUE | {"taken_minor": 3_000}, 500)
    assert "due €35.00: owed, €30.00 of it from the held card" in lines
    assert "to be collected: €5.00" in lines


def test_goods_that_stay_out_and_a_warehouse_that_is_asked_are_told() -> None:
    line = {"id": "2", "quantity": 2, "restock": False, "kept_out": "staff"}
    decision = {
        "lines": [line, {**line, "id": "1", "restock": True}],
        "warehouse": {"lines": ["1"]},
    }
    assert list(words.goods(decision)) == [
        "  2 of line 2 not back to stock: staff said so",
        "  the warehouse is asked first to stop: line 1",
    ]
