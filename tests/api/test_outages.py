"""What a caller hears when Temporal is away, nobody decides, or a run was killed."""

import asyncio
import time
from contextlib import suppress
from datetime import timedelta
from uuid import UUID, uuid4

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.sweeps import Sweeps
from domain.contracts import Batch
from domain.subjects import SubjectRef
from storage import requests
from storage.requests import RequestRow, RequestState
from tests.api.conftest import Shop, nowhere
from tests.api.test_cancellations import ASK, a_body, ask, count, until
from use_cases.actors import Scope
from use_cases.runs import Runs
from worker import make_worker


class Wire:
    """A connection to Temporal that can be cut."""

    def __init__(self, host: str, port: int) -> None:
        self._there = (host, port)
        self._pipes: list[asyncio.Task[None]] = []
        self._writers: list[asyncio.StreamWriter] = []

    async def lay(self) -> str:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return f"127.0.0.1:{port}"

    def cut(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward, back = await asyncio.open_connection(*self._there)
        self._writers += [writer, back]
        self._pipes += [
            asyncio.create_task(_pipe(reader, back)),
            asyncio.create_task(_pipe(onward, writer)),
        ]


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()


async def _is_refused_and_free_again(live: Shop, order: SubjectRef) -> None:
    caller = await live.as_key(*ASK)
    answer = await ask(caller, a_body(order), "k1")
    assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")
    async with live.context.sessions() as session:
        assert await requests.open_since(session, live.context.clock(), 10) == []
    live.reach(live.context.runs)
    again = await ask(caller, a_body(order), "k1")
    assert again.json()["outcome"] == "accepted"
    assert await count(live, RequestRow) == 2


async def test_without_temporal_nothing_happens_and_the_key_is_free_again(live: Shop) -> None:
    order = await live.order()
    live.reach(Runs(nowhere, "none"))
    await _is_refused_and_free_again(live, order)


async def test_a_temporal_that_went_away_is_noticed_in_a_second_or_two(
    live: Shop, temporal: Client, task_queue: str
) -> None:
    order = await live.order()
    host, port = temporal.service_client.config.target_host.rsplit(":", 1)
    wire = Wire(host, int(port))
    address = await wire.lay()

    async def connect() -> Client:
        return await Client.connect(address, data_converter=pydantic_data_converter)

    runs = Runs(connect, task_queue, timedelta(seconds=20))
    assert await runs.is_up()
    wire.cut()
    live.reach(runs)
    began = time.monotonic()
    await _is_refused_and_free_again(live, order)
    assert time.monotonic() - began < 10


async def test_nobody_in_time_means_received_and_decided_later(
    live: Shop, temporal: Client
) -> None:
    order = await live.order()
    caller = await live.as_key(*ASK)
    queue = f"late-{uuid4().hex}"

    async def connect() -> Client:
        return temporal

    live.reach(Runs(connect, queue, timedelta(seconds=1.5)))
    answer = await ask(caller, a_body(order), "k1")
    told = answer.json()
    assert (answer.status_code, told["state"], told["outcome"]) == (202, "received", None)
    assert answer.headers["location"] == told["links"]["self"]
    async with make_worker(temporal, queue, live.steps):
        again = await ask(caller, a_body(order), "k1")
        assert again.json()["id"] == told["id"]
        assert again.json()["outcome"] == "accepted"
        await until(caller, told["links"]["self"], "cancelled")


async def test_a_request_closed_by_503_is_not_carried_out_by_a_late_start(
    live: Shop, temporal: Client
) -> None:
    order = await live.order()
    caller = await live.as_key(*ASK)
    queue = f"late-{uuid4().hex}"

    async def connect() -> Client:
        return temporal

    live.reach(Runs(connect, queue, timedelta(seconds=0.2)))
    told = (await ask(caller, a_body(order))).json()
    async with live.context.sessions.begin() as session:
        assert await requests.close(session, UUID(told["id"]))
    async with make_worker(temporal, queue, live.steps):
        seen = await until(caller, told["links"]["self"], "declined")
    assert (seen["state"], seen["cause"]) == ("declined", "request_closed")
    subject = (await caller.get(f"/v1/orders/{order.id}")).json()
    assert subject["state"] == "none"


async def test_a_killed_run_is_told_flagged_and_resumed(live: Shop, temporal: Client) -> None:
    order = await live.order("asks")
    caller = await live.as_key(*ASK)
    staff = await live.as_key(Scope.DECIDE, Scope.RESOLVE)
    told = (await ask(caller, a_body(order))).json()
    here = told["links"]["self"]
    await temporal.get_workflow_handle(told["workflow_id"]).terminate("a test")

    for body in (a_body(order), a_body(order, lines=[{"id": "2"}])):
        answer = await ask(caller, body)
        assert (answer.status_code, answer.json()["code"]) == (409, "needs_attention")
    yes = await staff.post(f"{here}/approve")
    assert (yes.status_code, yes.json()["code"]) == (409, "needs_attention")

    sweeps = Sweeps(live.context.sessions, temporal, "none")
    later = live.context.clock() + timedelta(minutes=2)
    assert (await sweeps.flag_stranded(Batch(at=later))).handled == 1
    seen = (await caller.get(here)).json()
    assert seen["state"] == "needs_attention"
    assert seen["attention"] == [
        {
            "step": "run",
            "failure": "run_closed",
            "choices": ["retry"],
            "refund_id": None,
            "card_hold_id": None,
        }
    ]
    wrong = await staff.post(f"{here}/resolve", json={"step": "refund", "choice": "retry"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_request")
    wrong = await staff.post(f"{here}/resolve", json={"step": "run", "choice": "skip"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "choice_not_allowed")
    wrong = await staff.post(f"{here}/resolve", json={"step": "restock", "choice": "retry"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "choice_not_allowed")
    answer = await staff.post(f"{here}/resolve", json={"step": "run", "choice": "retry"})
    assert answer.status_code in (200, 202)
    restored = await until(caller, here, "restored")
    assert restored["attention"] == []
    events = (await caller.get(f"{here}/events")).json()
    assert "resolution_chosen" in [event["type"] for event in events]
    again = await ask(caller, a_body(order))
    assert again.json()["outcome"] == "needs_approval"


async def test_an_open_request_without_a_run_is_read_as_received(live: Shop) -> None:
    order = await live.order()
    caller = await live.as_key(*ASK)
    queue = f"never-{uuid4().hex}"
    runs = live.context.runs
    live.reach(Runs(runs._connect, queue, timedelta(seconds=0.1)))
    told = (await ask(caller, a_body(order))).json()
    seen = (await caller.get(told["links"]["self"])).json()
    assert (seen["state"], seen["decision"], seen["workflow_id"]) == ("received", None, None)
    async with live.context.sessions() as session:
        row = await requests.find(session, UUID(told["id"]))
        assert row is not None
        assert row.state is RequestState.OPEN
