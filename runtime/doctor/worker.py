"""The workers: whether somebody asks for work on our queue at this moment."""

import os
import socket
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, DescribeTaskQueueResponse
from temporalio.client import Client

from runtime.doctor import question
from runtime.doctor.findings import Finding, ago, broken, fine, warning

STALE = timedelta(minutes=2)
"""A worker asks for work about once a minute; Temporal remembers those that are gone for longer."""

BACKLOG = timedelta(seconds=30)

_START = "Start one: `rescind worker`."
_FROZEN = "Look whether its process is stopped or its machine out of memory, and start it again."
_KINDS = {
    "workflows": TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    "activities": TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
}


async def check(client: Client, queue: str) -> Finding:
    """Say who asks for work, and whether a question is answered.

    Where nothing has run yet that could be asked about, one that left or froze within the last two
    minutes still counts, unless it has ended on this machine.
    """
    described = {name: await _describe(client, queue, kind) for name, kind in _KINDS.items()}
    alive = {name: [one for one in seen.pollers if _asks(one)] for name, seen in described.items()}
    idle = [name for name, pollers in alive.items() if not pollers]
    if idle:
        gone = [one for name in idle for one in described[name].pollers]
        says = f"Nobody takes {' or '.join(idle)} from the queue {queue}{_last(gone)}."
        return broken("worker", says, _START)
    waiting = max(_waited(seen) for seen in described.values())
    if waiting > BACKLOG:
        says = f"The oldest task on the queue {queue} has waited for {ago(waiting)}."
        return warning("worker", says, "Start more workers, or read the worker's log.")
    silence = max(min(_silence(one) for one in pollers) for pollers in alive.values())
    names = ", ".join(sorted({one.identity for one in alive["workflows"]}))
    heard = f"{names} on the queue {queue}, last heard of {ago(silence)} ago"
    answered = await question.is_answered(client, queue)
    if answered is False:
        says = f"{heard}, did not answer a question within {ago(question.PATIENCE)}: frozen?"
        return broken("worker", says, _FROZEN)
    return fine("worker", f"{heard}{', answers' if answered else ''}.")


async def _describe(
    client: Client, queue: str, kind: "TaskQueueType.ValueType"
) -> DescribeTaskQueueResponse:
    return await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=queue),
            task_queue_type=kind,
            report_stats=True,
        )
    )


def _asks(poller: PollerInfo) -> bool:
    return _silence(poller) < STALE and not _is_gone(poller.identity)


def _is_gone(identity: str) -> bool:
    """Say whether a worker of this machine, called `pid@host` by the SDK, has ended."""
    number, _, host = identity.partition("@")
    if host != socket.gethostname() or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _seen(poller: PollerInfo) -> datetime:
    return poller.last_access_time.ToDatetime(UTC)


def _silence(poller: PollerInfo) -> timedelta:
    return datetime.now(UTC) - _seen(poller)


def _waited(queue: DescribeTaskQueueResponse) -> timedelta:
    return queue.stats.approximate_backlog_age.ToTimedelta()


def _last(gone: list[PollerInfo]) -> str:
    if not gone:
        return ""
    latest = max(gone, key=_seen)
    return f"; {latest.identity} was last heard of {ago(_silence(latest))} ago"
