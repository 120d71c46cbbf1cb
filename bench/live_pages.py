"""Status pages that stay open: their memory, how soon they show a change, and their end.

`python -m bench.live_pages` measures them alone, on a Rescind of its own, and keeps nothing.
"""

import argparse
import asyncio
import os
import secrets
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bench.asking import caller
from bench.installed import Installed, installed
from bench.measure import at_once, percentile
from bench.streams import Pair, busy, cancellations, memory, process_of, stop
from bench.streams_report import Memory
from runtime import loop
from storage import events, portal
from storage.cancellations import CancellationRow
from storage.database import make_engine, make_sessions
from web.portal.visit import SESSION
from web.shared.paths import ROOT

CHANGES, PACE = 1_000, 100.0

Sessions = async_sessionmaker[AsyncSession]


@dataclass
class Watcher:
    """One open page. `shown` is when each state of it came, on our own clock."""

    secret: str
    cancellation: UUID
    shown: list[float] = field(default_factory=list)
    ending: str | None = None
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    _reading: asyncio.Task[None] | None = None

    async def watch(self, address: str) -> None:
        """Connect, and return once the first state is there."""
        place = urlsplit(address)
        reader, writer = await asyncio.open_connection(place.hostname, place.port, limit=2**20)
        path = f"{ROOT}/cancellations/{self.cancellation}/live"
        head = f"GET {path} HTTP/1.1\r\nHost: {place.netloc}\r\nCookie: {SESSION}={self.secret}"
        writer.write(f"{head}\r\n\r\n".encode())
        status = await reader.readline()
        if b" 200 " not in status:
            raise SystemExit(f"{path} was answered {status.decode().strip()}")
        self._reading = asyncio.create_task(self._read(reader, writer))
        await self.begun.wait()

    async def ended(self) -> None:
        if self._reading:
            await self._reading

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            word, _, value = line.decode().strip().partition(": ")
            if word != "event":
                continue
            if value == "progress":
                self.shown.append(time.perf_counter())
                self.begun.set()
            else:
                self.ending = value
        writer.close()


@dataclass(frozen=True)
class Live:
    """Times in seconds, memory before, with all pages open, and after the changes."""

    pages: int
    opening: float
    waits: Sequence[float]
    missing: int
    memory: tuple[Memory, Memory, Memory]
    busy: float
    stop: float
    byes: int

    def text(self) -> str:
        p50, p99, worst = (1000 * percentile(self.waits, share) for share in (0.5, 0.99, 1.0))
        before, during, after = self.memory
        each = (during.own - before.own) / self.pages / 1024
        return (
            f"{self.pages} status pages open at once on one API process, opened in "
            f"{self.opening:.1f} s, two for each cancellation. {CHANGES:,} changes at "
            f"{PACE:.0f} a second: {len(self.waits):,} shown, {self.missing} "
            "overtaken by the next change of the same cancellation; from just "
            f"before COMMIT to the receipt of the new HTML p50 {p50:.1f}, p99 {p99:.1f}, longest "
            f"{worst:.1f} ms. The API took {self.busy:.1f} s of processor time for that.\n\n"
            f"Memory of the API process (resident / shared with no other): {before} before, "
            f"{during} with all pages open, {after} after the changes: {each:.0f} KiB for each "
            f"page when opened. Stopped {self.stop:.2f} s after SIGTERM with all of them open; "
            f"{self.byes} were told `bye`."
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.live_pages", description=__doc__)
    parser.add_argument("--streams", type=int, default=500)
    print(loop.run(_alone(parser.parse_args().streams)).text())


async def _alone(pages: int) -> Live:
    async with installed() as ours:
        return await follow_all(ours, pages)


async def follow_all(ours: Installed, pages: int) -> Live:
    """Open them, change what they show, and stop the API. Nothing can be asked of it after."""
    engine = make_engine(ours.database)
    sessions = make_sessions(engine)
    async with caller(ours, 16) as http:
        pairs = await cancellations(_without_version(http), sessions, pages // 2)
    watchers = [watcher for pair in pairs for watcher in await _watchers(sessions, pair)]
    api = process_of(ours)
    before, began = memory(api), time.perf_counter()
    await at_once(watchers, 50, lambda one: one.watch(ours.api))
    opening = time.perf_counter() - began
    await asyncio.sleep(2)
    during, took = memory(api), busy(api)
    told = await _change(sessions, pairs)
    await asyncio.sleep(3)
    after, took = memory(api), busy(api) - took
    waits, missing = _waits(watchers, told)
    await engine.dispose()
    ended = await stop(api, watchers)
    byes = sum(watcher.ending == "bye" for watcher in watchers)
    return Live(len(watchers), opening, waits, missing, (before, during, after), took, ended, byes)


def _without_version(http: httpx.AsyncClient) -> httpx.AsyncClient:
    http.base_url = str(http.base_url).removesuffix("/").removesuffix("/v1")
    return http


async def _watchers(sessions: Sessions, pair: Pair) -> list[Watcher]:
    """Two pages of the same customer, each in a browser of its own."""
    now = datetime.now(UTC)
    found = [Watcher(secrets.token_urlsafe(32), pair.cancellation) for _ in range(2)]
    async with sessions.begin() as session:
        for one in found:
            await portal.open_session(
                session, one.secret, pair.order, None, now, now + timedelta(hours=1)
            )
    return found


async def _change(sessions: Sessions, pairs: Sequence[Pair]) -> list[tuple[UUID, float]]:
    """Change what is shown of one after another. Each comes with the begin of its commit."""
    began, told = time.perf_counter(), []
    for number in range(CHANGES):
        await asyncio.sleep(began + number / PACE - time.perf_counter())
        pair = pairs[number % len(pairs)]
        until = datetime.now(UTC) + timedelta(hours=1, minutes=number)
        async with sessions() as session:
            await events.record(
                session, pair.subject, "bench", datetime.now(UTC), cancellation_id=pair.cancellation
            )
            await session.execute(
                update(CancellationRow)
                .where(CancellationRow.id == pair.cancellation)
                .values(approval_until=until)
            )
            told.append((pair.cancellation, time.perf_counter()))
            await session.commit()
    return told


def _waits(
    watchers: Sequence[Watcher], told: Sequence[tuple[UUID, float]]
) -> tuple[list[float], int]:
    """From each commit to the next state that its pages show; those of one lie seconds apart."""
    waits, missing = [], 0
    changes: dict[UUID, list[float]] = {}
    for id_, at in told:
        changes.setdefault(id_, []).append(at)
    for watcher in watchers:
        mine = changes.get(watcher.cancellation, [])
        for at, following in zip(mine, [*mine[1:], float("inf")], strict=True):
            shown = [s for s in watcher.shown if at <= s < following]
            waits += [shown[0] - at] if shown else []
            missing += not shown
    return waits, missing


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # as in bench.refunds
