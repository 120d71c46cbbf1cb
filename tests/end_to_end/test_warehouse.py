"""A warehouse is asked over HTTP: yes, no, silence, late and repeated answers, lost replies."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Any

import httpx
import pytest

from api.app import make_app
from domain.errors import AlreadyAnswered
from domain.subjects import SubjectRef
from domain.warehouses import StopAnswer
from providers.http_warehouse import read_answer
from tests.end_to_end.conftest import DESK, Business
from tests.end_to_end.warehouse import SECRET, Peer, warehouse
from use_cases import policies, replies, status
from use_cases import warehouse as answers
from use_cases.views import CancellationView, Status


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    async with warehouse() as peer:
        yield peer


@pytest.fixture
def more_settings(peer: Peer) -> dict[str, Any]:
    return {"warehouse_url": peer.url, "warehouse_secret": SECRET}


async def packed(business: Business, **terms: Any) -> SubjectRef:
    """An order that a warehouse has to stop first."""
    document = {"title": "Ask first", "currency": "EUR", "warehouse": {"within": "30m", **terms}}
    await policies.keep_policy(business.context, DESK, "packed", document)
    return await business.order("packed")


async def asked(peer: Peer, times: int = 1) -> None:
    async with asyncio.timeout(20):
        while len(peer.heard) < times:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def told(business: Business, done: CancellationView) -> list[str]:
    return [event.type for event in await status.events_of(business.context, done.id)]


async def untouched(business: Business) -> bool:
    assert (await business.on_hand("mug"), await business.on_hand("tea")) == (10, 10)
    return await business.is_sound()


async def test_a_warehouse_that_stops_lets_the_cancellation_go_on(
    business: Business, peer: Peer
) -> None:
    peer.answer = "stopped"
    done = await business.ended(await business.cancel(await packed(business)))
    assert done.state is Status.CANCELLED
    (question,) = peer.heard
    assert question["key"] == str(done.id)
    assert [(line["sku"], line["quantity"]) for line in question["lines"]] == [
        ("mug", 1),
        ("tea", 2),
        ("tin", 1),
    ]
    assert "warehouse_stopped" in await told(business, done)
    assert await business.is_sound()


async def test_its_no_means_overtaken_and_nothing_was_touched(
    business: Business, peer: Peer
) -> None:
    peer.answer = "refused"
    order = await packed(business)
    done = await business.ended(await business.cancel(order))
    assert (done.state, done.cause, done.refunds) == (Status.DECLINED, "overtaken", ())
    assert await told(business, done) == [
        *("cancellation_requested", "warehouse_asked", "warehouse_refused"),
        *("warehouse_withdrawn", "cancellation_declined"),
    ]
    assert await untouched(business)


@pytest.mark.slow
async def test_a_reply_that_was_lost_is_asked_for_again_and_counts_once(
    business: Business, peer: Peer
) -> None:
    peer.answer, peer.statuses = "stopped", [502]
    done = await business.ended(await business.cancel(await packed(business)))
    assert done.state is Status.CANCELLED
    assert len(peer.heard) == 2
    assert peer.heard[0] == peer.heard[1]
    assert (await told(business, done)).count("warehouse_asked") == 1
    assert await business.is_sound()


async def test_an_answer_by_itself_is_signed_and_the_first_one_counts(
    business: Business, peer: Peer
) -> None:
    context = replace(business.context, read_stop_answer=partial(read_answer, SECRET))
    transport = httpx.ASGITransport(make_app(context))
    asking = await business.cancel(await packed(business))
    await asked(peer)
    async with httpx.AsyncClient(transport=transport, base_url="http://rescind") as client:

        async def post(answer: str, **headers: str) -> int:
            signature, body = peer.signed(str(asking.id), answer)
            sent = await client.post(
                "/v1/warehouse/answers", content=body, headers={**signature, **headers}
            )
            return sent.status_code

        assert await post("stopped", **{"webhook-signature": "v1,bm8="}) == 400
        assert [await post("stopped"), await post("stopped"), await post("refused")] == [
            *(200, 200, 409)
        ]
        done = await business.ended(asking)
        assert done.state is Status.CANCELLED
        assert [await post("stopped"), await post("refused")] == [200, 409]
    assert (await told(business, done)).count("warehouse_stopped") == 1
    assert await business.is_sound()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("if_silent", "state"), [("stop", Status.CANCELLED), ("refuse", Status.DECLINED)]
)
async def test_after_its_time_silence_counts_and_a_late_answer_does_not(
    business: Business, peer: Peer, if_silent: str, state: Status
) -> None:
    asking = await business.cancel(await packed(business, within="1s", if_silent=if_silent))
    done = await business.ended(asking)
    assert done.state is state
    late = StopAnswer.REFUSED if state is Status.CANCELLED else StopAnswer.STOPPED
    with pytest.raises(AlreadyAnswered):
        await answers.answer(business.context, DESK, done.id, late)
    assert peer.kinds == (["stop"] if state is Status.CANCELLED else ["stop", "withdraw"])
    assert await business.is_sound()


async def test_taken_back_meanwhile_lets_it_go_on_also_when_that_has_to_be_repeated(
    business: Business, peer: Peer
) -> None:
    asking = await business.cancel(await packed(business))
    await asked(peer)
    peer.statuses = [503]
    await replies.undo(business.context, DESK, asking.id)
    done = await business.ended(asking)
    assert done.state is Status.UNDONE
    assert peer.kinds == ["stop", "withdraw", "withdraw"]
    assert await untouched(business)
