"""Temporal: whether it answers, has what workflows need, and keeps our schedules going."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    GetSystemInfoRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from runtime import temporal
from runtime.doctor import clock, worker
from runtime.doctor.findings import (
    Finding,
    Level,
    ago,
    bounded,
    broken,
    counted,
    fine,
    first_line,
    unchecked,
    warning,
)
from runtime.errors import StartupError
from runtime.schedules import SCHEDULES, Planned
from runtime.settings import Settings
from workflows.attributes import SEARCH_ATTRIBUTES

MISSED_RUNS = 5
"""A schedule that has let so many of its times pass does not run."""

_ADDRESS = "Look whether Temporal runs there, and at TEMPORAL_ADDRESS."
_MAKES = "Start the worker, which makes it: `rescind worker`."


async def examine(settings: Settings) -> list[Finding]:
    """Look at the server first, then at our namespace, then at what lives in it."""
    if settings.temporal_address is None:
        return [unchecked("temporal", "settings")]
    connected: list[Client] = []
    found = [await bounded("temporal", _reach(settings, connected), _ADDRESS)]
    if not connected:
        return found
    client = connected[0]
    found.append(await bounded("namespace", _namespace(client), _ADDRESS))
    checks = _checks(client, settings.temporal_task_queue)
    if found[-1].level is Level.BROKEN:
        return found + [unchecked(name, "namespace") for name in checks]
    asking = (bounded(name, check(), _ADDRESS) for name, check in checks.items())
    return found + list(await asyncio.gather(*asking))


def _checks(client: Client, task_queue: str) -> Mapping[str, Callable[[], Awaitable[Finding]]]:
    schedules = {
        f"schedule {planned.id}": partial(_schedule, client, planned) for planned in SCHEDULES
    }
    return {
        "search attributes": partial(_attributes, client),
        "worker": partial(worker.check, client, task_queue),
        "temporal clock": partial(clock.of_temporal, client),
        **schedules,
    }


async def _reach(settings: Settings, connected: list[Client]) -> Finding:
    where = settings.temporal_address
    try:
        client = await temporal.connect(settings)
        system = await client.workflow_service.get_system_info(GetSystemInfoRequest())
    except (StartupError, RPCError) as error:
        return broken("temporal", f"{where} can't be used: {first_line(error)}", _ADDRESS)
    connected.append(client)
    return fine("temporal", f"Server {system.server_version} at {where}.")


async def _namespace(client: Client) -> Finding:
    try:
        described = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace)
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        says = f"There is no namespace {client.namespace}."
        make = f"temporal operator namespace create --retention 90d -n {client.namespace}"
        return broken("namespace", says, f"Make it: `{make}`.")
    kept = described.config.workflow_execution_retention_ttl.ToTimedelta()
    says = f"{client.namespace} keeps closed runs for {_days(kept)}"
    if kept >= temporal.RETENTION:
        return fine("namespace", f"{says}.")
    raised = f"temporal operator namespace update --retention 90d -n {client.namespace}"
    wanted = f"{_days(temporal.RETENTION)} are wanted, so that ids stay guarded"
    return warning("namespace", f"{says}; {wanted}.", f"Raise it: `{raised}`.")


def _days(span: timedelta) -> str:
    if span < timedelta(days=1):
        return counted(span // timedelta(hours=1), "hour")
    return counted(span.days, "day")


async def _attributes(client: Client) -> Finding:
    name = "search attributes"
    listed = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    wanted = {key.name: int(key.indexed_value_type) for key in SEARCH_ATTRIBUTES}
    there = dict(listed.custom_attributes)
    missing = sorted(wanted.keys() - there.keys())
    if missing:
        says = f"Missing: {', '.join(missing)}. No workflow can start without."
        return broken(name, says, "Start the worker, which adds them: `rescind worker`.")
    other = sorted(name for name, kind in wanted.items() if there[name] != kind)
    if other:
        says = f"Of another type: {', '.join(other)}."
        return broken(name, says, "Remove them from the namespace, or use one of Rescind's own.")
    return fine(name, f"All {len(wanted)} are there.")


async def _schedule(client: Client, planned: Planned) -> Finding:
    """Say whether it is there, goes on, and has run of late."""
    name = f"schedule {planned.id}"
    try:
        described = await client.get_schedule_handle(planned.id).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return broken(name, f"It is not there, so nothing {planned.note}.", _MAKES)
    state = described.schedule.state
    if state.paused:
        goes_on = f"temporal schedule toggle --unpause -s {planned.id} --reason '…'"
        note = f": {state.note}" if state.note else ""
        return warning(name, f"Paused{note}.", f"When that is over: `{goes_on}`.")
    recent = described.info.recent_actions
    last = recent[-1].started_at if recent else None
    silent = datetime.now(UTC) - (last or described.info.created_at)
    since = "Last run" if last else "No run since it was made"
    if silent > planned.every * MISSED_RUNS:
        remedy = "See the line on the worker, and the schedule in Temporal's UI."
        return broken(name, f"{since} {ago(silent)} ago, due every {ago(planned.every)}.", remedy)
    return fine(name, f"{since} {ago(silent)} ago.")
