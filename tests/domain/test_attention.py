import pytest

from domain.attention import (
    CHOICES,
    Choice,
    card_hold_choices,
    check_card_hold_choice,
    check_choice,
    choices,
)
from domain.card_holds import CardHoldState
from domain.errors import ChoiceNotAllowed


@pytest.mark.parametrize("step", sorted(CHOICES))
def test_nothing_is_compensated_after_the_point_of_no_return(step: str) -> None:
    assert Choice.COMPENSATE not in choices(step, sealed=True)
    assert choices(step, sealed=True) == choices(step, sealed=False) - {Choice.COMPENSATE}


@pytest.mark.parametrize("step", sorted(CHOICES))
def test_every_step_can_be_tried_again(step: str) -> None:
    assert Choice.RETRY in choices(step, sealed=True)


@pytest.mark.parametrize("step", ["update_status", "restore_status"])
def test_neither_the_pivot_nor_the_putting_back_can_be_skipped(step: str) -> None:
    with pytest.raises(ChoiceNotAllowed, match=step):
        check_choice(step, Choice.SKIP, sealed=False)


def test_only_a_refund_and_a_held_card_are_settled_by_hand() -> None:
    offering = {step for step in CHOICES if Choice.SETTLE_BY_HAND in choices(step, sealed=True)}
    assert offering == {"card_hold", "refund"}
    check_choice("refund", Choice.SETTLE_BY_HAND, sealed=True)


def test_a_step_without_choices_of_its_own_can_be_retried() -> None:
    assert choices("some_new_step", sealed=False) == {Choice.RETRY}


def test_a_held_card_that_its_provider_may_still_capture_is_only_looked_at_again() -> None:
    assert card_hold_choices(CardHoldState.FAILED) == CHOICES["card_hold"]
    for state in set(CardHoldState) - {CardHoldState.FAILED}:
        assert card_hold_choices(state) == {Choice.RETRY}
    with pytest.raises(ChoiceNotAllowed):
        check_card_hold_choice(CardHoldState.REQUESTED, Choice.SKIP)
