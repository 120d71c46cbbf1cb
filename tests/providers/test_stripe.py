"""What is Stripe's own in its adapter: words, currencies, connected accounts, charges, webhooks."""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.errors import (
    FINAL,
    PaymentRejected,
    ProviderUnavailable,
    RefundRejected,
    RescindError,
    WebhookRejected,
)
from domain.lifecycle import REFUND_ACCEPTED
from domain.money import Money
from providers.ports import Mender, ProviderPaymentState, ProviderRefundState
from providers.stripe import calls, readings
from providers.stripe.adapter import SIGNATURE, StripePayments
from sandbox import control, signing
from sandbox.control import Behaviour, Operation
from tests.providers.conftest import SECRET, Sandbox
from tests.providers.contract import CALL_TIMEOUT, HUNDRED, TEN
from tests.sandbox.conftest import Inbox, client_of
from tests.sandbox.conftest import inbox as inbox

TOLD: dict[str, Any] = {
    "id": "re_1",
    "amount": 1_000,
    "currency": "eur",
    "charge": "ch_1",
    "created": 1_790_000_000,
    "status": "succeeded",
}


@pytest.mark.parametrize(
    ("word", "code", "retryable", "mender"),
    [
        ("charge_for_pending_refund_disputed", "payment_disputed", False, Mender.NOBODY),
        ("declined", "declined", False, Mender.CUSTOMER),
        ("expired_or_canceled_card", "expired_card", False, Mender.CUSTOMER),
        ("insufficient_funds", "insufficient_funds", True, Mender.MERCHANT),
        ("lost_or_stolen_card", "lost_or_stolen_card", False, Mender.CUSTOMER),
        ("merchant_request", "merchant_request", False, Mender.MERCHANT),
        ("unknown", "unknown", False, Mender.PROVIDER),
        (None, "unknown", False, Mender.PROVIDER),
        ("made_up_next_year", "made_up_next_year", False, Mender.NOBODY),
    ],
)
def test_why_a_refund_failed_and_who_can_mend_it(
    word: str | None, code: str, retryable: bool, mender: Mender
) -> None:
    refund = readings.refund(TOLD | {"status": "failed", "failure_reason": word})
    assert (refund.failure, refund.retryable, refund.mender) == (code, retryable, mender)
    assert refund.raw_reason == word


@pytest.mark.parametrize("status", ["in_review", None])
def test_a_state_we_do_not_know_still_is_a_refund_that_exists(status: str | None) -> None:
    refund = readings.refund(TOLD | {"status": status})
    assert refund.state is ProviderRefundState.UNKNOWN
    assert refund.refund_state in REFUND_ACCEPTED
    assert (refund.payment_ref, refund.key) == ("ch_1", None)


@pytest.mark.parametrize(
    ("behaviour", "failure", "raised"),
    [
        (Behaviour.RATE_LIMITED, None, ProviderUnavailable),
        (Behaviour.CONFLICT, None, ProviderUnavailable),
        (Behaviour.SERVER_ERROR, None, ProviderUnavailable),
        (Behaviour.REJECTS, "charge_disputed", RefundRejected),
        (Behaviour.REJECTS, "lost_card", RefundRejected),
    ],
)
async def test_answers_are_split_into_no_and_unknown(
    harness: Sandbox, behaviour: Behaviour, failure: str | None, raised: type[RescindError]
) -> None:
    ref = await harness.paid(HUNDRED)
    await control.script(harness.server.cards, behaviour, ref=ref, failure=failure)
    with pytest.raises(raised):
        await harness.provider.create(f"split:{ref}", ref, TEN)
    assert await harness.made(ref) == 0


@pytest.mark.parametrize("retryable", [True, False])
async def test_a_decline_says_its_own_code_and_whether_to_try_again(
    harness: Sandbox, retryable: bool
) -> None:
    ref = await harness.paid(HUNDRED)
    await control.script(
        harness.server.cards,
        Behaviour.REJECTS,
        ref=ref,
        failure="expired_card",
        retryable=retryable,
    )
    with pytest.raises(RefundRejected) as rejected:
        await harness.provider.create(f"declined:{ref}", ref, TEN)
    assert (rejected.value.failure, rejected.value.retryable) == ("expired_card", retryable)


async def test_a_wrong_key_of_ours_ends_nothing_and_is_not_told(
    harness: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    ref = await harness.paid(HUNDRED)
    stranger = StripePayments("geheim", api_base=harness.server.address)
    with pytest.raises(ProviderUnavailable) as unavailable:
        await stranger.create(f"stranger:{ref}", ref, TEN)
    await stranger.close()
    assert "STRIPE_API_KEY" in caplog.text
    assert unavailable.value.__cause__ is None
    assert "geheim" not in caplog.text + str(unavailable.value)


async def test_a_five_hundred_is_repeated_until_the_key_is_forgotten_then_done_once(
    harness: Sandbox,
) -> None:
    ref = await harness.paid(HUNDRED)
    await control.script(harness.server.cards, Behaviour.SERVER_ERROR, ref=ref)
    for _ in range(2):
        with pytest.raises(ProviderUnavailable):
            await harness.provider.create(f"500:{ref}", ref, TEN)
        assert await harness.provider.find(f"500:{ref}", ref) is None
    await harness.forget_keys()
    refund = await harness.provider.create(f"500:{ref}", ref, TEN)
    assert await harness.provider.find(f"500:{ref}", ref) == refund
    assert await harness.made(ref) == 1


async def test_a_five_hundred_after_the_deed_is_found(harness: Sandbox) -> None:
    ref = await harness.paid(HUNDRED)
    await control.script(harness.server.cards, Behaviour.SERVER_ERROR_AFTER, ref=ref)
    with pytest.raises(ProviderUnavailable):
        await harness.provider.create(f"500:{ref}", ref, TEN)
    found = await harness.provider.find(f"500:{ref}", ref)
    assert found
    assert found.amount == TEN
    assert await harness.made(ref) == 1


async def test_the_calls_of_one_refund_share_one_time_out(harness: Sandbox) -> None:
    ref = await harness.paid(HUNDRED)
    cards = harness.server.cards
    slowly = {"ref": ref, "seconds": 0.9 * CALL_TIMEOUT.total_seconds()}
    await harness.provider.payment(ref)
    for operation in (Operation.PAYMENT, Operation.CREATE):
        await control.script(cards, Behaviour.ANSWERS_LATE, operation=operation, **slowly)  # type: ignore[arg-type]
    began = time.monotonic()
    with pytest.raises(ProviderUnavailable):
        await harness.provider.create(f"slow:{ref}", ref, TEN)
    assert time.monotonic() - began < 1.6 * CALL_TIMEOUT.total_seconds()


async def test_a_key_is_found_on_any_page(
    harness: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "PAGE", 2)
    ref = await harness.paid(HUNDRED)
    made = [await harness.provider.create(f"{n}:{ref}", ref, TEN) for n in range(5)]
    for number, refund in enumerate(made):
        assert await harness.provider.find(f"{number}:{ref}", ref) == refund
    since = datetime.now(UTC) - timedelta(minutes=1)
    listed = [one async for one in harness.provider.listed(since) if one.payment_ref == ref]
    assert listed == made[::-1]


async def test_a_charge_is_refunded_and_its_payment_held_or_let_go(harness: Sandbox) -> None:
    ref = await harness.paid(HUNDRED)
    refund = await harness.provider.create(f"charge:{ref}", f"ch_{ref}", TEN)
    assert await harness.provider.find(f"charge:{ref}", f"ch_{ref}") == refund
    assert (await harness.provider.payment(f"ch_{ref}")).captured == HUNDRED
    held = await harness.held(HUNDRED)
    assert (await harness.provider.payment(f"ch_{held}")).state is ProviderPaymentState.HELD
    gone = await harness.provider.void(f"ch_{held}", f"void:{held}")
    assert (gone.payment_ref, gone.state) == (f"ch_{held}", ProviderPaymentState.VOIDED)


async def test_what_a_connected_account_got_is_taken_back_from_it(harness: Sandbox) -> None:
    intent = await client_of(harness.server.address).v1.payment_intents.create_async(
        {
            "amount": 10_000,
            "currency": "eur",
            "confirm": True,
            "payment_method": "pm_card_visa",
            "transfer_data": {"destination": "acct_1"},
        }
    )
    refund = await harness.provider.create(f"connected:{intent.id}", intent.id, TEN)
    told = await client_of(harness.server.address).v1.refunds.retrieve_async(refund.provider_ref)
    assert told.transfer_reversal


@pytest.mark.parametrize(
    ("told", "returns_fee", "terms"),
    [
        ({}, True, {}),
        ({"transfer_data": {"destination": "acct_1"}}, True, {"reverse_transfer": True}),
        ({"transfer": "tr_1"}, False, {"reverse_transfer": True}),
        ({"application_fee_amount": 100}, False, {}),
        ({"application_fee_amount": 100}, True, {"refund_application_fee": True}),
    ],
)
def test_the_platforms_fee_goes_back_only_where_it_is_set(
    told: dict[str, Any], returns_fee: bool, terms: dict[str, bool]
) -> None:
    assert readings.terms(told, returns_fee=returns_fee) == terms


async def test_only_reasons_that_stripe_knows_are_said_as_one(harness: Sandbox) -> None:
    ref = await harness.paid(HUNDRED)
    known = await harness.provider.create(f"known:{ref}", ref, TEN, "duplicate")
    ours = await harness.provider.create(f"ours:{ref}", ref, TEN, "too_expensive")
    client = client_of(harness.server.address)
    told = [await client.v1.refunds.retrieve_async(one.provider_ref) for one in (known, ours)]
    assert [one.reason for one in told] == ["duplicate", None]
    assert told[1].to_dict()["metadata"]["rescind_reason"] == "too_expensive"


async def test_an_amount_that_stripe_can_not_say_is_a_no_before_it_is_asked(
    harness: Sandbox,
) -> None:
    ref = await harness.paid(Money(minor=12_340, currency="KWD"))
    with pytest.raises(RefundRejected) as rejected:
        await harness.provider.create(f"fils:{ref}", ref, Money(minor=1_234, currency="KWD"))
    assert rejected.value.failure == "amount_not_representable"
    assert await control.calls(harness.server.cards, ref, Operation.CREATE) == []


def test_what_can_be_done_with_a_card() -> None:
    abilities = StripePayments("sk_test_x").abilities("card", "KWD")
    assert (abilities.exponent, abilities.minimum_minor, abilities.arrives_within) == (3, 10, 10)
    assert abilities.void
    assert abilities.capture
    assert StripePayments("sk_test_x").abilities("klarna", "EUR").arrives_within is None


async def test_a_webhook_comes_over_the_wire_twice_with_one_event_id(
    harness: Sandbox, inbox: Inbox
) -> None:
    endpoint = await client_of(harness.server.address).v1.webhook_endpoints.create_async(
        {"url": inbox.address, "enabled_events": ["refund.created"]}
    )
    provider = StripePayments("sk_test_x", ["whsec_old", str(endpoint.secret)])
    ref = await harness.paid(HUNDRED)
    await control.script_webhooks(harness.server.cards, control.Delivery.DUPLICATED, ref=ref)
    refund = await harness.provider.create(f"twice:{ref}", ref, TEN)
    await inbox.until_came(2)
    hints = [
        provider.parse_webhook({SIGNATURE: signature}, body)
        for signature, body in zip(inbox.signatures, inbox.bodies, strict=True)
    ]
    assert hints[0] == hints[1]
    assert hints[0][0].provider_ref == refund.provider_ref
    await client_of(harness.server.address).v1.webhook_endpoints.delete_async(endpoint.id)


@pytest.mark.parametrize(
    ("event", "is_news"),
    [
        ({"type": "refund.updated"}, True),
        ({"type": "charge.refund.updated"}, True),
        ({"type": "charge.refunded"}, False),
        ({"type": "payment_intent.succeeded"}, False),
    ],
)
def test_events_about_anything_else_are_no_news(event: dict[str, Any], is_news: bool) -> None:
    body = _body(event)
    provider = StripePayments("sk_test_x", [SECRET])
    assert bool(provider.parse_webhook(_signed(body), body)) is is_news


@pytest.mark.parametrize("body", [b"[]", b"{}", b"nothing", b'{"type": "refund.updated"}', b"\xff"])
def test_a_signed_body_that_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(WebhookRejected):
        StripePayments("sk_test_x", [SECRET]).parse_webhook(_signed(body), body)


def test_without_a_secret_nothing_is_believed() -> None:
    body = _body({"type": "refund.updated"})
    for secrets in ([], [""]):
        with pytest.raises(WebhookRejected):
            StripePayments("sk_test_x", secrets).parse_webhook(
                signing.headers("", body, datetime.now(UTC)), body
            )


def test_the_sdk_is_not_loaded_before_it_is_needed() -> None:
    """It takes a while, and the API needs none of it to read a webhook."""
    asked = "import sys, runtime.providing; sys.exit('stripe' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


def test_only_a_definite_no_is_final() -> None:
    assert {"RefundRejected", "PaymentRejected"} <= set(FINAL)
    assert not {"ProviderUnavailable", "IdempotencyKeyReused"} & set(FINAL)
    assert (PaymentRejected().failure, RefundRejected("no").retryable) == ("declined", False)


def _body(event: dict[str, Any]) -> bytes:
    told = {"id": "evt_1", "created": 1_790_000_000, "data": {"object": TOLD}}
    return json.dumps(told | event).encode()


def _signed(body: bytes) -> dict[str, str]:
    return signing.headers(SECRET, body, datetime.now(UTC))
