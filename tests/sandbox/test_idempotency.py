"""Keys: one effect each, for a day."""

import asyncio
from datetime import timedelta

import pytest
import stripe

from sandbox import control
from sandbox.control import Behaviour, Operation
from sandbox.serving import Running, running
from tests.sandbox.conftest import client_of


async def test_the_same_key_gives_the_first_answer(
    client: stripe.StripeClient, server: Running, paid: str
) -> None:
    first = await _refund(client, paid)
    await control.fail_later(server.cards, first.id, "declined")
    again = await _refund(client, paid)
    assert again == first
    assert again.last_response
    assert again.last_response.headers["idempotent-replayed"] == "true"
    assert len(await control.refunds_of(server.cards, paid)) == 1


async def test_the_same_key_with_other_parameters_is_an_error(
    client: stripe.StripeClient, server: Running, paid: str
) -> None:
    await _refund(client, paid)
    with pytest.raises(stripe.IdempotencyError) as other:
        await _refund(client, paid, amount=1_001)
    assert other.value.http_status == 400
    with pytest.raises(stripe.IdempotencyError):
        await client.v1.payment_intents.cancel_async(paid, {}, _key(paid))
    assert len(await control.refunds_of(server.cards, paid)) == 1


async def test_ten_at_once_with_one_key_make_one_refund(
    client: stripe.StripeClient, server: Running, paid: str
) -> None:
    async with server.cards.pool.acquire() as other, other.transaction():
        await other.execute("SELECT FROM sandbox.payments WHERE ref = $1 FOR UPDATE", paid)
        asked = [asyncio.create_task(_refund(client, paid)) for _ in range(10)]
        done, (last,) = await _all_but_one(asked)
    refused = [task.exception() for task in done]
    assert {type(no) for no in refused} == {stripe.APIError}
    for no in refused:
        assert isinstance(no, stripe.StripeError)
        assert no.error
        assert (no.http_status, no.error.code) == (409, "idempotency_key_in_use")
    made = await last
    assert [one.id for one in await control.refunds_of(server.cards, paid)] == [made.id]


async def test_two_sandboxes_on_one_database_make_one_refund(
    client: stripe.StripeClient, server: Running, paid: str, sandbox_database: str
) -> None:
    async with running(sandbox_database) as second:
        clients = [client, client_of(second.address)] * 4
        made = await asyncio.gather(
            *(_refund(client, paid) for client in clients), return_exceptions=True
        )
    assert any(isinstance(one, stripe.Refund) for one in made)
    assert len(await control.refunds_of(server.cards, paid)) == 1


async def test_a_no_is_kept_under_its_key(
    client: stripe.StripeClient, server: Running, paid: str
) -> None:
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError):
            await _refund(client, paid, amount=10_001)
        await server.cards.register(paid, 20_000, "EUR")
    assert (await _refund(client, paid, key="other", amount=10_001)).amount == 10_001


async def test_what_made_no_sense_leaves_the_key_free(
    client: stripe.StripeClient, paid: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        await _refund(client, paid, amount=-1)
    assert (await _refund(client, paid)).status == "succeeded"


@pytest.mark.parametrize("behaviour", [Behaviour.RATE_LIMITED, Behaviour.CONFLICT])
async def test_a_call_that_was_turned_away_leaves_the_key_free(
    client: stripe.StripeClient, server: Running, paid: str, behaviour: Behaviour
) -> None:
    await control.script(server.cards, behaviour, ref=paid)
    with pytest.raises(stripe.StripeError) as turned_away:
        await _refund(client, paid)
    assert turned_away.value.http_status in (409, 429)
    assert (await _refund(client, paid)).status == "succeeded"


@pytest.mark.parametrize(
    ("behaviour", "made"), [(Behaviour.SERVER_ERROR, 0), (Behaviour.SERVER_ERROR_AFTER, 1)]
)
async def test_a_broken_answer_is_replayed_whether_it_was_done_or_not(
    client: stripe.StripeClient, server: Running, paid: str, behaviour: Behaviour, made: int
) -> None:
    await control.script(server.cards, behaviour, ref=paid)
    for _ in range(2):
        with pytest.raises(stripe.APIError) as broken:
            await _refund(client, paid)
        assert broken.value.http_status == 500
    assert len(await control.refunds_of(server.cards, paid)) == made
    operations = [call.behaviour for call in await control.calls(server.cards, paid)]
    assert operations == [behaviour, None]


async def test_a_key_is_forgotten_after_a_day(
    client: stripe.StripeClient, own: Running, paid: str
) -> None:
    first = await _refund(client, paid)
    await control.advance(own.cards, timedelta(hours=23, minutes=59))
    assert (await _refund(client, paid)).id == first.id
    await control.advance(own.cards, timedelta(minutes=1))
    second = await _refund(client, paid)
    assert second.id != first.id
    assert len(await control.calls(own.cards, paid, Operation.CREATE)) == 3


async def _all_but_one(
    asked: list[asyncio.Task[stripe.Refund]],
) -> tuple[list[asyncio.Task[stripe.Refund]], list[asyncio.Task[stripe.Refund]]]:
    """Those that are answered while the last is still at work, and that one."""
    async with asyncio.timeout(10):
        while sum(not task.done() for task in asked) > 1:
            await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED, timeout=0.05)
    return [task for task in asked if task.done()], [task for task in asked if not task.done()]


def _key(paid: str, key: str = "key") -> stripe.RequestOptions:
    return {"idempotency_key": f"{paid}/{key}"}


async def _refund(
    client: stripe.StripeClient, paid: str, key: str = "key", amount: int = 1_000
) -> stripe.Refund:
    asked: stripe.params.RefundCreateParams = {"payment_intent": paid, "amount": amount}
    return await client.v1.refunds.create_async(asked, _key(paid, key))
