"""Runs of the saga on a real server, with steps that tests control."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import pytest
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from domain.contracts import (
    Answer,
    Ask,
    CancellationResult,
    CancelSubject,
    CardHoldResult,
    FollowRefund,
    RefundResult,
    Reply,
    ReplyKind,
    SettleCardHold,
)
from domain.ids import cancellation_workflow, card_hold_workflow, refund_workflow
from tests.fakes import FakeSteps
from workflows.cancellation import Cancellation
from workflows.card_hold import SettleHold
from workflows.refund import Refund
from workflows.sandbox import runner

Handle = WorkflowHandle[Cancellation, CancellationResult]
Followed = WorkflowHandle[Refund, RefundResult]
Settling = WorkflowHandle[SettleHold, CardHoldResult]


class Saga:
    """One run with its steps, as a test sees it."""

    def __init__(self, handle: Handle, request: CancelSubject, steps: FakeSteps) -> None:
        self.handle = handle
        self.request = request
        self.steps = steps

    async def result(self) -> CancellationResult:
        return await asyncio.wait_for(self.handle.result(), 30)

    async def decided(self) -> Answer:
        return await self.ask(self.request)

    async def ask(self, request: CancelSubject) -> Answer:
        ask = Ask(cancellation_id=request.cancellation_id, fingerprint=request.fingerprint)
        return await self.handle.execute_update(Cancellation.ask, ask)

    async def reply(self, kind: ReplyKind, refund_minor: int | None = None) -> None:
        reply = Reply(
            cancellation_id=self.request.cancellation_id,
            kind=kind,
            actor="staff/anna",
            refund_minor=refund_minor,
        )
        await self.handle.execute_update(Cancellation.reply, reply)

    async def reached(self, step: str, times: int = 1) -> None:
        await self.steps.reached(step, times)


class Stage:
    """Where sagas are started: with a clock that skips waits, or with one that doesn't."""

    def __init__(
        self, env: WorkflowEnvironment, client: Client, queue: str, stack: AsyncExitStack
    ) -> None:
        self._env = env
        self.client = client
        self._queue = queue
        self._stack = stack

    async def start(self, steps: FakeSteps, request: CancelSubject, *, skip: bool = False) -> Saga:
        await self._work(steps.steps())
        client = self._env.client if skip else self.client
        handle = await client.start_workflow(
            Cancellation.run,
            request,
            id=cancellation_workflow(request.subject, request.n),
            task_queue=self._queue,
        )
        return Saga(handle, request, steps)

    async def follow(self, steps: FakeSteps, refund: UUID, *, skip: bool = False) -> Followed:
        await self._work(steps.steps())
        client = self._env.client if skip else self.client
        return await client.start_workflow(
            Refund.run,
            FollowRefund(refund_id=refund),
            id=refund_workflow(refund),
            task_queue=self._queue,
        )

    async def settle(self, steps: FakeSteps, hold: UUID, *, skip: bool = False) -> Settling:
        await self._work(steps.steps())
        client = self._env.client if skip else self.client
        return await client.start_workflow(
            SettleHold.run,
            SettleCardHold(hold_id=hold),
            id=card_hold_workflow(hold),
            task_queue=self._queue,
        )

    async def _work(self, steps: Sequence[Callable[..., Any]]) -> None:
        worker = Worker(
            self.client,
            task_queue=self._queue,
            workflows=[Cancellation, Refund, SettleHold],
            activities=steps,
            workflow_runner=runner(),
        )
        await self._stack.enter_async_context(worker)


@pytest.fixture
async def stage(
    env: WorkflowEnvironment, temporal: Client, task_queue: str
) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        yield Stage(env, temporal, task_queue, stack)
