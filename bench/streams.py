"""500 live streams on one API process: memory, time from commit to receipt, time to stop.

`python -m bench.streams` starts a Rescind of its own on an empty folder. Half of the streams follow
orders, half the cancellations of these orders, which wait for approval.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

import httpx
import psutil
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bench.followers import Follower, gaps
from bench.installed import Installed, installed
from bench.measure import at_once
from bench.streams_report import Measured, Memory, Phase, keep, text
from domain.subjects import Kind
from runtime import loop
from storage import events, policies, requests
from storage.cancellations import CancellationRow
from storage.database import make_engine, make_sessions

ORDERS = 250
PACED, PACE = 1_000, 100.0
BURST, WRITERS = 2_000, 8

Sessions = async_sessionmaker[AsyncSession]
Told = tuple[str, int, float]
"""An order's id, a place in its sequence, and when the commit began, on our own clock."""


class Ends(Protocol):
    """Follows a stream until that ends."""

    async def ended(self) -> None: ...


@dataclass(frozen=True)
class Pair:
    """An order, its row, and its cancellation."""

    order: str
    subject: UUID
    cancellation: UUID


async def main() -> None:
    async with installed() as rescind:
        engine = make_engine(rescind.database)
        sessions = make_sessions(engine)
        async with httpx.AsyncClient(
            base_url=rescind.api, headers={"Authorization": f"Bearer {rescind.key}"}, timeout=60
        ) as client:
            pairs = await cancellations(client, sessions, ORDERS)
        api = process_of(rescind)
        before, began = memory(api), time.perf_counter()
        followers = await _open(rescind, pairs)
        opening = time.perf_counter() - began
        await asyncio.sleep(2)
        during, took = memory(api), busy(api)
        phases = [
            await _phase("steady", sessions, pairs, followers, PACED, PACE),
            await _phase("burst", sessions, pairs, followers, BURST, None),
        ]
        after, took = memory(api), busy(api) - took
        await engine.dispose()
        ended = await stop(api, followers)
    measured = Measured(followers, opening, phases, (before, during, after), took, ended)
    print(text(measured))
    keep(measured)


async def cancellations(client: httpx.AsyncClient, sessions: Sessions, count: int) -> list[Pair]:
    """Orders, each with a cancellation that waits for approval."""
    async with sessions.begin() as session:
        document: dict[str, object] = {"id": "ask", "title": "Ask", "approval": {"within": "48h"}}
        at = datetime.now(UTC) - timedelta(days=1)
        await policies.keep(
            session, "ask", document, [Kind.ORDER], is_default=False, at=at, actor="bench"
        )

    async def ask(number: int) -> Pair:
        order = f"live-{number}"
        report = {
            "stage": "open",
            "policy": {"id": "ask"},
            "customer": {"ref": order},
            "currency": "EUR",
            "lines": [{"id": "1", "sku": "mug", "unit_price_minor": 1_500}],
            "tenders": [{"method": "gift_card", "captured_minor": 1_500}],
        }
        (await client.put(f"/v1/orders/{order}", json=report)).raise_for_status()
        body = {"subject": {"kind": "order", "id": order}}
        answer = (await client.post("/v1/cancellations", json=body)).raise_for_status().json()
        for _ in range(200):
            if answer["state"] == "awaiting_approval":
                return await _pair(sessions, order, UUID(answer["id"]))
            await asyncio.sleep(0.1)
            answer = (await client.get(answer["links"]["self"])).raise_for_status().json()
        raise SystemExit(f"{order} is still {answer['state']}")

    return await at_once(range(count), 16, ask)


async def _pair(sessions: Sessions, order: str, cancellation: UUID) -> Pair:
    async with sessions() as session:
        return Pair(order, await requests.subject_of(session, cancellation), cancellation)


def process_of(rescind: Installed) -> psutil.Process:
    for child in psutil.Process(rescind.process.pid).children(recursive=True):
        if "api" in child.cmdline():
            return child
    raise SystemExit("there is no API process")


def memory(process: psutil.Process) -> Memory:
    told = process.memory_full_info()
    return Memory(told.rss, told.uss)


def busy(process: psutil.Process) -> float:
    return float(sum(process.cpu_times()[:2]))


async def _open(rescind: Installed, pairs: Sequence[Pair]) -> list[Follower]:
    followers = [
        Follower(pair.order, link)
        for pair in pairs
        for link in (f"/v1/orders/{pair.order}", f"/v1/cancellations/{pair.cancellation}")
    ]
    await at_once(followers, 50, lambda one: one.follow(rescind.api, rescind.key))
    return followers


async def _phase(
    name: str,
    sessions: Sessions,
    pairs: Sequence[Pair],
    followers: Sequence[Follower],
    count: int,
    pace: float | None,
) -> Phase:
    """Record so many events, at a pace or as fast as it goes, and wait until all have come."""
    began = time.perf_counter()

    async def happen(number: int) -> Told:
        if pace:
            await asyncio.sleep(began + number / pace - time.perf_counter())
        return await _record(sessions, pairs[number % len(pairs)])

    told = await at_once(range(count), WRITERS, happen)
    length = time.perf_counter() - began
    for _ in range(100):
        if not gaps(followers, told):
            break
        await asyncio.sleep(0.1)
    began_at = {(order, sequence): at for order, sequence, at in told}
    waits = [
        at - began_at[follower.subject, sequence]
        for follower in followers
        for sequence, at in follower.received.items()
        if (follower.subject, sequence) in began_at
    ]
    return Phase(name, count, count / length, waits, gaps(followers, told))


async def _record(sessions: Sessions, pair: Pair) -> Told:
    """Record an event of a cancellation with a change that shows in its status."""
    now = datetime.now(UTC)
    change = (
        update(CancellationRow)
        .where(CancellationRow.id == pair.cancellation)
        .values(approval_until=now + timedelta(hours=1))
    )
    async with sessions() as session:
        sequence = await events.record(
            session, pair.subject, "bench", now, cancellation_id=pair.cancellation
        )
        await session.execute(change)
        began = time.perf_counter()
        await session.commit()
    return pair.order, sequence, began


async def stop(api: psutil.Process, followers: Sequence[Ends]) -> float:
    """Seconds from the signal to the end of the process."""
    began = time.perf_counter()
    api.terminate()
    await asyncio.to_thread(psutil.wait_procs, [api], 20)
    took = time.perf_counter() - began
    await asyncio.wait_for(asyncio.gather(*(one.ended() for one in followers)), 20)
    return took


if __name__ == "__main__":
    loop.run(main())
