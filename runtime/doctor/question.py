"""A question to the workers: one that is frozen asks for work as before, but answers nothing."""

import asyncio
from datetime import timedelta

from temporalio.client import Client, WorkflowExecution, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from runtime.schedules import SCHEDULES

PATIENCE = timedelta(seconds=3)

_SILENCE = (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED)
_WHAT_GOES_ON = "__temporal_workflow_metadata"
"""A query that the SDK answers for every workflow, also for one that is closed."""


async def is_answered(client: Client, queue: str) -> bool | None:
    """Ask what the newest scheduled run did, which leaves no trace; None if there is no such run.

    With several workers one of them gets the question, so a silence means that some are frozen.
    """
    run = await _newest(client, queue)
    if run is None:
        return None
    handle = client.get_workflow_handle(run.id, run_id=run.run_id)
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):  # the SDK's own is for each attempt
            await handle.query(_WHAT_GOES_ON, rpc_timeout=PATIENCE)
    except TimeoutError:
        return False
    except WorkflowQueryFailedError:
        return True
    except RPCError as error:
        if error.status in _SILENCE:
            return False
        raise
    return True


async def _newest(client: Client, queue: str) -> WorkflowExecution | None:
    names = ", ".join(f"'{planned.workflow}'" for planned in SCHEDULES)
    wanted = f"TaskQueue = '{queue}' AND WorkflowType IN ({names})"
    async for run in client.list_workflows(wanted, limit=1):
        return run
    return None
