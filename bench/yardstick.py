"""The yardsticks: empty runs of the same shapes, asked for in the same way on the same server."""

import asyncio
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)

from bench import runs
from bench.emptiness import Shape
from bench.measure import Phase, at_once, now
from workflows.attributes import KIND, REASON, SUBJECT

QUEUE = "bench-empty"


@asynccontextmanager
async def worker(address: str) -> AsyncIterator[None]:
    """A worker of the empty runs, in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.emptiness", address, QUEUE),
        cwd=Path(__file__).parent.parent,
    )
    try:
        yield
    finally:
        await _end(process)


async def _end(process: Process) -> None:
    process.terminate()
    await asyncio.wait_for(process.wait(), 20)


async def run(client: Client, name: str, shapes: Sequence[Shape], in_flight: int) -> Phase:
    """Ask for an empty run of each of these shapes, so many at a time."""
    asked: dict[str, tuple[float, float]] = {}

    async def ask(shape: Shape) -> None:
        id_ = f"empty/{name}/{uuid4()}"
        began, clock = now(), time.perf_counter()
        await _ask(client, id_, shape)
        asked[id_] = (began, time.perf_counter() - clock)

    first = now()
    await at_once(shapes, in_flight, ask)
    ended = await runs.ends(client, "EmptyRun", asked)
    return Phase(
        name=name,
        answer=[answer for _, answer in asked.values()],
        rest=[],
        closed=[ended[id_] - began for id_, (began, _) in asked.items()],
        length=max(ended.values()) - first,
    )


async def _ask(client: Client, id_: str, shape: Shape) -> None:
    start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
        "EmptyRun",
        shape,
        id=id_,
        task_queue=QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        static_summary="an empty run",
        search_attributes=TypedSearchAttributes(
            [
                SearchAttributePair(KIND, "order"),
                SearchAttributePair(SUBJECT, id_),
                SearchAttributePair(REASON, "no_longer_needed"),
            ]
        ),
    )
    await client.execute_update_with_start_workflow(
        "ask", start_workflow_operation=start, id=id_, result_type=str
    )
