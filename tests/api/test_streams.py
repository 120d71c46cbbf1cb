"""Live streams over real HTTP, on a real database."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.requests import Initiator, Request
from domain.subjects import SubjectRef
from runtime import ports
from storage import events, keys, requests, subjects
from storage.listening import NAME
from storage.requests import RequestRow, RequestState
from tests.api.conftest import Shop
from tests.api.streaming import PATIENCE, Served, Told, following, served
from tests.api.test_cancellations import ASK, a_body, ask, until
from use_cases.actors import Scope


@pytest.fixture
async def stand(shop: Shop, database: str) -> AsyncIterator[Served]:
    async with served(shop.context, database) as stand:
        yield stand


async def happen(shop: Shop, order: SubjectRef, count: int = 1) -> None:
    """Record this many events of an order in one transaction."""
    async with shop.context.sessions.begin() as session:
        row = await subjects.get(session, order)
        for _ in range(count):
            await events.record(session, row.id, "changed", shop.context.clock())


def link_of(order: SubjectRef) -> str:
    return f"/v1/orders/{order.id}"


def ids(told: list[Told]) -> list[int]:
    return [int(one.id or 0) for one in told]


async def test_a_stream_begins_with_the_whole_and_goes_on_with_what_happens(
    shop: Shop, stand: Served
) -> None:
    order = await shop.order()
    client = await stand.client(Scope.READ)
    now = (await client.get(link_of(order))).json()
    async with following(client, link_of(order)) as stream:
        assert stream.answer.headers["content-type"].startswith("text/event-stream")
        assert stream.answer.headers["cache-control"] == "no-cache, no-transform"
        assert stream.answer.headers["x-accel-buffering"] == "no"
        assert await stream.next() == Told("snapshot", "1", now)
        for sequence in (2, 3, 4):
            await happen(shop, order)
            told = await stream.next()
            assert (told.name, told.id) == ("changed", str(sequence))
            listed = (await client.get(f"{link_of(order)}/events")).json()
            assert told.data == listed[-1]


async def test_events_of_one_transaction_come_one_by_one(shop: Shop, stand: Served) -> None:
    order = await shop.order()
    client = await stand.client(Scope.READ)
    async with following(client, link_of(order)) as stream:
        await stream.next()
        await happen(shop, order, 100)
        assert ids([await stream.next() for _ in range(100)]) == list(range(2, 102))


async def test_a_client_that_comes_back_gets_what_it_missed(shop: Shop, stand: Served) -> None:
    order = await shop.order()
    client = await stand.client(Scope.READ)
    await happen(shop, order, 3)
    async with following(client, link_of(order), last=2) as stream:
        whole = await stream.next()
        assert (whole.name, whole.id) == ("snapshot", "2")
        assert len(whole.data["history"]) == 4
        assert ids([await stream.next() for _ in range(2)]) == [3, 4]
        await happen(shop, order)
        assert ids([await stream.next()]) == [5]


async def test_a_place_that_was_never_reached_means_the_newest(shop: Shop, stand: Served) -> None:
    order = await shop.order()
    client = await stand.client(Scope.READ)
    async with following(client, link_of(order), last=99) as stream:
        assert ids([await stream.next()]) == [1]
        await happen(shop, order)
        assert ids([await stream.next()]) == [2]


async def test_nobody_follows_what_is_not_there_or_not_allowed(shop: Shop, stand: Served) -> None:
    link = f"{link_of(await shop.order())}/stream"
    reader = await stand.client(Scope.READ)
    for client, path, headers, wanted in (
        (reader, "/v1/orders/none/stream", {}, (404, "subject_not_found")),
        (reader, "/v1/appointments/none/stream", {}, (404, "subject_not_found")),
        (reader, f"/v1/cancellations/{uuid4()}/stream", {}, (404, "cancellation_not_found")),
        (reader, link, {"Last-Event-ID": "x"}, (422, "invalid_request")),
        (await stand.client(Scope.RECORDS), link, {}, (403, "not_allowed")),
        (await stand.anonymous(), link, {}, (401, "unauthenticated")),
    ):
        answer = await client.get(path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == wanted
        assert answer.headers["content-type"] == "application/problem+json"
    assert stand.streams.open == 0


async def test_a_quiet_stream_says_that_it_lives(shop: Shop, database: str) -> None:
    order = await shop.order()
    async with served(shop.context, database, heartbeat=timedelta(seconds=0.05)) as stand:
        client = await stand.client(Scope.READ)
        async with following(client, link_of(order)) as stream:
            await stream.next()
            assert [await stream.line() for _ in range(4)] == [": ping", "", ": ping", ""]


async def test_a_lost_connection_for_news_loses_no_event(shop: Shop, stand: Served) -> None:
    order = await shop.order()
    client = await stand.client(Scope.READ)
    async with following(client, link_of(order)) as stream:
        await stream.next()
        for _ in range(3):
            assert await _cut_the_news(shop) == 1
            await happen(shop, order, 2)
            await asyncio.sleep(0.05)
            await happen(shop, order)
        assert ids([await stream.next() for _ in range(9)]) == list(range(2, 11))


async def _cut_the_news(shop: Shop) -> int:
    """End the connection that listens, once there is one."""
    end = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = :name AND datname = current_database()"
    )
    async with asyncio.timeout(PATIENCE):
        while True:
            async with shop.context.sessions() as session:
                if ended := (await session.scalars(end, {"name": NAME})).all():
                    return len(ended)
            await asyncio.sleep(0.05)


async def test_events_that_nothing_announces_are_found(shop: Shop, database: str) -> None:
    order = await shop.order()
    look_every = timedelta(seconds=0.1)
    async with served(shop.context, database, look_every=look_every) as stand:
        client = await stand.client(Scope.READ)
        async with shop.context.sessions.begin() as session:
            await session.execute(text("ALTER TABLE events DISABLE TRIGGER tell_of_event"))
        async with following(client, link_of(order)) as stream:
            await stream.next()
            await happen(shop, order)
            assert ids([await stream.next()]) == [2]


async def test_a_first_event_is_announced_to_nobody(shop: Shop, database: str) -> None:
    heard: list[str] = []
    listener = await asyncpg.connect(database)
    await listener.add_listener("rescind_events", lambda *told: heard.append(told[-1]))
    order = await shop.order()
    await happen(shop, order)
    async with asyncio.timeout(PATIENCE):
        while not heard:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await listener.close()
    async with shop.context.sessions() as session:
        assert heard == [f"{(await subjects.get(session, order)).id} 2"]


async def test_a_reader_far_behind_is_told_so_and_comes_back(shop: Shop, database: str) -> None:
    order = await shop.order()
    async with served(shop.context, database, pending=3) as stand:
        client = await stand.client(Scope.READ)
        async with following(client, link_of(order)) as stream:
            await stream.next()
            await happen(shop, order, 5)
            assert [one.name for one in await stream.rest()] == ["overflow"]
        async with following(client, link_of(order), last=1) as stream:
            await stream.next()
            assert ids([await stream.next() for _ in range(5)]) == [2, 3, 4, 5, 6]


async def test_a_key_may_have_so_many_streams(shop: Shop, database: str) -> None:
    order = await shop.order()
    async with served(shop.context, database, per_actor=2) as stand:
        client, other = await stand.client(Scope.READ), await stand.client(Scope.READ)
        async with following(client, link_of(order)), following(client, link_of(order)):
            answer = await client.get(f"{link_of(order)}/stream")
            assert (answer.status_code, answer.json()["code"]) == (429, "too_many_streams")
            assert answer.headers["retry-after"] == "5"
            async with following(other, link_of(order)) as stream:
                assert (await stream.next()).name == "snapshot"
        await _until_free(stand)
        async with following(client, link_of(order)) as stream:
            assert (await stream.next()).name == "snapshot"


async def test_idle_streams_hold_no_connection_and_leave_nothing_behind(
    shop: Shop, stand: Served, engine: AsyncEngine
) -> None:
    orders = [await shop.order() for _ in range(3)]
    client = await stand.client(Scope.READ)
    async with AsyncExitStack() as stack:
        links = [link_of(orders[number % 3]) for number in range(30)]
        streams = [await stack.enter_async_context(following(client, link)) for link in links]
        for stream in streams:
            await stream.next()
        assert (stand.streams.open, stand.streams.feed.followed) == (30, 3)
        async with asyncio.timeout(PATIENCE):
            while engine.pool.checkedout():  # type: ignore[attr-defined]  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    await _until_free(stand)


async def _until_free(stand: Served) -> None:
    async with asyncio.timeout(PATIENCE):
        while stand.streams.open or stand.streams.feed.followed:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_revoked_key_loses_its_streams(
    shop: Shop, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.streams._CHECK_EVERY", 0.0)
    monkeypatch.setattr("use_cases.keys._TRUST", 0.0)
    order = await shop.order()
    async with served(shop.context, database, heartbeat=timedelta(seconds=0.1)) as stand:
        client = await stand.client(Scope.READ)
        async with following(client, link_of(order)) as stream:
            await stream.next()
            async with shop.context.sessions.begin() as session:
                await session.execute(text("UPDATE api_keys SET revoked_at = created_at"))
            assert [one.name for one in await stream.rest()] == ["bye"]


async def test_a_cancellation_is_followed_to_its_end(live: Shop, database: str) -> None:
    order = await live.order("asks")
    async with served(live.context, database) as stand:
        client = await stand.client(*ASK, Scope.DECIDE)
        asked = (await ask(client, a_body(order))).json()
        here = asked["links"]["self"]
        async with following(client, here) as stream, following(client, link_of(order)) as whole:
            first = await stream.next()
            assert (first.name, first.data["state"]) == ("snapshot", "awaiting_approval")
            assert first.data == (await client.get(here)).json()
            await client.post(f"{here}/approve")
            await until(client, here, "undo_window")
            await client.post(f"{here}/undo")
            told = await stream.rest()
            assert (await whole.next()).name == "snapshot"
            seen = [await whole.next() for _ in range(2)]
        happened = [one for one in told if one.name not in ("status", "end")]
        listed = (await client.get(f"{here}/events")).json()
        assert [one.data for one in happened] == listed[1:]
        assert [one.id for one in happened] == [str(one["sequence"]) for one in listed[1:]]
        assert seen == happened[:2]
        assert told[-1].name == "end"
        changes = [one for one in told if one.name == "status"]
        assert changes[-1].data == (await client.get(here)).json()
        assert (changes[-1].data["state"], changes[-1].id) == ("undone", None)


async def test_a_cancellation_at_rest_is_told_and_ended_at_once(live: Shop, database: str) -> None:
    order = await live.order()
    async with served(live.context, database) as stand:
        client = await stand.client(*ASK)
        here = (await ask(client, a_body(order))).json()["links"]["self"]
        async with following(client, here) as stream:
            told = await stream.rest()
        assert told[-1].name == "end"
        states = [one.data for one in told if one.name in ("snapshot", "status")]
        assert (states[-1]["state"], states[-1]["money"]) == ("cancelled", "settled")
        async with following(client, here) as stream:
            assert [one.name for one in await stream.rest()] == ["snapshot", "end"]
        async with following(client, here, last=1) as stream:
            again = await stream.rest()
        listed = (await client.get(f"{here}/events")).json()
        assert [one.data for one in again[1:-1]] == listed


async def test_a_request_that_joins_another_says_so_without_an_event(
    shop: Shop, stand: Served
) -> None:
    request_id = await _a_request(shop, await shop.order())
    client = await stand.client(Scope.READ)
    async with following(client, f"/v1/cancellations/{request_id}") as stream:
        assert (await stream.next()).data["state"] == "received"
        async with shop.context.sessions.begin() as session:
            other = await _a_request(shop, await shop.order())
            await requests.settle(session, request_id, RequestState.JOINED, joined_id=other)
        told = await stream.rest()
        assert [one.name for one in told] == ["status", "end"]
        assert told[0].data["joined_id"] == str(other)


async def _a_request(shop: Shop, order: SubjectRef) -> UUID:
    """A request that no run has decided yet."""
    now = shop.context.clock()
    body: dict[str, Any] = {
        "lines": [{"id": "1", "quantity": 1}],
        "initiator": Initiator.CUSTOMER,
        "requested_at": now,
    }
    async with shop.context.sessions.begin() as session:
        row = RequestRow(
            id=uuid4(),
            subject_id=(await subjects.get(session, order)).id,
            body=Request.model_validate(body).model_dump(mode="json"),
            body_hash="",
            actor="test",
            asker="test",
            requested_at=now,
            received_at=now,
        )
        session.add(row)
    return row.id


async def test_the_api_stops_at_once_with_streams_open(shop: Shop, database: str) -> None:
    order = await shop.order()
    secret = keys.new_secret()
    async with shop.context.sessions.begin() as session:
        await keys.keep(session, "test", secret, [Scope.READ], shop.context.clock())
    port = ports.any_free()[0]
    process = _start_api(database, port)
    try:
        headers = {"Authorization": f"Bearer {secret}"}
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=PATIENCE
        ) as client:
            await _until_up(client)
            async with (
                following(client, link_of(order)) as first,
                following(client, link_of(order)) as second,
            ):
                await first.next()
                await second.next()
                process.send_signal(signal.SIGTERM)
                assert [one.name for one in await first.rest()] == ["bye"]
                assert [one.name for one in await second.rest()] == ["bye"]
                await asyncio.wait_for(asyncio.to_thread(process.wait), 2.5)
    finally:
        process.kill()
        process.wait()


def _start_api(database: str, port: int) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "DATABASE_URL": database,
        "TEMPORAL_ADDRESS": "127.0.0.1:1",
        "RESCIND_PORT": str(port),
    }
    root = Path(__file__).parent.parent.parent
    command = [sys.executable, "-m", "runtime.cli", "api"]
    return subprocess.Popen(command, env=environment, cwd=root)


async def _until_up(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                if (await client.get("/health/live")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.1)
