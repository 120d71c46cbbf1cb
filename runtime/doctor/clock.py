"""Our clock against that of the database and that of Temporal.

Rules of time use ours, leases compare it with instants that other machines wrote.
"""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    PollActivityTaskQueueRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError

from runtime.doctor.findings import Finding, broken, fine, warning

NOTICEABLE = timedelta(seconds=2)
TOO_FAR = timedelta(minutes=2)

_QUEUE = "rescind-doctor"
_SYNC = "Set this machine's clock by NTP, and that of the other."


def judge(check: str, apart: timedelta) -> Finding:
    """`apart` is how far our clock is ahead; negative when it is behind."""
    distance = abs(apart)
    direction = "ahead of" if apart > timedelta() else "behind"
    whose = check.removesuffix(" clock")
    says = f"Ours is {distance.total_seconds():.1f} seconds {direction} the {whose}'s."
    if distance > TOO_FAR:
        return broken(check, f"{says} Deadlines are judged wrongly.", _SYNC)
    if distance > NOTICEABLE:
        return warning(check, says, _SYNC)
    return fine(check, f"Less than {NOTICEABLE.total_seconds():.0f} seconds apart.")


async def of_database(session: AsyncSession) -> Finding:
    before = datetime.now(UTC)
    theirs = await session.scalar(text("SELECT clock_timestamp()"))
    assert isinstance(theirs, datetime)
    return judge("database clock", middle(before, datetime.now(UTC)) - theirs)


async def of_temporal(client: Client) -> Finding:
    """Temporal tells no time, but notes by its own clock when a task queue was last asked for work.

    So ask a queue that nobody uses, and read the note.
    """
    before = datetime.now(UTC)
    identity = f"doctor-{time.monotonic_ns()}"
    asking = asyncio.ensure_future(
        client.workflow_service.poll_activity_task_queue(
            PollActivityTaskQueueRequest(
                namespace=client.namespace, task_queue=TaskQueue(name=_QUEUE), identity=identity
            ),
            timeout=timedelta(seconds=5),
        )
    )
    try:
        theirs = await _note(client, identity)
        return judge("temporal clock", middle(before, datetime.now(UTC)) - theirs)
    finally:
        asking.cancel()
        with suppress(RPCError, asyncio.CancelledError):
            await asking


async def _note(client: Client, identity: str) -> datetime:
    """Wait until the server has seen our question."""
    while True:
        described = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=client.namespace,
                task_queue=TaskQueue(name=_QUEUE),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
            )
        )
        for poller in described.pollers:
            if poller.identity == identity:
                return poller.last_access_time.ToDatetime(UTC)
        await asyncio.sleep(0.05)


def middle(before: datetime, after: datetime) -> datetime:
    """When a question that took so long was most likely read."""
    return before + (after - before) / 2
