"""An empty run of the same shape: what Temporal alone takes for as many steps that do nothing.

Run as `python -m bench.emptiness ADDRESS TASK_QUEUE` it is the worker of these runs.
"""

import os
import sys
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from temporalio.workflow import ParentClosePolicy

from runtime import garbage, loop
from workflows.attributes import OUTCOME, STEP

_SOON = timedelta(seconds=30)


@dataclass(frozen=True)
class Shape:
    """How many steps of each kind a run has."""

    local: int = 0
    regular: int = 0
    upserts: int = 0
    children: int = 0


@activity.defn
async def nothing() -> None:
    """Do nothing."""


@workflow.defn
class EmptyRun:
    """As many steps as told. The answer waits for the local ones, as a decision does."""

    @workflow.init
    def __init__(self, shape: Shape) -> None:
        self._has_decided = False

    @workflow.run
    async def run(self, shape: Shape) -> None:
        for _ in range(shape.local):
            await workflow.execute_local_activity(nothing, start_to_close_timeout=_SOON)
        if shape.upserts:
            workflow.upsert_search_attributes([STEP.value_set("working")])
        self._has_decided = True
        for _ in range(shape.regular):
            await workflow.execute_activity(nothing, start_to_close_timeout=_SOON)
        for number in range(shape.children):
            await workflow.start_child_workflow(
                EmptyChild.run,
                id=f"{workflow.info().workflow_id}/{number}",
                parent_close_policy=ParentClosePolicy.ABANDON,
            )
        for _ in range(shape.upserts - 1):
            workflow.upsert_search_attributes([OUTCOME.value_set("cancelled")])
        await workflow.wait_condition(workflow.all_handlers_finished)

    @workflow.update
    async def ask(self) -> str:
        await workflow.wait_condition(lambda: self._has_decided)
        return "decided"


@workflow.defn
class EmptyChild:
    """In place of a refund's own run: one step and what it shows."""

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(nothing, start_to_close_timeout=_SOON)
        workflow.upsert_search_attributes([STEP.value_set("refund_succeeded")])


async def work(address: str, task_queue: str) -> None:
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    worker = Worker(
        client,
        task_queue=task_queue,
        workflows=[EmptyRun, EmptyChild],
        activities=[nothing],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    garbage.settle()
    await worker.run()


if __name__ == "__main__":
    try:
        loop.run(work(*sys.argv[1:3]))
    except KeyboardInterrupt:
        os._exit(0)
