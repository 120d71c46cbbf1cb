"""Our minor units against a provider's."""

import pytest

from domain.money import Money
from providers import currencies
from providers.currencies import NotRepresentable


@pytest.mark.parametrize(
    ("minor", "currency", "exponent", "units"),
    [
        (1_250, "EUR", 2, 1_250),
        (1_250, "JPY", 0, 1_250),
        (1_250, "JPY", 2, 125_000),
        (1_250, "KWD", 3, 1_250),
        (1_250, "KWD", 2, 125),
        (1_200, "EUR", 0, 12),
        (12_345, "CLF", 4, 12_345),
        (0, "ISK", 2, 0),
    ],
)
def test_amounts_convert_exactly_both_ways(
    minor: int, currency: str, exponent: int, units: int
) -> None:
    amount = Money(minor=minor, currency=currency)
    assert currencies.to_units(amount, exponent) == units
    assert currencies.from_units(units, currency, exponent) == amount


@pytest.mark.parametrize(("minor", "currency", "exponent"), [(1_251, "KWD", 2), (1_250, "EUR", 0)])
def test_an_amount_the_other_side_cannot_say_is_never_rounded(
    minor: int, currency: str, exponent: int
) -> None:
    with pytest.raises(NotRepresentable):
        currencies.to_units(Money(minor=minor, currency=currency), exponent)


@pytest.mark.parametrize(
    ("currency", "exponent", "smallest"),
    [("EUR", 2, 1), ("KWD", 2, 10), ("MGA", 0, 100), ("ISK", 2, 1)],
)
def test_the_smallest_amount_is_one_that_both_sides_can_say(
    currency: str, exponent: int, smallest: int
) -> None:
    assert currencies.smallest(currency, exponent) == smallest
