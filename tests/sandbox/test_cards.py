"""The card sandbox as a processor: money, keys, states."""

import asyncio
from datetime import timedelta

import pytest

from sandbox import control
from sandbox.cards import Cards
from sandbox.control import Operation
from sandbox.errors import CardsRefused, KeyReused
from sandbox.records import CardPayment, CardRefund


async def test_a_refund_comes_back_by_key_and_by_id(cards: Cards) -> None:
    refund = await cards.refund("key", "pay_1", 2_500, "EUR", "too_expensive")
    assert (refund.state, refund.amount, refund.reason) == ("succeeded", 2_500, "too_expensive")
    assert await cards.find("key") == refund == await cards.get(refund.id)
    assert await control.payment(cards, "pay_1") == CardPayment(
        "pay_1", "EUR", authorised=0, captured=10_000, refunded=2_500, voided=False
    )


async def test_what_was_never_asked_is_not_found(cards: Cards) -> None:
    assert await cards.find("key") is None
    assert await cards.get("re_0") is None


async def test_the_same_key_gives_the_same_refund(cards: Cards) -> None:
    first = await cards.refund("key", "pay_1", 2_500, "EUR")
    assert await cards.refund("key", "pay_1", 2_500, "EUR") == first
    assert await control.refunds_of(cards, "pay_1") == [first]


@pytest.mark.parametrize(
    ("ref", "amount", "currency"),
    [("pay_1", 2_501, "EUR"), ("pay_2", 2_500, "EUR"), ("pay_1", 2_500, "USD")],
)
async def test_the_same_key_with_other_parameters_is_an_error(
    cards: Cards, ref: str, amount: int, currency: str
) -> None:
    await cards.register("pay_2", 10_000, "EUR")
    await cards.refund("key", "pay_1", 2_500, "EUR")
    with pytest.raises(KeyReused):
        await cards.refund("key", ref, amount, currency)
    assert await control.refunds_of(cards, "pay_2") == []


async def test_ten_creates_at_once_with_one_key_make_one_refund(cards: Cards) -> None:
    async with cards.pool.acquire() as other, other.transaction():
        await other.execute("SELECT FROM sandbox.payments WHERE ref = 'pay_1' FOR UPDATE")
        asked = [asyncio.create_task(cards.refund("key", "pay_1", 6_000, "EUR")) for _ in range(10)]
        await asyncio.sleep(0.5)
        assert not any(task.done() for task in asked)
    refunds = await asyncio.gather(*asked)
    assert len(set(refunds)) == 1
    assert await control.refunds_of(cards, "pay_1") == [refunds[0]]
    assert len(await control.calls(cards, "pay_1", Operation.CREATE)) == 10


async def test_twenty_refunds_at_once_never_exceed_the_payment(cards: Cards) -> None:
    results = await asyncio.gather(
        *(cards.refund(f"key-{n}", "pay_1", 1_500, "EUR") for n in range(20)),
        return_exceptions=True,
    )
    made = [result for result in results if isinstance(result, CardRefund)]
    refused = [result.failure for result in results if isinstance(result, CardsRefused)]
    assert len(made) == 6
    assert refused == ["amount_too_large"] * 14
    payment = await control.payment(cards, "pay_1")
    assert payment is not None
    assert payment.refunded == 9_000


@pytest.mark.parametrize(
    ("ref", "amount", "currency", "failure"),
    [
        ("pay_1", 10_001, "EUR", "amount_too_large"),
        ("pay_1", 0, "EUR", "amount_invalid"),
        ("pay_1", 100, "USD", "currency_mismatch"),
        ("pay_9", 100, "EUR", "payment_unknown"),
        ("held", 100, "EUR", "payment_not_captured"),
    ],
)
async def test_a_refund_that_makes_no_sense_is_refused(
    cards: Cards, ref: str, amount: int, currency: str, failure: str
) -> None:
    await cards.hold_all([("held", 100, "EUR")])
    with pytest.raises(CardsRefused) as refused:
        await cards.refund("key", ref, amount, currency)
    assert (refused.value.failure, refused.value.retryable) == (failure, False)
    assert await cards.find("key") is None


async def test_a_second_full_refund_is_refused(cards: Cards) -> None:
    await cards.refund("one", "pay_1", 10_000, "EUR")
    with pytest.raises(CardsRefused, match="payment_already_refunded"):
        await cards.refund("two", "pay_1", 10_000, "EUR")


async def test_a_rejection_is_kept_under_its_key(cards: Cards) -> None:
    with pytest.raises(CardsRefused, match="amount_too_large"):
        await cards.refund("key", "pay_1", 12_000, "EUR")
    await cards.register("pay_1", 20_000, "EUR")
    with pytest.raises(CardsRefused, match="amount_too_large"):
        await cards.refund("key", "pay_1", 12_000, "EUR")
    assert (await cards.refund("new", "pay_1", 12_000, "EUR")).state == "succeeded"


async def test_a_refund_that_fails_later_leaves_the_money_to_be_refunded_again(
    cards: Cards,
) -> None:
    refund = await cards.refund("one", "pay_1", 10_000, "EUR")
    await control.fail_later(cards, refund.id, "account_closed", retryable=True)
    failed = await cards.get(refund.id)
    assert failed is not None
    assert (failed.state, failed.failure, failed.retryable) == ("failed", "account_closed", True)
    assert (await cards.refund("two", "pay_1", 10_000, "EUR")).state == "succeeded"


async def test_a_failed_refund_stays_failed(cards: Cards) -> None:
    refund = await cards.refund("key", "pay_1", 10_000, "EUR")
    await control.fail_later(cards, refund.id, "account_closed")
    with pytest.raises(CardsRefused, match="state_final"):
        await control.succeed_later(cards, refund.id)
    with pytest.raises(CardsRefused, match="refund_unknown"):
        await control.succeed_later(cards, "re_0")


async def test_an_announced_move_happens_at_its_moment(cards: Cards) -> None:
    refund = await cards.refund("key", "pay_1", 10_000, "EUR")
    await control.fail_later(cards, refund.id, "account_closed", after=timedelta(seconds=1))
    before = await cards.find("key")
    await asyncio.sleep(1.05)
    after = await cards.find("key")
    assert before is not None
    assert after is not None
    assert (before.state, after.state) == ("succeeded", "failed")


async def test_an_announced_failure_gives_the_money_back_once_however_many_look(
    cards: Cards,
) -> None:
    refund = await cards.refund("one", "pay_1", 4_000, "EUR")
    await cards.refund("two", "pay_1", 4_000, "EUR")
    await control.fail_later(cards, refund.id, "account_closed", after=timedelta(seconds=0.2))
    async with cards.pool.acquire() as other, other.transaction():
        await other.execute("SELECT FROM sandbox.payments WHERE ref = 'pay_1' FOR UPDATE")
        await asyncio.sleep(0.3)
        looks = [asyncio.create_task(cards.find("one")) for _ in range(8)]
        await asyncio.sleep(0.5)
    states = {look.state for look in await asyncio.gather(*looks) if look}
    payment = await control.payment(cards, "pay_1")
    assert payment is not None
    assert (states, payment.refunded) == ({"failed"}, 4_000)


async def test_payments_are_registered_in_bulk_and_again(cards: Cards) -> None:
    payments = [(f"bulk_{n}", 100 + n, "EUR") for n in range(1_000)]
    await cards.register_all(payments)
    await cards.refund("key", "bulk_7", 107, "EUR")
    await cards.register_all([*payments, ("bulk_999", 5, "EUR")])
    last, seventh = [await control.payment(cards, ref) for ref in ("bulk_999", "bulk_7")]
    assert last is not None
    assert last.captured == 5
    assert seventh is not None
    assert (seventh.captured, seventh.refunded) == (107, 107)


async def test_a_payment_registered_below_its_refunds_or_anew_in_another_currency_is_refused(
    cards: Cards,
) -> None:
    await cards.refund("key", "pay_1", 6_000, "EUR")
    for captured, currency, failure in [
        (5_999, "EUR", "amount_invalid"),
        (9_000, "USD", "currency_mismatch"),
    ]:
        with pytest.raises(CardsRefused, match=failure):
            await cards.register_all([("pay_2", 100, "EUR"), ("pay_1", captured, currency)])
    assert await control.payment(cards, "pay_2") is None


async def test_imports_of_the_same_payments_in_other_orders_do_not_block_each_other(
    cards: Cards,
) -> None:
    payments = [(f"bulk_{n}", 100, "EUR") for n in range(300)]
    await asyncio.gather(
        *(cards.register_all(payments if n % 2 else payments[::-1]) for n in range(10))
    )
    assert await control.payment(cards, "bulk_299") is not None


async def test_a_held_card_is_captured_in_part_once(cards: Cards) -> None:
    await cards.hold_all([("held", 5_000, "EUR")])
    with pytest.raises(CardsRefused, match="amount_too_large"):
        await cards.capture("much", "held", 5_001, "EUR")
    captured = await cards.capture("key", "held", 2_000, "EUR")
    assert captured.captured == 2_000
    assert await cards.capture("key", "held", 2_000, "EUR") == captured
    for refused in (cards.capture("more", "held", 10, "EUR"), cards.void("void", "held")):
        with pytest.raises(CardsRefused, match="payment_already_captured"):
            await refused
    await cards.hold_all([("held", 5_000, "EUR")])
    assert (await cards.refund("back", "held", 2_000, "EUR")).state == "succeeded"


async def test_a_voided_card_takes_nothing_any_more(cards: Cards) -> None:
    await cards.hold_all([("held", 5_000, "EUR")])
    assert (await cards.void("key", "held")).voided
    assert (await cards.void("key", "held")).voided
    with pytest.raises(CardsRefused, match="payment_voided"):
        await cards.capture("late", "held", 10, "EUR")


async def test_a_void_and_a_capture_at_once_leave_one_winner(cards: Cards) -> None:
    await cards.hold_all([("held", 5_000, "EUR")])
    results = await asyncio.gather(
        cards.void("void", "held"),
        cards.capture("take", "held", 5_000, "EUR"),
        return_exceptions=True,
    )
    assert sum(isinstance(result, CardsRefused) for result in results) == 1
    payment = await control.payment(cards, "held")
    assert payment is not None
    assert payment.voided is (payment.captured == 0)
