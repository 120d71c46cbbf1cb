"""An import that stopped half way, sent again: nothing is doubled and nothing is lost."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from runtime import ports
from storage.events import EventRow
from storage.invariants import violations
from storage.reservations import ReservationRow
from storage.subjects import LineRow, SubjectRow
from storage.tenders import TenderRow
from tests.api.conftest import Shop
from tests.api.streaming import served
from use_cases import imports
from use_cases.actors import Scope

COUNT = 3 * imports.BATCH + 50
HALL = {
    "kind": "resource",
    "id": "hall",
    "title": "Hall",
    "zone": "Europe/Berlin",
    "weekly_hours": {str(day): [["00:00", "24:00"]] for day in range(1, 8)},
    "capacity": 1_000,
}


def a_line(number: int) -> dict[str, Any]:
    """An appointment in the hall every tenth time, else an order with two lines."""
    known = {"id": f"i-{number}", "currency": "EUR", "policy": {"id": "shop"}}
    card = {"method": "cash", "captured_minor": 3_000}
    if number % 10 == 0:
        times = {"starts_at": "2027-03-05T09:00:00Z", "ends_at": "2027-03-05T10:00:00Z"}
        line = {"resource": "hall", "unit_price_minor": 3_000, **times}
        return known | {
            "kind": "appointment",
            "stage": "booked",
            "lines": [line],
            "tenders": [card],
            **times,
        }
    lines = [{"sku": "mug", "unit_price_minor": 1_000}, {"sku": "pot", "unit_price_minor": 2_000}]
    return known | {"kind": "order", "stage": "pending", "lines": lines, "tenders": [card]}


FILE = "".join(json.dumps(line) + "\n" for line in [HALL, *map(a_line, range(COUNT))]).encode()
CUT = FILE.index(b'"i-260"') + 20
"""In the middle of a line of the third batch."""


async def count(shop: Shop, table: Any) -> int:
    async with shop.context.sessions() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def until_recorded(shop: Shop, subjects: int) -> int:
    """Wait until so many are there, and say how many there are."""
    async with asyncio.timeout(30):
        while (there := await count(shop, SubjectRow)) < subjects:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return there


async def is_whole(shop: Shop) -> None:
    """Each thing in the file is there once, with its lines, its payment and its place."""
    appointments = COUNT // 10
    assert await count(shop, SubjectRow) == COUNT
    assert await count(shop, LineRow) == 2 * COUNT - appointments
    assert await count(shop, TenderRow) == COUNT
    assert await count(shop, EventRow) == COUNT
    assert await count(shop, ReservationRow) == appointments
    async with shop.context.sessions() as session:
        assert await violations(session) == []


async def send(url: str, secret: str, content: bytes | AsyncIterator[bytes]) -> list[Any]:
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/x-ndjson"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as caller:
        answer = await caller.post("/v1/imports", content=content)
    assert answer.status_code == 200
    return [json.loads(line) for line in answer.text.splitlines()]


async def is_completed(shop: Shop, url: str, secret: str, before: int) -> None:
    """Send the file whole: what was there is unchanged, the rest is new, and each line counts."""
    answers = await send(url, secret, FILE)
    assert [answer["line"] for answer in answers] == list(range(1, COUNT + 2))
    told = [answer["status"] for answer in answers[1:]]
    assert told == ["unchanged"] * before + ["created"] * (COUNT - before)
    await is_whole(shop)
    again = await send(url, secret, FILE)
    assert {answer["status"] for answer in again} == {"unchanged"}
    await is_whole(shop)


async def test_a_caller_who_hangs_up_in_the_middle_of_a_line_sends_the_file_again(
    shop: Shop, database: str
) -> None:
    class HungUp(Exception): ...

    async def half() -> AsyncIterator[bytes]:
        yield FILE[:CUT]
        await until_recorded(shop, 2 * imports.BATCH - 1)
        raise HungUp

    secret = await shop.secret(Scope.IMPORTS)
    async with served(shop.context, database) as stand:
        with pytest.raises(HungUp):
            await send(stand.url, secret, half())
        await asyncio.sleep(0.3)
        before = await count(shop, SubjectRow)
        assert before == 2 * imports.BATCH - 1, "the batch that was cut off is not recorded"
        await is_completed(shop, stand.url, secret, before)


async def test_a_process_that_is_killed_in_the_middle_gets_the_file_again(
    shop: Shop, database: str, tmp_path: Path
) -> None:
    async def slowly() -> AsyncIterator[bytes]:
        for start in range(0, len(FILE), 4_000):
            yield FILE[start : start + 4_000]
            await asyncio.sleep(0.01)

    secret = await shop.secret(Scope.IMPORTS)
    async with _api(database, tmp_path) as (url, process):
        sending = asyncio.ensure_future(send(url, secret, slowly()))
        await until_recorded(shop, imports.BATCH - 1)
        process.kill()
        with pytest.raises(httpx.TransportError):
            await sending
    before = await count(shop, SubjectRow)
    assert imports.BATCH - 1 <= before < COUNT
    async with _api(database, tmp_path) as (url, _):
        await is_completed(shop, url, secret, before)


@asynccontextmanager
async def _api(database: str, data: Path) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """The API as a process of its own; imports need no Temporal."""
    port = ports.any_free()[0]
    given = {
        "DATABASE_URL": database,
        "TEMPORAL_ADDRESS": f"{ports.LOOPBACK}:1",
        "RESCIND_DATA": str(data),
        "RESCIND_PORT": str(port),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "runtime.cli", "api"), env=os.environ | given
    )
    url = f"http://{ports.LOOPBACK}:{port}"
    try:
        await _until_alive(url)
        yield url, process
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), 10)


async def _until_alive(url: str) -> None:
    async with httpx.AsyncClient(base_url=url) as caller, asyncio.timeout(20):
        while True:
            try:
                await caller.get("/health/live")
            except httpx.TransportError:
                await asyncio.sleep(0.05)
            else:
                return
