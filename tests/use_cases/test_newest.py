"""One read that several share."""

import asyncio
import time

import pytest

from use_cases.newest import Newest


class Source:
    """Tells how often it was read; a read ends when it may."""

    def __init__(self) -> None:
        self.begun = 0
        self.may_end = asyncio.Event()
        self.fault: Exception | None = None

    async def read(self) -> int:
        self.begun += 1
        found = self.begun
        await self.may_end.wait()
        if self.fault:
            raise self.fault
        return found

    async def until_begun(self, times: int) -> None:
        while self.begun < times:  # noqa: ASYNC110
            await asyncio.sleep(0)


def a_source(at_once: int = 4) -> tuple[Source, Newest[int]]:
    source = Source()
    return source, Newest(source.read, asyncio.Semaphore(at_once))


async def test_all_who_heard_before_a_read_began_share_it() -> None:
    source, newest = a_source()
    heard_at = time.monotonic()
    first, second = (asyncio.create_task(newest.since(heard_at)) for _ in range(2))
    await source.until_begun(1)
    source.may_end.set()
    assert [await first, await second, await newest.since(heard_at)] == [1, 1, 1]


async def test_who_heard_after_a_read_began_has_it_read_again() -> None:
    source, newest = a_source()
    first = asyncio.create_task(newest.since(time.monotonic()))
    await source.until_begun(1)
    second = asyncio.create_task(newest.since(time.monotonic()))
    await source.until_begun(2)
    source.may_end.set()
    assert [await first, await second] == [1, 2]


async def test_a_read_that_waits_for_its_turn_is_new_enough_for_all_who_come_meanwhile() -> None:
    turns = asyncio.Semaphore(1)
    source = Source()
    newest = Newest(source.read, turns)
    source.may_end.set()
    async with turns:
        asked = []
        for _ in range(3):
            asked.append(asyncio.create_task(newest.since(time.monotonic())))
            await asyncio.sleep(0.01)
        assert source.begun == 0
    assert await asyncio.gather(*asked) == [1, 1, 1]


async def test_one_who_leaves_takes_the_read_from_nobody() -> None:
    source, newest = a_source()
    heard_at = time.monotonic()
    leaving, staying = (asyncio.create_task(newest.since(heard_at)) for _ in range(2))
    await source.until_begun(1)
    leaving.cancel()
    source.may_end.set()
    assert await staying == 1
    with pytest.raises(asyncio.CancelledError):
        await leaving


async def test_a_fault_is_told_to_all_who_asked_and_is_not_kept() -> None:
    source, newest = a_source()
    source.fault = OSError()
    source.may_end.set()
    heard_at = time.monotonic()
    told = await asyncio.gather(
        newest.since(heard_at), newest.since(heard_at), return_exceptions=True
    )
    assert [type(one) for one in told] == [OSError, OSError]
    source.fault = None
    assert await newest.since(time.monotonic()) == 2
