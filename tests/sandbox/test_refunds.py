"""Refunds over the wire: amounts, states, lists."""

import asyncio
from datetime import timedelta

import pytest
import stripe

from sandbox import control
from sandbox.control import Behaviour
from sandbox.errors import CardsRefused
from sandbox.serving import Running


async def test_a_refund_has_what_was_asked_for(client: stripe.StripeClient, paid: str) -> None:
    refund = await client.v1.refunds.create_async(
        {
            "payment_intent": paid,
            "amount": 2_500,
            "reason": "requested_by_customer",
            "metadata": {"refund": "r-1"},
        }
    )
    assert (refund.amount, refund.status, refund.currency) == (2_500, "succeeded", "eur")
    assert (refund.reason, _notes(refund)) == ("requested_by_customer", {"refund": "r-1"})
    assert await client.v1.refunds.retrieve_async(refund.id) == refund
    assert not hasattr(refund, "failure_reason")


async def test_more_than_what_is_left_is_refused(client: stripe.StripeClient, paid: str) -> None:
    await _refund(client, paid, 6_000)
    with pytest.raises(stripe.InvalidRequestError, match="unrefunded amount on charge") as much:
        await _refund(client, paid, 4_001)
    assert (much.value.http_status, much.value.param, much.value.code) == (400, "amount", None)
    assert (await client.v1.refunds.create_async({"payment_intent": paid})).amount == 4_000
    with pytest.raises(stripe.InvalidRequestError) as twice:
        await client.v1.refunds.create_async({"payment_intent": paid})
    assert (twice.value.http_status, twice.value.code) == (400, "charge_already_refunded")


async def test_twenty_refunds_at_once_never_exceed_the_payment(
    client: stripe.StripeClient, server: Running, paid: str
) -> None:
    results = await asyncio.gather(
        *(_refund(client, paid, 1_500) for _ in range(20)), return_exceptions=True
    )
    made = [one for one in results if isinstance(one, stripe.Refund)]
    refused = [one for one in results if isinstance(one, stripe.InvalidRequestError)]
    assert (len(made), len(refused)) == (6, 14)
    payment = await control.payment(server.cards, paid)
    assert payment is not None
    assert payment.refunded == 9_000


@pytest.mark.parametrize(
    ("asked", "code", "param"),
    [
        ({"amount": 100}, "parameter_missing", "payment_intent"),
        ({"payment_intent": "pi_x", "amount": 0}, "parameter_invalid_integer", "amount"),
        ({"payment_intent": "pi_x", "amount": "x"}, "parameter_invalid_integer", "amount"),
        ({"payment_intent": "pi_x", "sum": 1}, "parameter_unknown", "sum"),
        ({"payment_intent": "pi_x", "reason": "rain"}, None, "reason"),
        ({"payment_intent": "pi_x"}, "resource_missing", "payment_intent"),
        ({"charge": "ch_x"}, "resource_missing", "charge"),
    ],
)
async def test_a_refund_that_makes_no_sense_is_refused(
    client: stripe.StripeClient, asked: stripe.params.RefundCreateParams, code: str, param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.refunds.create_async(asked)
    assert (refused.value.code, refused.value.param) == (code, param)


async def test_a_refund_waits_and_says_for_what_and_succeeds_by_itself(
    client: stripe.StripeClient, own: Running, paid: str
) -> None:
    await control.script(
        own.cards, Behaviour.ACCEPTS_PENDING, ref=paid, seconds=60, failure="insufficient_funds"
    )
    refund = await _refund(client, paid, 6_000)
    assert (refund.status, refund.pending_reason) == ("pending", "insufficient_funds")
    with pytest.raises(stripe.InvalidRequestError):
        await _refund(client, paid, 4_001)
    await control.wait_later(own.cards, refund.id, "processing")
    assert (await _get(client, refund)).pending_reason == "processing"
    await control.advance(own.cards, timedelta(seconds=60))
    assert (await _get(client, refund)).status == "succeeded"


async def test_a_succeeded_refund_fails_later_and_its_money_can_be_refunded_again(
    client: stripe.StripeClient, server: Running, paid: str
) -> None:
    refund = await _refund(client, paid, 10_000)
    await control.fail_later(server.cards, refund.id, "lost_or_stolen_card")
    failed = await _get(client, refund)
    assert (failed.status, failed.failure_reason) == ("failed", "lost_or_stolen_card")
    assert failed.failure_balance_transaction
    assert (await _refund(client, paid, 10_000)).status == "succeeded"
    with pytest.raises(CardsRefused, match="state_final"):
        await control.succeed_later(server.cards, refund.id)
    with pytest.raises(CardsRefused, match="refund_unknown"):
        await control.succeed_later(server.cards, "re_0")


async def test_a_due_failure_gives_the_money_back_once_however_many_look(
    client: stripe.StripeClient, own: Running, paid: str
) -> None:
    refund = await _refund(client, paid, 4_000)
    await _refund(client, paid, 4_000)
    await control.fail_later(own.cards, refund.id, "declined", after=timedelta(days=3))
    async with own.cards.pool.acquire() as other, other.transaction():
        await other.execute("SELECT FROM sandbox.payments WHERE ref = $1 FOR UPDATE", paid)
        await control.advance(own.cards, timedelta(days=3))
        looks = [asyncio.create_task(_get(client, refund)) for _ in range(5)]
        await asyncio.sleep(0.3)
    assert {look.status for look in await asyncio.gather(*looks)} == {"failed"}
    payment = await control.payment(own.cards, paid)
    assert payment is not None
    assert payment.refunded == 4_000


async def test_only_a_refund_that_waits_for_the_customer_can_be_called_back(
    client: stripe.StripeClient, server: Running, paid: str
) -> None:
    await control.script(server.cards, Behaviour.REQUIRES_ACTION, ref=paid)
    refund = await _refund(client, paid, 10_000)
    assert refund.status == "requires_action"
    assert refund.next_action
    assert refund.next_action.display_details
    assert refund.next_action.display_details.email_sent.email_sent_to
    assert (await client.v1.refunds.cancel_async(refund.id)).status == "canceled"
    await control.script(server.cards, Behaviour.REQUIRES_ACTION, ref=paid)
    by_hand = await _refund(client, paid, 10_000)
    await control.cancel_later(server.cards, by_hand.id)
    assert (await _get(client, by_hand)).status == "canceled"
    again = await _refund(client, paid, 10_000)
    with pytest.raises(stripe.InvalidRequestError, match="status of succeeded"):
        await client.v1.refunds.cancel_async(again.id)


async def test_a_refund_that_failed_at_once_moved_no_money(
    client: stripe.StripeClient, server: Running, paid: str
) -> None:
    await control.script(server.cards, Behaviour.FAILS, ref=paid, failure="insufficient_funds")
    refund = await _refund(client, paid, 10_000)
    assert (refund.status, refund.failure_reason) == ("failed", "insufficient_funds")
    payment = await control.payment(server.cards, paid)
    assert payment is not None
    assert payment.refunded == 0


@pytest.mark.parametrize(
    ("card", "at_first", "later"),
    [
        ("pm_card_pendingRefund", "pending", "succeeded"),
        ("pm_card_refundFail", "succeeded", "failed"),
    ],
)
async def test_stripes_test_cards_do_as_they_do_there(
    client: stripe.StripeClient, own: Running, card: str, at_first: str, later: str
) -> None:
    paid = await client.v1.payment_intents.create_async(
        {"amount": 900, "currency": "kwd", "confirm": True, "payment_method": card}
    )
    refund = await _refund(client, paid.id, 900)
    assert refund.status == at_first
    await control.advance(own.cards, timedelta(seconds=1))
    assert (await _get(client, refund)).status == later


async def test_a_transfer_is_taken_back_only_where_there_is_one(
    client: stripe.StripeClient, paid: str
) -> None:
    shared = await client.v1.payment_intents.create_async(
        {
            "amount": 900,
            "currency": "eur",
            "confirm": True,
            "payment_method": "pm_card_visa",
            "transfer_data": {"destination": "acct_1"},
        }
    )
    refund = await client.v1.refunds.create_async(
        {"payment_intent": shared.id, "reverse_transfer": True, "refund_application_fee": True}
    )
    assert refund.transfer_reversal
    with pytest.raises(stripe.InvalidRequestError, match="associated transfer"):
        await client.v1.refunds.create_async({"payment_intent": paid, "reverse_transfer": True})


async def test_notes_on_a_refund_are_changed_one_by_one(
    client: stripe.StripeClient, paid: str
) -> None:
    refund = await client.v1.refunds.create_async(
        {"payment_intent": paid, "metadata": {"a": "1", "b": "2"}}
    )
    noted = await client.v1.refunds.update_async(refund.id, {"metadata": {"b": "", "c": "3"}})
    assert _notes(noted) == {"a": "1", "c": "3"}
    assert _notes(await client.v1.refunds.update_async(refund.id, {"metadata": ""})) == {}


async def test_refunds_are_listed_by_payment_by_charge_and_by_time(
    client: stripe.StripeClient, own: Running, paid: str
) -> None:
    first = await _refund(client, paid, 100)
    await control.advance(own.cards, timedelta(hours=1))
    second = await _refund(client, paid, 200)
    both = [second.id, first.id]
    for where in ({"payment_intent": paid}, {"charge": f"ch_{paid}"}):
        listed = await client.v1.refunds.list_async(where)  # type: ignore[arg-type]
        assert [one.id for one in listed.data] == both
    for bound, found in (
        ({"gte": second.created}, both[:1]),
        ({"gt": second.created}, []),
        ({"gte": first.created, "lt": second.created}, both[1:]),
        ({"gte": first.created, "lte": second.created}, both),
    ):
        asked: stripe.params.RefundListParams = {"payment_intent": paid, "created": bound}  # type: ignore[typeddict-item]
        listed = await client.v1.refunds.list_async(asked)
        assert [one.id for one in listed.data] == found


async def test_the_sdk_leafs_through_all_pages(client: stripe.StripeClient, paid: str) -> None:
    made = [(await _refund(client, paid, 10)).id for _ in range(5)]
    page = await client.v1.refunds.list_async({"payment_intent": paid, "limit": 2})
    assert [one.id async for one in page.auto_paging_iter()] == made[::-1]


async def _refund(client: stripe.StripeClient, paid: str, amount: int) -> stripe.Refund:
    return await client.v1.refunds.create_async({"payment_intent": paid, "amount": amount})


async def _get(client: stripe.StripeClient, refund: stripe.Refund) -> stripe.Refund:
    return await client.v1.refunds.retrieve_async(refund.id)


def _notes(refund: stripe.Refund) -> dict[str, str] | None:
    return refund.metadata.to_dict() if refund.metadata is not None else None
