import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.refunds import Share, allocate, handling_of, refundable, shares
from domain.subjects import Handling, Tender
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


def by(share: Share, minor: int, *tenders: Tender, choice: str | None = None) -> dict[str, int]:
    found = shares(minor, tenders, ["cash"], share=share, choice=choice)
    return {tender.id: part for tender, part in found}


@pytest.mark.parametrize(
    ("minor", "parts"),
    [
        (1, {"card": 1}),
        (2, {"card": 1, "gift_card": 1}),
        (300, {"card": 200, "gift_card": 100}),
        (1_499, {"card": 999, "gift_card": 500}),
        (1_500, {"card": 1_000, "gift_card": 500}),
        (9_999, {"card": 1_000, "gift_card": 500}),
    ],
)
def test_by_proportion_each_tender_gets_its_part_of_what_was_paid(
    minor: int, parts: dict[str, int]
) -> None:
    assert by(Share.PROPORTION, minor, CARD, GIFT) == parts


def test_by_proportion_a_tender_that_gave_more_before_waits_for_the_others() -> None:
    card = a_tender(1_000, returned_minor=600)
    assert by(Share.PROPORTION, 300, card, GIFT) == {"gift_card": 300}
    assert by(Share.PROPORTION, 600, card, GIFT) == {"card": 200, "gift_card": 400}


@pytest.mark.parametrize("choice", ["gift_card", "mine"])
def test_by_choice_the_named_tender_is_filled_first_and_the_rest_goes_by_order(choice: str) -> None:
    gift = a_tender(500, "gift_card", id="mine")
    parts = by(Share.CHOICE, 900, CARD, gift, a_tender(300, "cash"), choice=choice)
    assert parts == {"mine": 500, "cash": 300, "card": 100}


@pytest.mark.parametrize("choice", [None, "paypal"])
def test_a_choice_of_nothing_that_paid_is_none(choice: str | None) -> None:
    assert by(Share.CHOICE, 900, CARD, GIFT, choice=choice) == {"card": 900}
    assert by(Share.ORDER, 900, CARD, GIFT, choice="gift_card") == {"card": 900}


AMOUNTS = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), max_size=5)


@given(AMOUNTS, st.integers(0, 5_000), st.sampled_from(Share))
def test_no_tender_gets_back_more_than_it_holds_and_nothing_is_lost(
    paid: list[tuple[int, int]], amount: int, share: Share
) -> None:
    tenders = tenders_of(paid)
    held = {tender.id: tender.refundable_minor for tender in tenders}
    backs = allocate(amount, tenders, share=share, choice="t1")
    assert all(0 < back.amount_minor <= held[back.id] for back in backs)
    assert sum(back.amount_minor for back in backs) == min(amount, refundable(tenders))


def tenders_of(paid: list[tuple[int, int]]) -> list[Tender]:
    return [
        a_tender(captured + back, id=f"t{place}", returned_minor=back)
        for place, (captured, back) in enumerate(paid)
    ]


@given(AMOUNTS, st.lists(st.integers(0, 900), max_size=4), st.sampled_from(Share))
def test_refunds_one_after_the_other_come_to_the_same_as_one(
    paid: list[tuple[int, int]], amounts: list[int], share: Share
) -> None:
    tenders = tenders_of(paid)
    at_once = shares(sum(amounts), tenders, share=share, choice="t1")
    given = dict.fromkeys((tender.id for tender in tenders), 0)
    for amount in amounts:
        now = [
            x.model_copy(update={"returned_minor": x.returned_minor + given[x.id]}) for x in tenders
        ]
        for tender, minor in shares(amount, now, share=share, choice="t1"):
            given[tender.id] += minor
    assert {x.id: minor for x, minor in at_once} == {x: y for x, y in given.items() if y}


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
