from hypothesis import given
from hypothesis import strategies as st

from domain.money import split_minor
from domain.subjects import Kind, SubjectRef
from tests.domain.factories import a_line, a_tender


def test_a_subject_is_named_by_kind_and_id() -> None:
    assert str(SubjectRef(kind=Kind.ORDER, id="1042")) == "order/1042"


def test_a_line_costs_its_units_less_discount_and_tax_on_top() -> None:
    line = a_line(price=1_000, quantity=3, discount_minor=500, tax_minor=475)
    assert line.total_minor == 2_975


def test_odd_cents_go_to_the_units_that_are_cancelled_first() -> None:
    line = a_line(price=333, quantity=3, tax_minor=1)
    assert [line.price_of(first, 1) for first in range(3)] == [334, 333, 333]
    assert line.price_of(1, 2) == 666


@given(st.data(), st.integers(0, 10_000), st.integers(1, 30), st.integers(0, 500))
def test_units_priced_in_any_two_runs_add_up_to_the_line(
    data: st.DataObject, price: int, quantity: int, tax: int
) -> None:
    line = a_line(price=price, quantity=quantity, tax_minor=tax)
    cut = data.draw(st.integers(0, quantity))
    assert line.price_of(0, cut) + line.price_of(cut, quantity - cut) == line.total_minor
    shares = split_minor(line.total_minor, [1] * quantity)
    assert line.price_of(0, cut) == sum(shares[:cut])


def test_a_tender_holds_what_was_captured_less_what_went_back_or_is_on_its_way() -> None:
    tender = a_tender(1_000, pending_minor=100, returned_minor=200, returned_elsewhere_minor=300)
    assert tender.refundable_minor == 400
