"""What can be scripted, each behaviour and how it is used up."""

import asyncio
import time

import pytest

from sandbox import control
from sandbox.cards import Cards
from sandbox.control import Behaviour, Operation
from sandbox.errors import CardsRefused, CardsUnavailable
from sandbox.records import CardRefund


async def test_a_script_reaches_a_sandbox_that_another_process_opened(
    cards: Cards, database: str
) -> None:
    async with Cards.open(database) as elsewhere:
        await control.script(elsewhere, Behaviour.UNAVAILABLE, ref="pay_1")
    with pytest.raises(CardsUnavailable):
        await _refund(cards)


async def test_a_scripted_rejection_has_its_code_and_is_kept(cards: Cards) -> None:
    await control.script(
        cards, Behaviour.REJECTS, ref="pay_1", failure="expired_card", retryable=True
    )
    for _ in range(2):
        with pytest.raises(CardsRefused) as refused:
            await _refund(cards)
        assert (refused.value.failure, refused.value.retryable) == ("expired_card", True)
    assert (await _refund(cards, "key-2")).state == "succeeded"


async def test_unavailable_twice_then_as_usual_and_nothing_was_done_before(cards: Cards) -> None:
    await control.script(cards, Behaviour.UNAVAILABLE, ref="pay_1", times=2)
    for _ in range(2):
        with pytest.raises(CardsUnavailable):
            await _refund(cards)
    assert await cards.find("key") is None
    assert (await _refund(cards)).state == "succeeded"
    behaviours = [call.behaviour for call in await control.calls(cards, "pay_1", Operation.CREATE)]
    assert behaviours == ["unavailable", "unavailable", None]


async def test_a_lost_reply_hides_a_refund_that_was_made(cards: Cards) -> None:
    await control.script(cards, Behaviour.LOSES_REPLY, ref="pay_1", seconds=0.2)
    began = time.monotonic()
    with pytest.raises(CardsUnavailable):
        await _refund(cards)
    assert time.monotonic() - began >= 0.2
    hidden = await cards.find("key")
    assert hidden is not None
    assert await _refund(cards) == hidden


async def test_a_call_that_hangs_does_nothing_and_keeps_no_connection(cards: Cards) -> None:
    await control.script(cards, Behaviour.HANGS, ref="pay_1", seconds=1.5, times=30)
    hanging = [asyncio.create_task(_refund(cards, f"key-{n}")) for n in range(30)]
    await asyncio.sleep(0.5)
    assert len(await control.calls(cards, "pay_1")) == 30
    assert not any(task.done() for task in hanging)
    results = await asyncio.gather(*hanging, return_exceptions=True)
    assert all(isinstance(result, CardsUnavailable) for result in results)
    assert await control.refunds_of(cards, "pay_1") == []


async def test_a_late_answer_is_not_found_meanwhile_and_comes_even_if_nobody_waits(
    cards: Cards,
) -> None:
    await control.script(cards, Behaviour.ANSWERS_LATE, ref="pay_1", seconds=1.5)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await _refund(cards)
    assert await cards.find("key") is None
    assert await control.refunds_of(cards, "pay_1") == []
    with pytest.raises(CardsUnavailable):
        await _refund(cards)
    await asyncio.sleep(1.4)
    arrived = await cards.find("key")
    assert arrived is not None
    assert await _refund(cards) == arrived


async def test_a_late_answer_comes_to_who_waits(cards: Cards) -> None:
    await control.script(cards, Behaviour.ANSWERS_LATE, ref="pay_1", seconds=0.2)
    assert await _refund(cards) == await cards.find("key")


async def test_a_pending_refund_counts_and_moves_when_told(cards: Cards) -> None:
    await control.script(cards, Behaviour.ACCEPTS_PENDING, ref="pay_1")
    refund = await _refund(cards)
    assert refund.state == "pending"
    with pytest.raises(CardsRefused, match="amount_too_large"):
        await cards.refund("more", "pay_1", 9_500, "EUR")
    await control.require_action_later(cards, refund.id)
    assert await _state(cards) == "requires_action"
    await control.succeed_later(cards, refund.id)
    assert await _state(cards) == "succeeded"


async def test_a_pending_refund_may_succeed_by_itself(cards: Cards) -> None:
    await control.script(cards, Behaviour.ACCEPTS_PENDING, ref="pay_1", seconds=0.2)
    assert (await _refund(cards)).state == "pending"
    await asyncio.sleep(0.25)
    assert await _state(cards) == "succeeded"


async def test_a_refund_that_requires_action_can_be_cancelled(cards: Cards) -> None:
    await control.script(cards, Behaviour.REQUIRES_ACTION, ref="pay_1")
    refund = await _refund(cards)
    assert refund.state == "requires_action"
    await control.cancel_later(cards, refund.id)
    assert await _state(cards) == "cancelled"
    assert (await cards.refund("again", "pay_1", 10_000, "EUR")).state == "succeeded"


async def test_a_refund_that_failed_at_once_moved_no_money(cards: Cards) -> None:
    await control.script(cards, Behaviour.FAILS, ref="pay_1", failure="insufficient_funds")
    refund = await _refund(cards)
    assert (refund.state, refund.failure) == ("failed", "insufficient_funds")
    payment = await control.payment(cards, "pay_1")
    assert payment is not None
    assert payment.refunded == 0


async def test_scripts_are_used_in_order_a_payments_own_first(cards: Cards) -> None:
    await control.script(cards, Behaviour.ACCEPTS_PENDING)
    await control.script(cards, Behaviour.REQUIRES_ACTION, ref="pay_1")
    await control.script(cards, Behaviour.FAILS, ref="pay_1")
    await cards.register("pay_2", 10_000, "EUR")
    states = [(await _refund(cards, f"key-{n}")).state for n in range(4)]
    assert states == ["requires_action", "failed", "pending", "succeeded"]


async def test_a_standing_script_stays_until_cleared(cards: Cards) -> None:
    await control.script(cards, Behaviour.REJECTS, times=None)
    for n in range(3):
        with pytest.raises(CardsRefused, match="declined"):
            await _refund(cards, f"key-{n}")
    await control.clear_scripts(cards)
    assert (await _refund(cards, "key-3")).state == "succeeded"


async def test_a_script_used_up_once_meets_one_of_ten_calls_at_once(cards: Cards) -> None:
    await control.script(cards, Behaviour.REJECTS, ref="pay_1")
    results = await asyncio.gather(
        *(_refund(cards, f"key-{n}") for n in range(10)), return_exceptions=True
    )
    assert sum(isinstance(result, CardsRefused) for result in results) == 1


async def test_a_repeat_cannot_change_its_outcome_and_leaves_the_script_to_others(
    cards: Cards,
) -> None:
    refund = await _refund(cards)
    await control.script(cards, Behaviour.REJECTS, ref="pay_1")
    await control.script(cards, Behaviour.LOSES_REPLY, ref="pay_1")
    with pytest.raises(CardsUnavailable):
        await _refund(cards)
    assert await _refund(cards) == refund
    with pytest.raises(CardsRefused):
        await _refund(cards, "key-2")


async def test_a_look_up_can_be_away_also_for_a_refund_that_was_never_made(cards: Cards) -> None:
    await control.script(cards, Behaviour.UNAVAILABLE, ref="pay_1")
    await control.script(cards, Behaviour.UNAVAILABLE, ref="pay_1", operation=Operation.FIND)
    with pytest.raises(CardsUnavailable):
        await _refund(cards)
    with pytest.raises(CardsUnavailable):
        await cards.find("key")
    assert await cards.find("key") is None


async def test_calls_tell_what_arrived(cards: Cards) -> None:
    refund = await _refund(cards)
    await cards.find("key")
    await cards.get(refund.id)
    calls = await control.calls(cards, "pay_1")
    assert [(call.operation, call.key, call.amount) for call in calls] == [
        ("create", "key", 1_000),
        ("find", "key", None),
        ("get", "key", None),
    ]
    assert calls == sorted(calls, key=lambda call: call.at)


async def _refund(cards: Cards, key: str = "key") -> CardRefund:
    return await cards.refund(key, "pay_1", 1_000, "EUR")


async def _state(cards: Cards) -> str | None:
    refund = await cards.find("key")
    return refund.state if refund else None
