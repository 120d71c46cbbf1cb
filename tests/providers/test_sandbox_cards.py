"""The payments port over the card sandbox: what callers may rely on."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from domain.errors import (
    FINAL,
    IdempotencyKeyReused,
    PaymentRejected,
    ProviderUnavailable,
    RefundRejected,
)
from domain.lifecycle import REFUND_ACCEPTED, RefundState
from domain.money import Money
from providers.ports import ProviderPaymentState, ProviderRefundState
from sandbox import control
from sandbox.control import Behaviour, Operation
from tests.providers.conftest import Sandbox

TEN = Money(minor=1_000, currency="EUR")


async def test_a_refund_is_made_found_and_read_again(sandbox: Sandbox) -> None:
    refund = await sandbox.provider.create("key", "pay_1", TEN, "too_expensive")
    assert refund.state is ProviderRefundState.SUCCEEDED
    assert refund.amount == TEN
    assert await sandbox.provider.find("key", "pay_1") == refund
    assert await sandbox.provider.get(refund.provider_ref) == refund
    assert await sandbox.provider.create("key", "pay_1", TEN) == refund


async def test_ten_creates_at_once_with_one_key_make_one_refund(sandbox: Sandbox) -> None:
    refunds = await asyncio.gather(
        *(sandbox.provider.create("key", "pay_1", TEN) for _ in range(10))
    )
    assert all(refund == refunds[0] for refund in refunds)
    assert len(await control.refunds_of(sandbox.cards, "pay_1")) == 1


@pytest.mark.parametrize("retryable", [True, False])
async def test_a_definite_no_is_a_rejection_with_its_code(
    sandbox: Sandbox, retryable: bool
) -> None:
    await control.script(
        sandbox.cards, Behaviour.REJECTS, failure="expired_card", retryable=retryable
    )
    for _ in range(2):
        with pytest.raises(RefundRejected) as rejected:
            await sandbox.provider.create("key", "pay_1", TEN)
        assert (rejected.value.failure, rejected.value.retryable) == ("expired_card", retryable)
    assert await sandbox.provider.find("key", "pay_1") is None


async def test_more_than_was_paid_is_rejected_also_at_once(sandbox: Sandbox) -> None:
    seven = Money(minor=7_000, currency="EUR")
    results = await asyncio.gather(
        *(sandbox.provider.create(f"key-{n}", "pay_1", seven) for n in range(8)),
        return_exceptions=True,
    )
    failures = [result.failure for result in results if isinstance(result, RefundRejected)]
    assert failures == ["amount_too_large"] * 7


@pytest.mark.parametrize("behaviour", [Behaviour.HANGS, Behaviour.LOSES_REPLY])
async def test_silence_ends_at_the_calls_own_timeout(
    sandbox: Sandbox, behaviour: Behaviour
) -> None:
    await control.script(sandbox.cards, behaviour, seconds=30)
    began = time.monotonic()
    with pytest.raises(ProviderUnavailable):
        await sandbox.provider.create("key", "pay_1", TEN)
    assert 0.9 < time.monotonic() - began < 5
    found = await sandbox.provider.find("key", "pay_1")
    assert (found is not None) is (behaviour is Behaviour.LOSES_REPLY)
    assert (await sandbox.provider.create("key", "pay_1", TEN)).amount == TEN
    assert len(await control.refunds_of(sandbox.cards, "pay_1")) == 1


async def test_a_refund_not_found_after_silence_may_still_come(sandbox: Sandbox) -> None:
    await control.script(sandbox.cards, Behaviour.ANSWERS_LATE, seconds=2)
    with pytest.raises(ProviderUnavailable):
        await sandbox.provider.create("key", "pay_1", TEN)
    assert await sandbox.provider.find("key", "pay_1") is None
    with pytest.raises(ProviderUnavailable):
        await sandbox.provider.create("key", "pay_1", TEN)
    await asyncio.sleep(1.2)
    assert await sandbox.provider.find("key", "pay_1") is not None


async def test_a_provider_that_is_away_can_be_asked_again(sandbox: Sandbox) -> None:
    await control.script(sandbox.cards, Behaviour.UNAVAILABLE, times=2)
    for _ in range(2):
        with pytest.raises(ProviderUnavailable):
            await sandbox.provider.create("key", "pay_1", TEN)
    assert (await sandbox.provider.create("key", "pay_1", TEN)).amount == TEN


_KILL_WAITING = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE application_name = 'card-sandbox' AND wait_event_type = 'Lock'"
)


async def test_a_lost_database_connection_is_silence(sandbox: Sandbox, database: str) -> None:
    killer = await asyncpg.connect(database)
    async with killer.transaction():
        await killer.execute("SELECT FROM sandbox.payments WHERE ref = 'pay_1' FOR UPDATE")
        sleeping = asyncio.create_task(sandbox.provider.create("key", "pay_1", TEN))
        for _ in range(500):
            await killer.execute("SELECT pg_stat_clear_snapshot()")
            if await killer.fetchval(_KILL_WAITING):
                break
            await asyncio.sleep(0.02)
        with pytest.raises(ProviderUnavailable):
            await sleeping
    await killer.close()
    assert await sandbox.provider.find("key", "pay_1") is None
    assert (await sandbox.provider.create("key", "pay_1", TEN)).amount == TEN


async def test_a_refund_that_is_not_shown_is_silence_not_a_no(sandbox: Sandbox) -> None:
    with pytest.raises(ProviderUnavailable):
        await sandbox.provider.get("re_0")


async def test_a_key_used_with_another_amount_is_neither_a_no_nor_silence(
    sandbox: Sandbox,
) -> None:
    await sandbox.provider.create("key", "pay_1", TEN)
    with pytest.raises(IdempotencyKeyReused):
        await sandbox.provider.create("key", "pay_1", Money(minor=1_001, currency="EUR"))
    assert len(await control.refunds_of(sandbox.cards, "pay_1")) == 1


@pytest.mark.parametrize(
    ("behaviour", "ours"),
    [
        (Behaviour.ACCEPTS, RefundState.SUCCEEDED),
        (Behaviour.ACCEPTS_PENDING, RefundState.PENDING),
        (Behaviour.REQUIRES_ACTION, RefundState.REQUIRES_ACTION),
        (Behaviour.FAILS, RefundState.FAILED),
    ],
)
async def test_states_are_told_in_our_words(
    sandbox: Sandbox, behaviour: Behaviour, ours: RefundState
) -> None:
    await control.script(sandbox.cards, behaviour, failure="lost_card", retryable=True)
    refund = await sandbox.provider.create("key", "pay_1", TEN)
    assert refund.refund_state is ours
    assert refund.failure == ("lost_card" if ours is RefundState.FAILED else None)
    assert refund.retryable is (ours is RefundState.FAILED)


async def test_a_state_we_do_not_know_still_is_a_refund_that_exists(sandbox: Sandbox) -> None:
    await sandbox.provider.create("key", "pay_1", TEN)
    await sandbox.cards.pool.execute("UPDATE sandbox.refunds SET state = 'in_review'")
    refund = await sandbox.provider.find("key", "pay_1")
    assert refund is not None
    assert refund.state is ProviderRefundState.UNKNOWN
    assert refund.refund_state in REFUND_ACCEPTED


@pytest.mark.parametrize(
    ("currency", "minor", "units", "exponent"),
    [
        ("EUR", 1_234, 1_234, 2),
        ("JPY", 1_234, 1_234, 0),
        ("KWD", 1_234, 1_234, 3),
        ("ISK", 1_234, 123_400, 2),
        ("MGA", 123_400, 1_234, 0),
    ],
)
async def test_the_providers_units_stay_behind_the_port(
    sandbox: Sandbox, currency: str, minor: int, units: int, exponent: int
) -> None:
    amount = Money(minor=minor, currency=currency)
    await sandbox.provider.register_all([("paid", amount)])
    refund = await sandbox.provider.create("key", "paid", amount)
    assert refund.amount == amount
    [kept] = await control.refunds_of(sandbox.cards, "paid")
    assert kept.amount == units
    assert sandbox.provider.abilities("card", currency).exponent == exponent


async def test_an_amount_the_provider_cannot_say_is_a_no_before_it_is_asked(
    sandbox: Sandbox,
) -> None:
    ariary = Money(minor=150, currency="MGA")
    with pytest.raises(RefundRejected) as rejected:
        await sandbox.provider.create("key", "pay_1", ariary)
    assert rejected.value.failure == "amount_not_representable"
    assert await control.calls(sandbox.cards, operation=Operation.CREATE) == []
    assert sandbox.provider.abilities("card", "MGA").minimum_minor == 100


async def test_a_held_card_is_captured_in_part(sandbox: Sandbox) -> None:
    await sandbox.provider.hold_all([("held", Money(minor=5_000, currency="EUR"))])
    payment = await sandbox.provider.capture("held", TEN, "key")
    assert (payment.state, payment.captured) == (ProviderPaymentState.CAPTURED, TEN)
    assert await sandbox.provider.capture("held", TEN, "key") == payment
    with pytest.raises(PaymentRejected) as rejected:
        await sandbox.provider.void("held", "void")
    assert rejected.value.failure == "payment_already_captured"


async def test_a_held_card_is_voided_though_the_reply_was_lost(sandbox: Sandbox) -> None:
    await sandbox.provider.hold_all([("held", TEN)])
    await control.script(sandbox.cards, Behaviour.LOSES_REPLY, operation=Operation.VOID)
    with pytest.raises(ProviderUnavailable):
        await sandbox.provider.void("held", "key")
    payment = await sandbox.provider.void("held", "key")
    assert payment.state is ProviderPaymentState.VOIDED


async def test_an_import_may_register_its_payments_again(sandbox: Sandbox) -> None:
    for _ in range(2):
        await sandbox.provider.register_all([("pay_1", TEN), ("pay_2", TEN)])
    with pytest.raises(PaymentRejected):
        await sandbox.provider.register_all([("pay_1", Money(minor=1, currency="USD"))])


def test_only_a_definite_no_is_final() -> None:
    assert {"RefundRejected", "PaymentRejected"} <= set(FINAL)
    assert not {"ProviderUnavailable", "IdempotencyKeyReused"} & set(FINAL)


def test_a_rejection_needs_no_words() -> None:
    assert (RefundRejected().failure, RefundRejected("no").retryable) == ("declined", False)


async def test_all_refunds_since_an_instant_are_listed_as_they_are_now(sandbox: Sandbox) -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)
    refund = await sandbox.provider.create("key", "pay_1", TEN)
    await control.fail_later(sandbox.cards, refund.provider_ref, "declined")
    listed = [one async for one in sandbox.provider.listed(before)]
    assert [(one.provider_ref, one.state) for one in listed] == [
        (refund.provider_ref, ProviderRefundState.FAILED)
    ]
    assert [one async for one in sandbox.provider.listed(before + timedelta(hours=1))] == []
