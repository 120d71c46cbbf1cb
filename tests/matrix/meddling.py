"""Faults between Temporal and the steps of chosen cancellations. A step itself runs unchanged."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from storage.refunds import RefundRow
from storage.subjects import SubjectRow

Run = Callable[[], Awaitable[Any]]
OVERTIME = 1.5
"""Seconds by which a slow attempt outlives its time-out."""


@dataclass
class Plan:
    """What a step of one subject meets: at its first attempt, or at each one if it is `lasting`.

    `met` tells that it has happened; what waits goes on when it is `let_go`.
    """

    lasting: bool = False
    met: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    later: list[asyncio.Task[Any]] = field(default_factory=list)

    async def meet(self, run: Run) -> Any:
        if self.met.is_set() and not self.lasting:
            return await run()
        return await self.disturb(run)

    async def disturb(self, run: Run) -> Any:
        raise NotImplementedError

    def run_later(self, after: Awaitable[Any], run: Run) -> asyncio.Task[Any]:
        """Let the body run after something, whatever becomes of its attempt meanwhile."""

        async def wait() -> Any:
            await after
            return await run()

        task = asyncio.create_task(wait())
        self.later.append(task)
        return task

    async def came_late(self) -> None:
        """Wait until all bodies that run late have ended; those that fail have said no."""
        await asyncio.gather(*self.later, return_exceptions=True)


class Rejected(Plan):
    async def disturb(self, run: Run) -> Any:
        self.met.set()
        raise ApplicationError("rejected for good", type="Broken", non_retryable=True)


class ReplyLost(Plan):
    async def disturb(self, run: Run) -> Any:
        await run()
        self.met.set()
        raise ConnectionError("the reply was lost")


class Slow(Plan):
    """The attempt outlives its time-out, and acts then, beside its own repeat."""

    async def disturb(self, run: Run) -> Any:
        limit = activity.info().start_to_close_timeout
        assert limit is not None
        self.met.set()
        waiting = asyncio.sleep(limit.total_seconds() + OVERTIME)
        return await asyncio.shield(self.run_later(waiting, run))


@dataclass
class Late(Plan):
    """The attempt fails at once for good, and acts all the same when it is let go."""

    failure: str = "Broken"

    async def disturb(self, run: Run) -> Any:
        self.run_later(self.let_go.wait(), run)
        self.met.set()
        raise ApplicationError("failed, it seems", type=self.failure, non_retryable=True)


@dataclass
class Parked(Plan):
    """The attempt stops before or after its effect until it is let go.

    New attempts stop as well, unless it is `over`.
    """

    before: bool = True
    over: bool = False

    async def disturb(self, run: Run) -> Any:
        if self.before:
            waiting = self.run_later(self.let_go.wait(), run)
            self.met.set()
            return await asyncio.shield(waiting)
        result = await run()
        self.met.set()
        await self.let_go.wait()
        return result

    async def meet(self, run: Run) -> Any:
        return await (run() if self.over or self.let_go.is_set() else self.disturb(run))


class Meddling(Interceptor):
    """Plans by subject and step; they are for a subject's first cancellation."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self.plans: dict[tuple[str, str], Plan] = {}
        self._sessions = sessions
        self._subjects: dict[str, str] = {}

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        return _Inbound(next, self)

    async def plan_here(self) -> Plan | None:
        """What is planned for the attempt that runs now."""
        info = activity.info()
        step = info.activity_type
        if not any(planned == step for _, planned in self.plans):
            return None
        if step == "send_notifications" and info.activity_id != step:
            return None  # a mail at the start of a wait
        subject = await self._subject(info.workflow_id or "")
        return self.plans.get((subject, step))

    async def _subject(self, workflow_id: str) -> str:
        if workflow_id not in self._subjects:
            self._subjects[workflow_id] = await self._read_subject(workflow_id)
        return self._subjects[workflow_id]

    async def _read_subject(self, workflow_id: str) -> str:
        match workflow_id.split("/"):
            case "cancellation", _, ref, "1":
                return ref
            case "refund", id_:
                async with self._sessions() as session:
                    of_refund = (
                        select(SubjectRow.ref)
                        .join(RefundRow, RefundRow.subject_id == SubjectRow.id)
                        .where(RefundRow.id == UUID(id_))
                    )
                    return await session.scalar(of_refund) or ""
        return ""


class _Inbound(ActivityInboundInterceptor):
    def __init__(self, inner: ActivityInboundInterceptor, meddling: Meddling) -> None:
        super().__init__(inner)
        self._meddling = meddling

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        run: Run = lambda: self.next.execute_activity(input)  # noqa: E731
        plan = await self._meddling.plan_here()
        return await (plan.meet(run) if plan else run())
