"""Stripe's decimals, currency by currency, as its page on currencies lists them."""

import pytest

from domain.money import Money
from providers.currencies import NotRepresentable
from providers.stripe import exponents

ZERO = [
    *("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "PYG"),
    *("RWF", "VND", "VUV", "XAF", "XOF", "XPF"),
]
THREE = ["BHD", "JOD", "KWD", "OMR", "TND"]


@pytest.mark.parametrize("currency", ZERO)
def test_whole_currencies_are_counted_whole(currency: str) -> None:
    _goes_both_ways(1_235, currency, 1_235, step=1)


@pytest.mark.parametrize("currency", THREE)
def test_of_three_decimals_the_last_must_be_zero(currency: str) -> None:
    _goes_both_ways(5_120, currency, 5_120, step=10)
    with pytest.raises(NotRepresentable):
        exponents.to_units(Money(minor=5_124, currency=currency))


@pytest.mark.parametrize("currency", ["ISK", "UGX"])
def test_whole_currencies_that_are_said_with_two_decimals(currency: str) -> None:
    _goes_both_ways(5, currency, 500, step=1)


@pytest.mark.parametrize("currency", ["HUF", "TWD", "EUR", "USD"])
def test_currencies_of_two_decimals(currency: str) -> None:
    _goes_both_ways(1_045, currency, 1_045, step=1)


def test_ariary_have_decimals_that_stripe_does_not_count() -> None:
    _goes_both_ways(500, "MGA", 5, step=100)
    with pytest.raises(NotRepresentable):
        exponents.to_units(Money(minor=550, currency="MGA"))


def test_each_currency_of_the_table_is_tried_here() -> None:
    assert set(exponents.EXPONENTS) == {*ZERO, *THREE, "ISK", "UGX", "HUF", "TWD", "MGA"}


def _goes_both_ways(minor: int, currency: str, units: int, *, step: int) -> None:
    amount = Money(minor=minor, currency=currency)
    assert exponents.to_units(amount) == units
    assert exponents.from_units(units, currency.lower()) == amount
    assert exponents.step(currency) == step
