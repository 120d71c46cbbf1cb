import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import CurrencyMismatch
from domain.money import Money, Rounding, apportion, divide, split_minor, total

WEIGHTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=8)


def euros(minor: int) -> Money:
    return Money(minor=minor, currency="EUR")


def test_amounts_of_two_currencies_do_not_mix() -> None:
    with pytest.raises(CurrencyMismatch):
        euros(1).plus(Money(minor=1, currency="JPY"))


def test_amounts_are_compared_by_content() -> None:
    assert euros(5).plus(euros(7)) == euros(12)
    assert euros(5).minus(euros(7)).at_least(euros(0)) == Money.zero("EUR")
    assert euros(5).at_most(euros(3)) == euros(3)
    assert total([euros(1), euros(2)], "EUR") == euros(3)


def test_a_share_is_rounded_down_unless_told_otherwise() -> None:
    assert euros(999).share(2_500) == euros(249)
    assert euros(999).share(2_500, Rounding.UP) == euros(250)


@pytest.mark.parametrize(
    ("numerator", "down", "up", "half_up", "half_even"),
    [(4, 2, 2, 2, 2), (5, 2, 3, 3, 2), (7, 3, 4, 4, 4), (0, 0, 0, 0, 0)],
)
def test_halves_go_where_the_rounding_says(
    numerator: int, down: int, up: int, half_up: int, half_even: int
) -> None:
    found = {rounding: divide(numerator, 2, rounding) for rounding in Rounding}
    assert found == {
        Rounding.DOWN: down,
        Rounding.UP: up,
        Rounding.HALF_UP: half_up,
        Rounding.HALF_EVEN: half_even,
    }


def test_units_left_over_go_to_the_largest_remainders_and_the_earlier_of_equals() -> None:
    assert split_minor(100, [1, 1, 1]) == (34, 33, 33)
    assert split_minor(10, [1, 2, 4]) == (1, 3, 6)
    assert split_minor(5, [0, 0]) == (3, 2)
    assert split_minor(5, []) == ()


@given(st.integers(0, 10**15), WEIGHTS)
def test_shares_add_up_and_are_within_one_unit_of_exact(minor: int, weights: list[int]) -> None:
    parts = split_minor(minor, weights)
    whole = sum(weights) or len(weights)
    exact = weights if sum(weights) else [1] * len(weights)
    assert sum(parts) == minor
    assert all(
        abs(part * whole - minor * weight) < whole
        for part, weight in zip(parts, exact, strict=True)
    )


@given(st.data(), WEIGHTS)
def test_a_share_never_exceeds_its_weight_when_the_weights_cover_the_amount(
    data: st.DataObject, weights: list[int]
) -> None:
    minor = data.draw(st.integers(0, sum(weights)))
    parts = split_minor(minor, weights)
    assert all(part <= weight for part, weight in zip(parts, weights, strict=True)) or not minor


@given(st.integers(0, 3_000), WEIGHTS)
def test_no_part_of_what_is_apportioned_shrinks_as_the_sum_grows(
    minor: int, weights: list[int]
) -> None:
    parts, more = apportion(minor, weights), apportion(minor + 1, weights)
    assert sum(parts) == minor
    assert sorted(b - a for a, b in zip(parts, more, strict=True)) == [0] * (len(parts) - 1) + [1]


def test_shares_are_rounded_to_the_nearest_where_largest_remainders_would_take_one_back() -> None:
    weights = [6, 6, 2]
    assert [split_minor(minor, weights) for minor in (10, 11)] == [(4, 4, 2), (5, 5, 1)]
    assert [apportion(minor, weights) for minor in (10, 11)] == [(5, 4, 1), (5, 5, 1)]
