"""The schedules of Rescind's own: made at start, and left as ops have set them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

_CATCH_UP = timedelta(minutes=10)
"""After an outage one late run is enough: it reads from the database what was missed."""


class Planned(NamedTuple):
    id: str
    workflow: str
    every: timedelta
    note: str


SCHEDULES = (
    Planned(
        "cancellation-windows",
        "CloseWindows",
        timedelta(minutes=1),
        "closes cancellation windows that have run out",
    ),
    Planned(
        "sweep",
        "Sweep",
        timedelta(minutes=1),
        "starts forgotten requests, flags work without a run",
    ),
    Planned(
        "withdrawal-letters",
        "SendWithdrawalLetters",
        timedelta(minutes=1),
        "sends receipts of withdrawals that are still due",
    ),
    Planned(
        "evidence",
        "ForgetEvidence",
        timedelta(hours=1),
        "deletes files that customers sent, once their time is over",
    ),
    Planned(
        "invariants",
        "CheckInvariants",
        timedelta(hours=1),
        "puts broken promises before a person",
    ),
    Planned(
        "reconciliation",
        "ReconcileRefunds",
        timedelta(days=1),
        "compares refunds with what the providers list",
    ),
)


async def ensure(client: Client, task_queue: str) -> None:
    """Make the schedules, or bring them up to date. A pause by ops stays."""
    for planned in SCHEDULES:
        wanted = _schedule(planned, task_queue)
        try:
            await client.create_schedule(planned.id, wanted)
        except ScheduleAlreadyRunningError:
            await client.get_schedule_handle(planned.id).update(_bring_up_to(wanted))


def _schedule(planned: Planned, task_queue: str) -> Schedule:
    action = ScheduleActionStartWorkflow(
        planned.workflow, id=planned.id, task_queue=task_queue, static_summary=planned.note
    )
    return Schedule(
        action=action,
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=planned.every)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=_CATCH_UP),
    )


def _bring_up_to(wanted: Schedule) -> Callable[[ScheduleUpdateInput], ScheduleUpdate]:
    def update(found: ScheduleUpdateInput) -> ScheduleUpdate:
        state = found.description.schedule.state
        return ScheduleUpdate(schedule=replace(wanted, state=state))

    return update
