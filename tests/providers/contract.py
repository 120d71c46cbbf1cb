"""What any payment provider has to do: the promises of `providers/ports.py` as tests.

An adapter's own test file makes a `Harness` over a server that can be scripted, and inherits the
parts that this server covers:

    class TestRefunds(RefundContract): ...

with a fixture `harness` beside it. Each test makes payments of its own and names keys after them,
so one server does for all.
"""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

import pytest

from domain.errors import (
    IdempotencyKeyReused,
    PaymentRejected,
    ProviderUnavailable,
    RefundRejected,
    WebhookRejected,
)
from domain.money import Money
from providers.ports import PaymentProvider, ProviderPaymentState, ProviderRefundState

CALL_TIMEOUT = timedelta(seconds=1)
"""What the harness's provider gives a call."""

HUNDRED = Money(minor=10_000, currency="EUR")
TEN = Money(minor=1_000, currency="EUR")
AMOUNTS = [
    Money(minor=minor, currency=currency)
    for minor, currency in ((1_234, "EUR"), (1_234, "JPY"), (12_340, "KWD"), (1_235, "HUF"))
]

S = ProviderRefundState


class Fault(StrEnum):
    """What the next call of a kind meets at the provider.

    Nothing was done: `refused` is a definite no, `busy` asks to come back later, `cut` breaks the
    line, `silent` says nothing for ten seconds. Done all the same: `reply_lost`. `late` is done
    after the call's own time-out.
    """

    REFUSED = "refused"
    BUSY = "busy"
    CUT = "cut"
    SILENT = "silent"
    REPLY_LOST = "reply_lost"
    LATE = "late"


class Harness(Protocol):
    """A provider with the other side in the test's hands. It counts in `provider`'s own units."""

    provider: PaymentProvider

    async def paid(self, amount: Money) -> str:
        """The reference of a new payment of that amount."""
        ...

    async def held(self, amount: Money) -> str:
        """The reference of a new card that is held for that amount."""
        ...

    async def script(self, fault: Fault, ref: str, call: str = "create") -> None:
        """Have the next call about this payment go wrong: create, void or capture."""
        ...

    async def forget_keys(self) -> None:
        """Let so much time pass that the provider has forgotten all keys."""
        ...

    async def start(self, state: ProviderRefundState, ref: str) -> None:
        """Have the next refund of this payment begin in that state, and stay there."""
        ...

    async def move(self, provider_ref: str, state: ProviderRefundState) -> None:
        """Let a refund come to another state now."""
        ...

    async def made(self, ref: str) -> int:
        """How many refunds the provider has of this payment, those that failed included."""
        ...

    async def webhook(self, provider_ref: str, at: datetime) -> tuple[Mapping[str, str], bytes]:
        """The newest webhook about a refund, headers and body, as if sent at that instant."""
        ...


class RefundContract:
    """Refunds when all goes well."""

    async def test_a_refund_is_made_once_found_and_read_again(self, harness: Harness) -> None:
        ref = await harness.paid(HUNDRED)
        refund = await harness.provider.create(f"key-1:{ref}", ref, TEN)
        assert (refund.state, refund.amount, refund.key) == (S.SUCCEEDED, TEN, f"key-1:{ref}")
        assert await harness.provider.find(f"key-1:{ref}", ref) == refund
        assert await harness.provider.find(f"key-2:{ref}", ref) is None
        assert await harness.provider.get(refund.provider_ref) == refund
        assert await harness.made(ref) == 1

    @pytest.mark.parametrize("amount", AMOUNTS, ids=lambda amount: amount.currency)
    async def test_amounts_are_exact_in_each_currency(
        self, harness: Harness, amount: Money
    ) -> None:
        ref = await harness.paid(amount)
        assert (await harness.provider.create(f"exact:{ref}", ref, amount)).amount == amount
        found = await harness.provider.find(f"exact:{ref}", ref)
        assert found
        assert found.amount == amount

    async def test_a_refund_that_is_not_shown_may_be_there_still(self, harness: Harness) -> None:
        with pytest.raises(ProviderUnavailable):
            await harness.provider.get("re_nowhere")


class LimitContract:
    """Never more than was paid, and nothing that can't be."""

    async def test_what_cannot_be_is_refused_and_nothing_is_made(self, harness: Harness) -> None:
        ref = await harness.paid(HUNDRED)
        with pytest.raises(RefundRejected) as other:
            await harness.provider.create(f"other:{ref}", ref, Money(minor=1_000, currency="USD"))
        with pytest.raises(RefundRejected) as unknown:
            await harness.provider.create(f"unknown:{ref}", "pi_nowhere", TEN)
        assert other.value.failure == "currency_mismatch"
        assert unknown.value.failure == "payment_unknown"
        assert await harness.provider.find(f"unknown:{ref}", "pi_nowhere") is None
        assert await harness.made(ref) == 0

    async def test_parts_add_up_to_the_whole_and_not_beyond(self, harness: Harness) -> None:
        ref = await harness.paid(HUNDRED)
        for number, minor in enumerate((3_333, 3_333, 3_334)):
            part = Money(minor=minor, currency="EUR")
            assert (await harness.provider.create(f"part-{number}:{ref}", ref, part)).amount == part
        with pytest.raises(RefundRejected) as rejected:
            await harness.provider.create(f"more:{ref}", ref, Money(minor=1, currency="EUR"))
        assert rejected.value.failure in ("payment_already_refunded", "amount_too_large")
        assert await harness.made(ref) == 3

    async def test_more_than_was_paid_is_refused_also_at_once(self, harness: Harness) -> None:
        ref = await harness.paid(HUNDRED)
        sixty = Money(minor=6_000, currency="EUR")
        answers = await asyncio.gather(
            *(
                harness.provider.create(f"at-once-{number}:{ref}", ref, sixty)
                for number in range(4)
            ),
            return_exceptions=True,
        )
        refusals = [one.failure for one in answers if isinstance(one, RefundRejected)]
        assert refusals == ["amount_too_large"] * 3
        assert await harness.made(ref) == 1


class ReadingContract:
    """What else a provider can be asked."""

    @pytest.mark.parametrize("amount", AMOUNTS, ids=lambda amount: amount.currency)
    async def test_a_payment_is_read(self, harness: Harness, amount: Money) -> None:
        payment = await harness.provider.payment(await harness.paid(amount))
        assert (payment.state, payment.captured) == (ProviderPaymentState.CAPTURED, amount)
        with pytest.raises(PaymentRejected):
            await harness.provider.payment("pi_nowhere")

    async def test_all_refunds_are_listed_newest_first_over_pages(self, harness: Harness) -> None:
        since = datetime.now(UTC) - timedelta(minutes=1)
        ref = await harness.paid(HUNDRED)
        one = Money(minor=1, currency="EUR")
        made = [await harness.provider.create(f"listed-{n}:{ref}", ref, one) for n in range(3)]
        listed = [one async for one in harness.provider.listed(since) if one.payment_ref == ref]
        assert [one.provider_ref for one in listed] == [one.provider_ref for one in made[::-1]]
        later = datetime.now(UTC) + timedelta(days=10_000)
        assert [one async for one in harness.provider.listed(later)] == []


class KeyContract:
    """A key names one effect."""

    async def test_one_key_makes_one_refund_also_at_once(self, harness: Harness) -> None:
        ref = await harness.paid(HUNDRED)
        answers = await asyncio.gather(
            *(harness.provider.create(f"same:{ref}", ref, TEN) for _ in range(5)),
            return_exceptions=True,
        )
        again = await harness.provider.create(f"same:{ref}", ref, TEN)
        wrong = [one for one in answers if one != again]
        assert all(isinstance(one, ProviderUnavailable) for one in wrong), wrong
        assert await harness.made(ref) == 1

    async def test_a_key_with_other_parameters_is_neither_a_no_nor_silence(
        self, harness: Harness
    ) -> None:
        ref = await harness.paid(HUNDRED)
        await harness.provider.create(f"reused:{ref}", ref, TEN)
        with pytest.raises(IdempotencyKeyReused):
            await harness.provider.create(f"reused:{ref}", ref, Money(minor=1_001, currency="EUR"))
        assert await harness.made(ref) == 1

    async def test_a_no_stays_a_no_under_its_key(self, harness: Harness) -> None:
        ref = await harness.paid(HUNDRED)
        await harness.script(Fault.REFUSED, ref)
        for _ in range(2):
            with pytest.raises(RefundRejected):
                await harness.provider.create(f"no:{ref}", ref, TEN)
        assert await harness.provider.find(f"no:{ref}", ref) is None
        assert (await harness.provider.create(f"no-2:{ref}", ref, TEN)).state is S.SUCCEEDED

    async def test_what_the_provider_forgot_is_found_and_never_done_twice(
        self, harness: Harness
    ) -> None:
        ref = await harness.paid(HUNDRED)
        whole = await harness.provider.create(f"forgotten:{ref}", ref, HUNDRED)
        await harness.forget_keys()
        assert await harness.provider.find(f"forgotten:{ref}", ref) == whole
        assert await harness.provider.create(f"forgotten:{ref}", ref, HUNDRED) == whole
        with pytest.raises(RefundRejected) as rejected:
            await harness.provider.create(f"forgotten-2:{ref}", ref, HUNDRED)
        assert rejected.value.failure == "payment_already_refunded"
        assert await harness.made(ref) == 1


class SilenceContract:
    """What isn't known is looked up, and asked again under the same key."""

    async def test_a_lost_reply_is_found_and_not_repeated(self, harness: Harness) -> None:
        ref = await harness.paid(HUNDRED)
        await harness.script(Fault.REPLY_LOST, ref)
        with pytest.raises(ProviderUnavailable):
            await harness.provider.create(f"lost:{ref}", ref, TEN)
        found = await harness.provider.find(f"lost:{ref}", ref)
        assert found
        assert await harness.provider.create(f"lost:{ref}", ref, TEN) == found
        assert await harness.made(ref) == 1

    @pytest.mark.parametrize("fault", [Fault.CUT, Fault.BUSY])
    async def test_what_was_not_done_can_be_asked_again(
        self, harness: Harness, fault: Fault
    ) -> None:
        ref = await harness.paid(HUNDRED)
        await harness.script(fault, ref)
        with pytest.raises(ProviderUnavailable):
            await harness.provider.create(f"again:{ref}", ref, TEN)
        assert await harness.provider.find(f"again:{ref}", ref) is None
        assert (await harness.provider.create(f"again:{ref}", ref, TEN)).amount == TEN
        assert await harness.made(ref) == 1

    async def test_silence_ends_at_the_calls_own_time_out(self, harness: Harness) -> None:
        ref = await harness.paid(HUNDRED)
        await harness.provider.payment(ref)
        await harness.script(Fault.SILENT, ref)
        began = time.monotonic()
        with pytest.raises(ProviderUnavailable):
            await harness.provider.create(f"silent:{ref}", ref, TEN)
        assert time.monotonic() - began < 2 * CALL_TIMEOUT.total_seconds()

    async def test_what_is_not_found_may_still_come(self, harness: Harness) -> None:
        ref = await harness.paid(HUNDRED)
        await harness.script(Fault.LATE, ref)
        with pytest.raises(ProviderUnavailable):
            await harness.provider.create(f"late:{ref}", ref, TEN)
        assert await harness.provider.find(f"late:{ref}", ref) is None
        async with asyncio.timeout(10):
            while True:
                if await harness.provider.find(f"late:{ref}", ref):
                    break
                await asyncio.sleep(0.1)
        assert await harness.made(ref) == 1


class FollowingContract:
    """A refund after it was accepted: it waits, asks, arrives, and fails, late too."""

    async def test_a_waiting_refund_says_why_and_arrives(self, harness: Harness) -> None:
        ref = await harness.paid(HUNDRED)
        await harness.start(S.PENDING, ref)
        refund = await harness.provider.create(f"waiting:{ref}", ref, TEN)
        assert refund.state is S.PENDING
        assert refund.pending_reason
        await harness.move(refund.provider_ref, S.SUCCEEDED)
        arrived = await harness.provider.get(refund.provider_ref)
        assert (arrived.state, arrived.pending_reason) == (S.SUCCEEDED, None)

    async def test_a_refund_that_needs_the_customer_says_what_for(self, harness: Harness) -> None:
        ref = await harness.paid(HUNDRED)
        await harness.start(S.REQUIRES_ACTION, ref)
        refund = await harness.provider.create(f"action:{ref}", ref, TEN)
        assert refund.state is S.REQUIRES_ACTION
        assert refund.action
        assert "@" not in refund.action
        await harness.move(refund.provider_ref, S.CANCELLED)
        ended = await harness.provider.get(refund.provider_ref)
        assert (ended.state, ended.failure) == (S.CANCELLED, "cancelled")

    async def test_what_arrived_may_fail_later_and_frees_its_amount(self, harness: Harness) -> None:
        ref = await harness.paid(HUNDRED)
        refund = await harness.provider.create(f"bounced:{ref}", ref, HUNDRED)
        await harness.move(refund.provider_ref, S.FAILED)
        failed = await harness.provider.find(f"bounced:{ref}", ref)
        assert failed
        assert failed.state is S.FAILED
        assert failed.failure
        assert (
            await harness.provider.create(f"bounced-2:{ref}", ref, HUNDRED)
        ).state is S.SUCCEEDED


class HoldContract:
    """A card that is held: taken in part, or let go."""

    async def test_part_is_taken_once_and_the_rest_let_go(self, harness: Harness) -> None:
        ref = await harness.held(HUNDRED)
        assert (await harness.provider.payment(ref)).state is ProviderPaymentState.HELD
        taken = await harness.provider.capture(ref, TEN, f"take:{ref}")
        assert (taken.state, taken.captured) == (ProviderPaymentState.CAPTURED, TEN)
        assert await harness.provider.capture(ref, TEN, f"take:{ref}") == taken
        await harness.forget_keys()
        assert await harness.provider.capture(ref, TEN, f"take:{ref}") == taken
        with pytest.raises(PaymentRejected):
            await harness.provider.capture(ref, TEN, f"take-2:{ref}")
        with pytest.raises(PaymentRejected):
            await harness.provider.void(ref, f"void:{ref}")
        assert await harness.provider.payment(ref) == taken

    async def test_more_than_is_held_can_not_be_taken(self, harness: Harness) -> None:
        ref = await harness.held(TEN)
        with pytest.raises(PaymentRejected):
            await harness.provider.capture(ref, HUNDRED, f"greedy:{ref}")
        assert (await harness.provider.payment(ref)).state is ProviderPaymentState.HELD

    async def test_a_hold_is_let_go_once_and_for_all(self, harness: Harness) -> None:
        ref = await harness.held(HUNDRED)
        gone = await harness.provider.void(ref, f"let-go:{ref}")
        assert gone.state is ProviderPaymentState.VOIDED
        assert await harness.provider.void(ref, f"let-go:{ref}") == gone
        await harness.forget_keys()
        assert await harness.provider.void(ref, f"let-go:{ref}") == gone
        with pytest.raises(PaymentRejected):
            await harness.provider.capture(ref, TEN, f"too-late:{ref}")

    @pytest.mark.parametrize("call", ["void", "capture"])
    async def test_a_lost_reply_is_cleared_up_by_asking_again(
        self, harness: Harness, call: str
    ) -> None:
        ref = await harness.held(HUNDRED)
        await harness.script(Fault.REPLY_LOST, ref, call)
        with pytest.raises(ProviderUnavailable):
            await _settle(harness, call, ref)
        await _settle(harness, call, ref)
        is_void = call == "void"
        now = await harness.provider.payment(ref)
        right = ProviderPaymentState.VOIDED if is_void else ProviderPaymentState.CAPTURED
        assert (now.state, now.captured.minor) == (right, 0 if is_void else 1_000)

    async def test_what_was_never_taken_can_not_be_refunded(self, harness: Harness) -> None:
        ref = await harness.held(HUNDRED)
        with pytest.raises(RefundRejected):
            await harness.provider.create(f"untaken:{ref}", ref, TEN)


class WebhookContract:
    """A webhook is news if the provider signed it, of late."""

    async def test_it_names_the_refund_its_state_and_our_key(self, harness: Harness) -> None:
        ref = await harness.paid(HUNDRED)
        refund = await harness.provider.create(f"told:{ref}", ref, TEN)
        await harness.move(refund.provider_ref, S.FAILED)
        headers, body = await harness.webhook(refund.provider_ref, datetime.now(UTC))
        [hint] = harness.provider.parse_webhook(headers, body)
        assert (hint.provider_ref, hint.state, hint.key) == (
            refund.provider_ref,
            S.FAILED,
            f"told:{ref}",
        )
        assert hint.event_id
        assert hint.occurred_at
        lowered = {name.lower(): value for name, value in headers.items()}
        assert harness.provider.parse_webhook(lowered, body) == (hint,)

    async def test_an_altered_an_old_and_an_unsigned_one_are_refused(
        self, harness: Harness
    ) -> None:
        ref = await harness.paid(HUNDRED)
        refund = await harness.provider.create(f"altered:{ref}", ref, TEN)
        now = datetime.now(UTC)
        headers, body = await harness.webhook(refund.provider_ref, now)
        old = await harness.webhook(refund.provider_ref, now - timedelta(minutes=6))
        early = await harness.webhook(refund.provider_ref, now + timedelta(minutes=6))
        altered = body.replace(refund.provider_ref.encode(), b"re_other")
        for wrong in ((headers, altered), (headers, b""), ({}, body), old, early):
            with pytest.raises(WebhookRejected):
                harness.provider.parse_webhook(*wrong)


async def _settle(harness: Harness, call: str, ref: str) -> None:
    if call == "void":
        await harness.provider.void(ref, f"lost-void:{ref}")
    else:
        await harness.provider.capture(ref, TEN, f"lost-capture:{ref}")
