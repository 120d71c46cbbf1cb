"""The compensations a run owes, and work that no cancel may interrupt."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
Undo = Callable[[], Awaitable[None]]


class Saga:
    """What has to be undone if a later step fails, until the run is sealed."""

    def __init__(self) -> None:
        self._owed: list[Undo] = []
        self.is_sealed = False

    async def attempt(self, step: Awaitable[T], undo: Undo) -> T:
        """Run a step, owing its undo before it starts: a lost reply may hide a success."""
        self.owe(undo)
        return await step

    def owe(self, undo: Undo) -> None:
        self._owed.append(undo)

    def seal(self) -> None:
        """Pass the point of no return: from here on there are only debts."""
        self._owed.clear()
        self.is_sealed = True

    async def compensate(self) -> None:
        """Undo what was begun, the last step first. A second call finds nothing left to undo."""
        while self._owed:
            await self._owed.pop()()


async def uncancellable(work: Coroutine[Any, Any, T]) -> tuple[T, bool]:
    """Finish this work whatever cancels the workflow, and say whether something tried to.

    One shield is not enough: it saves the work, but the workflow ends under it.
    """
    task = asyncio.create_task(work)
    cancelled = False
    while True:
        try:
            return await asyncio.shield(task), cancelled
        except asyncio.CancelledError:
            if task.done():
                return task.result(), True
            cancelled = True
