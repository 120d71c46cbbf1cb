"""What goes wrong on the wire, as scripted, and what is true afterwards."""

import asyncio
import time

import pytest
import stripe

from sandbox import control
from sandbox.cards import Cards
from sandbox.control import Behaviour, Operation
from sandbox.serving import Running


async def test_a_script_reaches_a_sandbox_that_runs_elsewhere(
    client: stripe.StripeClient, sandbox_database: str, paid: str
) -> None:
    async with Cards.open(sandbox_database, 1) as elsewhere:
        await control.script(elsewhere, Behaviour.UNAVAILABLE, ref=paid)
    with pytest.raises(stripe.APIConnectionError):
        await _refund(client, paid)


@pytest.mark.parametrize(
    ("failure", "retryable", "told"),
    [
        (None, False, (402, "card_declined", "generic_decline", "do_not_try_again")),
        ("lost_card", False, (402, "card_declined", "lost_card", "do_not_try_again")),
        (
            "insufficient_funds",
            True,
            (402, "card_declined", "insufficient_funds", "try_again_later"),
        ),
        ("expired_card", False, (402, "expired_card", "expired_card", "do_not_try_again")),
        ("charge_disputed", False, (400, "charge_disputed", None, None)),
    ],
)
async def test_a_scripted_no_has_its_words(
    client: stripe.StripeClient,
    server: Running,
    paid: str,
    failure: str | None,
    retryable: bool,
    told: tuple[object, ...],
) -> None:
    await control.script(
        server.cards, Behaviour.REJECTS, ref=paid, failure=failure, retryable=retryable
    )
    with pytest.raises(stripe.StripeError) as no:
        await _refund(client, paid)
    error = no.value.json_body["error"]  # type: ignore[index]
    words = [error.get(name) for name in ("code", "decline_code", "advice_code")]
    assert (no.value.http_status, *words) == told
    assert await control.refunds_of(server.cards, paid) == []


@pytest.mark.parametrize(
    ("behaviour", "made"),
    [(Behaviour.UNAVAILABLE, 0), (Behaviour.HANGS, 0), (Behaviour.LOSES_REPLY, 1)],
)
async def test_the_line_is_cut_before_or_after_the_effect(
    client: stripe.StripeClient, server: Running, paid: str, behaviour: Behaviour, made: int
) -> None:
    await control.script(server.cards, behaviour, ref=paid, seconds=0.2)
    began = time.monotonic()
    with pytest.raises(stripe.APIConnectionError):
        await _refund(client, paid)
    assert (time.monotonic() - began >= 0.2) is (behaviour is not Behaviour.UNAVAILABLE)
    hidden = await client.v1.refunds.list_async({"payment_intent": paid})
    assert len(hidden.data) == made
    again = await _refund(client, paid)
    assert not made or again == hidden.data[0]
    assert len(await control.refunds_of(server.cards, paid)) == 1


async def test_refunds_told_to_wait_do_so_also_where_the_answer_is_lost(
    client: stripe.StripeClient, server: Running, paid: str
) -> None:
    await control.let_refunds_wait(server.cards, paid)
    await control.script(server.cards, Behaviour.LOSES_REPLY, ref=paid)
    with pytest.raises(stripe.APIConnectionError):
        await _refund(client, paid)
    (refund,) = await control.refunds_of(server.cards, paid)
    assert refund.state == "pending"
    await control.succeed_later(server.cards, refund.id)
    assert (await client.v1.refunds.retrieve_async(refund.id)).status == "succeeded"


async def test_a_late_answer_is_not_found_meanwhile_and_comes_even_if_nobody_waits(
    client: stripe.StripeClient, server: Running, paid: str
) -> None:
    await control.script(server.cards, Behaviour.ANSWERS_LATE, ref=paid, seconds=1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await _refund(client, paid)
    assert (await client.v1.refunds.list_async({"payment_intent": paid})).data == []
    with pytest.raises(stripe.APIError) as in_use:
        await _refund(client, paid)
    assert in_use.value.http_status == 409
    await asyncio.sleep(1)
    (arrived,) = (await client.v1.refunds.list_async({"payment_intent": paid})).data
    assert await _refund(client, paid) == arrived


async def test_calls_that_hang_keep_no_connection_to_the_database(
    client: stripe.StripeClient, server: Running, paid: str
) -> None:
    await control.script(server.cards, Behaviour.HANGS, ref=paid, seconds=1, times=20)
    hanging = [asyncio.create_task(_refund(client, paid, f"{n}")) for n in range(20)]
    await asyncio.sleep(0.6)
    assert (await client.v1.payment_intents.retrieve_async(paid)).status == "succeeded"
    assert not any(task.done() for task in hanging)
    results = await asyncio.gather(*hanging, return_exceptions=True)
    assert {type(result) for result in results} == {stripe.APIConnectionError}


async def test_scripts_are_used_in_order_a_payments_own_first(
    client: stripe.StripeClient, own: Running, paid: str
) -> None:
    await control.script(own.cards, Behaviour.ACCEPTS_PENDING)
    await control.script(own.cards, Behaviour.REQUIRES_ACTION, ref=paid)
    await control.script(own.cards, Behaviour.FAILS, ref=paid)
    states = [(await _refund(client, paid, f"{n}")).status for n in range(4)]
    assert states == ["requires_action", "failed", "pending", "succeeded"]


async def test_a_standing_script_stays_until_cleared(
    client: stripe.StripeClient, own: Running, paid: str
) -> None:
    await control.script(own.cards, Behaviour.REJECTS, times=None)
    for n in range(3):
        with pytest.raises(stripe.CardError):
            await _refund(client, paid, f"{n}")
    await control.clear_scripts(own.cards)
    assert (await _refund(client, paid, "last")).status == "succeeded"


async def test_a_script_for_one_call_meets_one_of_ten_at_once(
    client: stripe.StripeClient, server: Running, paid: str
) -> None:
    await control.script(server.cards, Behaviour.REJECTS, ref=paid)
    results = await asyncio.gather(
        *(_refund(client, paid, f"{n}") for n in range(10)), return_exceptions=True
    )
    assert sum(isinstance(result, stripe.CardError) for result in results) == 1


async def test_a_repeat_cannot_change_its_outcome_and_leaves_the_script_to_others(
    client: stripe.StripeClient, server: Running, paid: str
) -> None:
    refund = await _refund(client, paid)
    await control.script(server.cards, Behaviour.REJECTS, ref=paid)
    await control.script(server.cards, Behaviour.LOSES_REPLY, ref=paid)
    with pytest.raises(stripe.APIConnectionError):
        await _refund(client, paid)
    assert await _refund(client, paid) == refund
    with pytest.raises(stripe.CardError):
        await _refund(client, paid, "other")


async def test_each_operation_is_scripted_by_its_name_and_noted(
    client: stripe.StripeClient, server: Running, paid: str, held: str
) -> None:
    refund = await _refund(client, paid)
    calls = {
        Operation.FIND: (paid, client.v1.refunds.list_async({"payment_intent": paid})),
        Operation.GET: (paid, client.v1.refunds.retrieve_async(refund.id)),
        Operation.UPDATE: (paid, client.v1.refunds.update_async(refund.id, {})),
        Operation.PAYMENT: (held, client.v1.payment_intents.retrieve_async(held)),
        Operation.CAPTURE: (held, client.v1.payment_intents.capture_async(held)),
        Operation.VOID: (held, client.v1.payment_intents.cancel_async(held)),
    }
    for operation, (ref, call) in calls.items():
        await control.script(server.cards, Behaviour.UNAVAILABLE, ref=ref, operation=operation)
        with pytest.raises(stripe.APIConnectionError):
            await call
    noted = await control.calls(server.cards, paid) + await control.calls(server.cards, held)
    assert [call.operation for call in noted] == ["create", *calls]
    assert {call.behaviour for call in noted[1:]} == {"unavailable"}
    created = noted[0]
    assert (created.key, created.ref, created.amount) == (f"{paid}/key", paid, 1_000)


async def test_a_capture_that_was_done_and_not_answered_is_done_once(
    client: stripe.StripeClient, server: Running, held: str
) -> None:
    await control.script(server.cards, Behaviour.LOSES_REPLY, ref=held, operation=Operation.CAPTURE)
    options: stripe.RequestOptions = {"idempotency_key": f"{held}/key"}
    with pytest.raises(stripe.APIConnectionError):
        await client.v1.payment_intents.capture_async(held, {"amount_to_capture": 10}, options)
    taken = await client.v1.payment_intents.capture_async(held, {"amount_to_capture": 10}, options)
    assert (taken.status, taken.amount_received) == ("succeeded", 10)


async def _refund(client: stripe.StripeClient, paid: str, key: str = "key") -> stripe.Refund:
    return await client.v1.refunds.create_async(
        {"payment_intent": paid, "amount": 1_000}, {"idempotency_key": f"{paid}/{key}"}
    )
