"""One read for all who want the newest."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Newest(Generic[T]):
    """What a read finds, shared by all whom it is new enough for.

    A read that waits for its turn counts as new enough for everybody: it has yet to begin.
    """

    def __init__(self, read: Callable[[], Awaitable[T]], turns: asyncio.Semaphore) -> None:
        self._read = read
        self._turns = turns
        self._begun = -math.inf
        self._found: asyncio.Task[T] | None = None

    async def since(self, moment: float) -> T:
        """What a read finds that begins at this moment of `time.monotonic()` or later.

        Who asks again gets nothing older than before. Raises what the read raises.
        """
        if self._found is None or self._begun < moment:
            self._begun = math.inf
            self._found = asyncio.create_task(self._run())
            self._found.add_done_callback(_heed)
        return await asyncio.shield(self._found)

    async def _run(self) -> T:
        async with self._turns:
            self._begun = time.monotonic()
            return await self._read()


def _heed(found: asyncio.Task[T]) -> None:
    """A fault is nobody's where all who asked have left."""
    if not found.cancelled():
        found.exception()
