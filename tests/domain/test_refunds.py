import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.refunds import allocate, handling_of, refundable
from domain.subjects import Handling
from tests.domain.factories import a_tender

CARD, GIFT = a_tender(1_000), a_tender(500, "gift_card")


def test_tenders_are_filled_in_the_order_in_which_they_paid() -> None:
    assert [(back.id, back.amount_minor) for back in allocate(1_200, [CARD, GIFT])] == [
        ("card", 1_000),
        ("gift_card", 200),
    ]


def test_methods_that_are_named_come_first() -> None:
    backs = allocate(700, [CARD, a_tender(300, "cash"), GIFT], ["gift_card"])
    assert [(back.id, back.amount_minor) for back in backs] == [("gift_card", 500), ("card", 200)]


def test_two_cards_are_told_apart_by_their_ids() -> None:
    cards = [a_tender(100, id="one", returned_minor=40), a_tender(100, id="two")]
    assert [(back.id, back.amount_minor) for back in allocate(90, cards)] == [
        ("one", 60),
        ("two", 30),
    ]


def test_form_and_timing_are_said_for_each_method() -> None:
    timing = {"gift_card": "immediate", "*": "business_days_5_7"}
    backs = allocate(1_500, [CARD, GIFT], form="store_credit", timing=timing)
    assert [(back.form, back.timing) for back in backs] == [
        ("store_credit", "business_days_5_7"),
        ("store_credit", "immediate"),
    ]
    assert allocate(1, [CARD])[0].timing is None


AMOUNTS = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), max_size=5)


@given(AMOUNTS, st.integers(0, 5_000))
def test_no_tender_gets_back_more_than_it_holds_and_nothing_is_lost(
    paid: list[tuple[int, int]], amount: int
) -> None:
    tenders = [
        a_tender(captured + back, id=f"t{place}", returned_minor=back)
        for place, (captured, back) in enumerate(paid)
    ]
    held = {tender.id: tender.refundable_minor for tender in tenders}
    backs = allocate(amount, tenders)
    assert all(0 < back.amount_minor <= held[back.id] for back in backs)
    assert sum(back.amount_minor for back in backs) == min(amount, refundable(tenders))


@pytest.mark.parametrize(
    ("form", "handling"),
    [
        ("original", Handling.PROVIDER),
        ("void", Handling.PROVIDER),
        ("store_credit", Handling.LEDGER),
        ("voucher", Handling.LEDGER),
        ("manual", Handling.MANUAL),
        ("cheque", Handling.MANUAL),
    ],
)
def test_the_form_says_who_gives_the_money_back(form: str, handling: Handling) -> None:
    assert handling_of(form, Handling.PROVIDER) is handling
