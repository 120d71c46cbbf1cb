"""The product as a caller uses it: over HTTP, with many requests at once."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import yaml
from temporalio.client import Client

from bench import runs
from bench.installed import Installed
from bench.measure import Phase, at_once, now
from bench.orders import REASONS, Ask, Json

POLICY = Path(__file__).parent.parent / "policies" / "tau-retail.yaml"
_LOOK_EVERY = 0.1
_LOOK_BACK = 200
"""Events become visible when their transactions commit, which may not be in the order of ids."""


@dataclass(frozen=True)
class Answered:
    """A request with its answer; instants in seconds since the epoch, `seconds` to the answer."""

    ask: Ask
    began: float
    seconds: float
    answer: Json

    @property
    def id(self) -> str:
        return str(self.answer["id"])


@asynccontextmanager
async def caller(installed: Installed, in_flight: int) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=f"{installed.api}/v1",
        headers={"Authorization": f"Bearer {installed.key}"},
        timeout=60,
        limits=httpx.Limits(max_connections=in_flight, max_keepalive_connections=in_flight),
    ) as client:
        yield client


async def furnish(http: httpx.AsyncClient) -> None:
    """Put the policy and the reasons where the requests need them."""
    document = yaml.safe_load(POLICY.read_text(encoding="utf-8"))
    (await http.put(f"/policies/{document['id']}", json=document)).raise_for_status()
    for words, code in REASONS.items():
        body = {"labels": {"en": words.capitalize()}, "kinds": ["order"]}
        (await http.put(f"/reasons/{code}", json=body)).raise_for_status()


async def import_all(http: httpx.AsyncClient, copies: Iterable[Sequence[Json]]) -> float:
    """Import each copy as one stream and return the seconds it took. Any error ends the bench."""
    began = time.perf_counter()
    for records in copies:
        body = "".join(json.dumps(record) + "\n" for record in records).encode()
        response = await http.post("/imports", content=body)
        response.raise_for_status()
        answers = [json.loads(line) for line in response.text.splitlines()]
        wrong = [answer for answer in answers if answer["status"] != "created"]
        if wrong or len(answers) != len(records):
            raise SystemExit(f"{len(wrong)} lines were not imported, such as {wrong[:3]}")
    return time.perf_counter() - began


async def ask_all(
    http: httpx.AsyncClient,
    installed: Installed,
    client: Client,
    name: str,
    asks: Sequence[Ask],
    in_flight: int,
    say: Callable[[str], None],
) -> tuple[Phase, list[Answered]]:
    """Ask for all, so many at a time, and wait until every run has ended."""
    async with _resting(installed.database) as rested:
        first = now()
        answered = await at_once(asks, in_flight, lambda ask: _ask(http, ask))
        say(f"  {len(answered)} answers after {now() - first:.1f} s")
        ended = await runs.ends(client, "Cancellation", [run_of(one.ask) for one in answered])
        await asyncio.sleep(4 * _LOOK_EVERY)
    phase = Phase(
        name=name,
        answer=[one.seconds for one in answered],
        rest=[rested[one.id] - one.began for one in answered],
        closed=[ended[run_of(one.ask)] - one.began for one in answered],
        length=max(ended.values()) - first,
    )
    return phase, answered


def run_of(ask: Ask) -> str:
    return f"cancellation/order/{ask.order}/1"


async def _ask(http: httpx.AsyncClient, ask: Ask) -> Answered:
    began, clock = now(), time.perf_counter()
    headers = {"Idempotency-Key": f"bench-{ask.order}"}
    response = await http.post("/cancellations", json=ask.body, headers=headers)
    answer = response.json()
    while response.is_success and answer["outcome"] is None:
        await asyncio.sleep(0.1)
        response = await http.get(f"/cancellations/{answer['id']}")
        answer = response.json()
    if not response.is_success:
        raise SystemExit(f"{ask.order} was answered {response.status_code}: {response.text}")
    return Answered(ask, began, time.perf_counter() - clock, answer)


@asynccontextmanager
async def _resting(database: str) -> AsyncIterator[dict[str, float]]:
    """Collect when cancellations are seen to be at rest: at most a tenth of a second late."""
    rested: dict[str, float] = {}
    connection = await asyncpg.connect(database)
    looking = asyncio.ensure_future(_look(connection, rested))
    try:
        yield rested
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        await connection.close()


async def _look(connection: Any, rested: dict[str, float]) -> None:
    last = await connection.fetchval("SELECT coalesce(max(id), 0) FROM events")
    while True:
        rows = await connection.fetch(_AT_REST, last - _LOOK_BACK)
        for row in rows:
            rested.setdefault(str(row["cancellation_id"]), now())
            last = max(last, row["id"])
        await asyncio.sleep(_LOOK_EVERY)


_AT_REST = """
SELECT id, cancellation_id FROM events
WHERE id > $1 AND cancellation_id IS NOT NULL AND type IN
    ('cancelled', 'cancellation_declined', 'cancellation_undone', 'cancellation_restored')
"""
