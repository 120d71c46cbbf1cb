"""What held cards give of what is due: never more than is held, never more than is due."""

from hypothesis import given
from hypothesis import strategies as st

from domain.dues import Hold, shares, takes

AMOUNTS = st.lists(st.integers(0, 10_000), max_size=5)


@given(st.integers(0, 40_000), AMOUNTS)
def test_cards_are_filled_in_order_and_give_all_they_can(due: int, held: list[int]) -> None:
    found = takes(due, [Hold(str(place), amount) for place, amount in enumerate(held)])
    assert sum(found) == min(due, sum(held))
    assert all(0 <= take <= amount for take, amount in zip(found, held, strict=True))
    for place, take in enumerate(found):
        assert take == held[place] or not any(found[place + 1 :])


@given(AMOUNTS, st.integers(0, 60_000))
def test_the_oldest_due_is_paid_first(outstanding: list[int], captured: int) -> None:
    found = shares(captured, outstanding)
    assert sum(found) == min(captured, sum(outstanding))
    assert all(0 <= share <= due for share, due in zip(found, outstanding, strict=True))


def test_without_a_due_each_card_is_let_go() -> None:
    assert takes(0, [Hold("a", 100), Hold("b", 50)]) == [0, 0]
