"""A call as it arrived: what is asked, under which key, and the fault it meets."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import asyncpg

from sandbox.events import News
from sandbox.objects import Json


@dataclass(frozen=True)
class Fault:
    """What was scripted for a call."""

    behaviour: str
    failure: str | None
    retryable: bool
    seconds: float


@dataclass(frozen=True)
class Asked:
    """A call whose parameters make sense. `id` is the one in its path.

    `fingerprint` is path and parameters, the same however they were put in order. `news` collects
    what is to be told when the work is done.
    """

    params: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""
    path: str = ""
    key: str | None = None
    fingerprint: str = ""
    fault: Fault | None = None
    news: list[News] = field(default_factory=list)

    def with_fault(self, fault: Fault | None) -> Self:
        return replace(self, fault=fault)

    def meets(self, behaviour: str) -> bool:
        return self.fault is not None and self.fault.behaviour == behaviour

    @property
    def failure(self) -> str | None:
        return self.fault.failure if self.fault else None


Work = Callable[[asyncpg.Connection, Asked], Awaitable[Json]]
"""Does what is asked in the caller's transaction. Raises Refused before it has changed anything."""
