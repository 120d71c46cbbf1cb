"""A step that only a person can help on: it waits, says so, and takes one way out."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from domain.attention import Choice, choices
from domain.contracts import Resolution
from workflows.failures import failure_type

T = TypeVar("T")
Flag = Callable[[str | None, str], Awaitable[None]]


class Desk:
    """Where a run's step waits for a person. `flag` puts it on record and takes it off again."""

    def __init__(self, flag: Flag, is_sealed: Callable[[], bool]) -> None:
        self._flag = flag
        self._is_sealed = is_sealed
        self._step: str | None = None
        self._resolution: Resolution | None = None

    async def until_done(self, step: str, call: Callable[[], Awaitable[T]]) -> T | None:
        """Repeat a step until it is done, or None where a person skips it.

        Whatever may pass is retried inside `call`; what comes out of it is final.
        """
        while True:
            try:
                return await call()
            except ActivityError as error:
                if await self._ask(step, failure_type(error)) is Choice.SKIP:
                    return None

    async def _ask(self, step: str, failure: str) -> Choice:
        self._step, self._resolution = step, None
        await self._flag(step, failure)
        await workflow.wait_condition(lambda: self._resolution is not None)
        self._step = None
        await self._flag(None, "")
        return self._taken().choice

    def _taken(self) -> Resolution:
        assert self._resolution is not None
        return self._resolution

    def check(self, resolution: Resolution) -> None:
        """Refuse a way out that isn't offered, or that comes after another one was taken."""
        if self._step is None or self._resolution is not None:
            raise ApplicationError("nothing waits for a person", type="AlreadyAnswered")
        offered = choices(self._step, sealed=self._is_sealed())
        if resolution.step != self._step or resolution.choice not in offered:
            ways = ", ".join(sorted(offered))
            raise ApplicationError(f"{self._step} offers {ways}", type="ChoiceNotAllowed")

    def take(self, resolution: Resolution) -> None:
        self._resolution = resolution
