"""What a refund that is asked for on its own is made of, and who may give it alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import (
    FormNotOffered,
    LineNotFound,
    LineRepeated,
    QuantityTooHigh,
    RefundTooHigh,
)
from domain.limits import parse_limits
from domain.refund_requests import check_form, share_lines
from domain.subjects import Line, LineKind

LINES = (
    Line(id="1", kind=LineKind.GOODS, quantity=3, unit_price_minor=333, tax_minor=1),
    Line(id="2", kind=LineKind.GOODS, unit_price_minor=500),
    Line(id="3", kind=LineKind.SHIPPING, unit_price_minor=490),
)


def test_lines_alone_mean_their_whole_price() -> None:
    shares = share_lines([("2", None), ("1", 2)], LINES, None)
    assert [(one.id, one.quantity, one.amount_minor) for one in shares] == [
        ("1", 2, 667),
        ("2", 1, 500),
    ]


@given(st.integers(1, 1_490), st.integers(1, 3))
def test_an_amount_is_shared_over_the_lines_to_the_last_unit(amount: int, count: int) -> None:
    asked = [("1", count), ("2", 1), ("3", 1)]
    price = sum(one.amount_minor for one in share_lines(asked, LINES, None))
    if amount > price:
        with pytest.raises(RefundTooHigh):
            share_lines(asked, LINES, amount)
    else:
        assert sum(one.amount_minor for one in share_lines(asked, LINES, amount)) == amount


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ([("9", None)], LineNotFound),
        ([("1", 1), ("1", 1)], LineRepeated),
        ([("1", 4)], QuantityTooHigh),
    ],
)
def test_lines_that_cannot_be_meant_are_refused(
    asked: list[tuple[str, int | None]], error: type[Exception]
) -> None:
    with pytest.raises(error):
        share_lines(asked, LINES, None)


def test_money_goes_back_as_it_was_paid_unless_another_form_is_offered() -> None:
    offered = frozenset({"original", "store_credit"})
    assert check_form(None, offered) == "original"
    assert check_form("store_credit", offered) == "store_credit"
    with pytest.raises(FormNotOffered):
        check_form("store_credit", frozenset({"original"}))


def test_a_limit_holds_up_to_itself_and_only_for_the_currencies_it_names() -> None:
    limits = parse_limits("100 EUR, 15000 JPY, 0.500KWD")
    assert limits.allow(10_000, "EUR")
    assert not limits.allow(10_001, "EUR")
    assert limits.allow(15_000, "JPY")
    assert limits.allow(500, "KWD")
    assert not limits.allow(1, "USD")
    assert not parse_limits("").allow(1, "EUR")


@pytest.mark.parametrize("text", ["100", "EUR 100", "1.5 JPY", "100 eur", "-1 EUR", "1e3 EUR"])
def test_a_limit_that_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="EUR|JPY|100|amount"):
        parse_limits(text)
