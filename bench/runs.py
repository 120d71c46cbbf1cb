"""What Temporal's own records say of runs: when they ended, and what steps they had."""

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from bench.emptiness import Shape

_STEPS = {
    EventType.EVENT_TYPE_MARKER_RECORDED: "local",
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: "regular",
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: "upserts",
    EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED: "children",
}
_SAMPLE = 10
_LOOK_EVERY = 0.25


async def ends(client: Client, type_: str, ids: Collection[str]) -> dict[str, float]:
    """When each of these runs ended, once all have; an end is seconds since the epoch."""
    async with asyncio.timeout(600):
        while True:
            if await _count_closed(client, type_) >= len(ids):
                found = await _closed(client, type_)
                if found.keys() >= set(ids):
                    return {id_: found[id_] for id_ in ids}
            await asyncio.sleep(_LOOK_EVERY)


async def shape(client: Client, ids: Sequence[str]) -> tuple[Shape, int]:
    """The steps most of a sample of these runs had, and the length of such a history."""
    shapes = Counter([await _shape_of(client, id_) for id_ in ids[:_SAMPLE]])
    return shapes.most_common(1)[0][0]


async def _count_closed(client: Client, type_: str) -> int:
    """A cheap look. Those of the example count as well, and one of it waits for a person."""
    query = f"WorkflowType = '{type_}' AND ExecutionStatus != 'Running'"
    return (await client.count_workflows(query)).count


async def _closed(client: Client, type_: str) -> dict[str, float]:
    listed = client.list_workflows(f"WorkflowType = '{type_}'")
    return {run.id: run.close_time.timestamp() async for run in listed if run.close_time}


async def _shape_of(client: Client, id_: str) -> tuple[Shape, int]:
    history = await client.get_workflow_handle(id_).fetch_history()
    steps = Counter(
        _STEPS[event.event_type] for event in history.events if event.event_type in _STEPS
    )
    return Shape(**steps), len(history.events)
