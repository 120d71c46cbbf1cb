"""Playing one cell: it is cancelled, and whoever has to act does so until all is at rest."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from domain.attention import Waits
from domain.lifecycle import REFUND_AT_REST, RefundState
from sandbox import control
from storage import notifications, refunds
from storage.refunds import RefundRow
from tests.end_to_end.conftest import Business
from tests.refunds.cells import Cell, Course, Fault
from tests.refunds.courses import Act, acts_of, prepare, script
from tests.refunds.subjects import Scene
from use_cases import status
from use_cases.views import CancellationView, Status
from workflows.reconciliation import ReconcileRefunds

LINGER = 1.5
"""Seconds for a webhook to be heard before time is moved on."""

A_NIGHT = timedelta(hours=8)

PATIENCE = 150.0
"""Seconds for a cell: two calls that time out, and a slow machine."""


@dataclass
class Play:
    """The cancellation of one scene. `seen` is where the money stood to the customer's eyes."""

    business: Business
    env: WorkflowEnvironment
    scene: Scene
    task_queue: str
    id: UUID
    workflow_id: str
    acts: list[Act] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    moved_at: float = 0.0

    @classmethod
    async def begin(
        cls, business: Business, env: WorkflowEnvironment, scene: Scene, task_queue: str
    ) -> "Play":
        """Cancel, and wait until the cancellation stands, whatever the provider does."""
        await prepare(business.cards, scene)
        asked = await business.cancel(scene.ref)
        play = cls(business, env, scene, task_queue, asked.id, asked.workflow_id or "")
        play.acts = acts_of(scene.cell.course)
        if scene.cell.is_silent_at_first:
            await play._wait_in_vain()
        async with asyncio.timeout(PATIENCE):
            while (await play.view()).state is not Status.CANCELLED:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        if scene.cell.course is Course.REQUESTED:
            await control.clear_scripts(business.cards, scene.card)
            await script(business.cards, scene)
        return play

    async def _wait_in_vain(self) -> None:
        """Let most of the time pass that the saga gives a provider to answer, and to be looked up.

        Not all of it: the refund's run would begin under way and skip its own time as well.
        """
        handle = self.business.client.get_workflow_handle(self.workflow_id)
        for _ in range(2 if self._cell.course is Course.REQUESTED else 1):
            await self.env.fast_forward(handle, timedelta(seconds=29))
            await asyncio.sleep(2)

    async def end(self) -> None:
        """Act and let time pass until nothing is left to happen."""
        self.moved_at = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                while not await self._is_over():
                    await self._go_on(await self.row())
                    await asyncio.sleep(0.1)
                await self._hear_the_rest()
        except TimeoutError:
            row = await self.row()
            left = f"{row.state}, waits for {row.attention}, {len(self.acts)} acts left"
            raise AssertionError(f"never over: {left}, seen {self.seen}") from None

    async def _go_on(self, row: RefundRow) -> None:
        if self.acts and self.acts[0].is_due(row):
            await self.acts.pop(0).do(self.business, self.scene, row)
        elif time.monotonic() - self.moved_at > self._linger:
            await self._let_time_pass(row)
        else:
            return
        self.moved_at = time.monotonic()

    @property
    def _linger(self) -> float:
        """A webhook that is late is overtaken by a look."""
        return 0.0 if self._cell.fault in (Fault.LATE, Fault.LOST) else LINGER

    @property
    def _cell(self) -> Cell:
        return self.scene.cell

    async def _let_time_pass(self, row: RefundRow) -> None:
        """Move the refund's own clock on, and the provider's where it keeps an error for a day."""
        if self._cell.fault is Fault.ERROR_BEFORE and row.state is RefundState.REQUESTED:
            await control.advance(self.business.cards, timedelta(hours=25))
        length = timedelta(days=8) if row.attention == Waits.CUSTOMER else timedelta(hours=7)
        handle = self.business.client.get_workflow_handle(f"refund/{row.id}")
        if await self._is_running(handle.id):
            with suppress(RPCError):  # it may end meanwhile
                await self.env.fast_forward(handle, length)
        elif row.state is RefundState.SUCCEEDED and self.acts:
            await self._compare()

    async def _compare(self) -> None:
        """What runs at night, some hours later."""
        handle = await self.business.client.start_workflow(
            ReconcileRefunds.run,
            id=f"reconcile-{uuid4()}",
            task_queue=self.task_queue,
            start_delay=A_NIGHT,
        )
        await self.env.fast_forward(handle, 2 * A_NIGHT)

    async def _is_over(self) -> bool:
        await self.view()
        row = await self.row()
        if self.acts or row.state not in REFUND_AT_REST:
            return False
        if any([await self._is_running(id_) for id_ in (f"refund/{row.id}", self.workflow_id)]):
            return False
        async with self.business.sessions() as session:
            return not await notifications.due(session, self.id)

    async def _hear_the_rest(self) -> None:
        """Webhooks that are still on their way arrive, and change nothing."""
        before = await self.view()
        while await self._is_something_coming():  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        assert await self.view() == before

    async def _is_something_coming(self) -> bool:
        deliveries = await control.deliveries(self.business.cards, self.scene.card)
        coming = [each for each in deliveries if each.due_at is not None]
        return bool(coming) or await self._is_running(f"refund/{(await self.row()).id}")

    async def _is_running(self, id_: str) -> bool:
        try:
            found = await self.business.client.get_workflow_handle(id_).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return found.status is WorkflowExecutionStatus.RUNNING

    async def view(self) -> CancellationView:
        """What the customer sees now."""
        view = await status.get_cancellation(self.business.context, self.id)
        if view.state is Status.CANCELLED and self.seen[-1:] != [view.money.value]:
            self.seen.append(view.money.value)
        return view

    async def row(self) -> RefundRow:
        async with self.business.sessions() as session:
            (row,) = await refunds.of_cancellation(session, self.id)
            return row
