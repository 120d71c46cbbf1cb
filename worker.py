"""The worker: hands storage and providers to the activities, then polls."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import httpx
from temporalio.client import Client
from temporalio.worker import Interceptor, UnsandboxedWorkflowRunner, Worker, WorkflowRunner

from activities.card_holds import CardHolds
from activities.evidence import Evidence
from activities.invariants import Invariants
from activities.notifications import Notifications
from activities.reconciliation import Reconciliation
from activities.refunds import Refunds
from activities.slots import Slots
from activities.status import Status
from activities.stock import Stock
from activities.sweeps import Sweeps
from activities.validation import Validation
from activities.warehouse import Warehouses
from activities.windows import Windows
from activities.withdrawals import Withdrawals
from notifications.smtp import Mailer
from providers.http_warehouse import HttpWarehouse
from runtime import correspondence, garbage, logs, loop, running, schedules, temporal
from runtime.errors import StartupError
from runtime.providing import open_providers
from runtime.settings import Settings
from storage.database import make_engine, make_sessions
from workflows.cancellation import Cancellation
from workflows.card_hold import SettleHold
from workflows.evidence import ForgetEvidence
from workflows.invariants import CheckInvariants
from workflows.reconciliation import ReconcileRefunds
from workflows.refund import Refund
from workflows.sweep import Sweep
from workflows.windows import CloseWindows
from workflows.withdrawals import SendWithdrawalLetters

WORKFLOWS = (
    *(Cancellation, Refund, SettleHold),
    *(CloseWindows, Sweep, CheckInvariants, ReconcileRefunds, SendWithdrawalLetters),
    ForgetEvidence,
)


async def main() -> None:
    """Poll until a signal asks to stop; steps under way get three seconds to finish."""
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    settings = running.current_settings()
    if settings.database_url is None:
        raise StartupError("DATABASE_URL is not set and no Rescind runs on this data folder.")
    client = await temporal.connect_patiently(settings)
    await temporal.prepare(client)
    await schedules.ensure(client, settings.temporal_task_queue)
    async with AsyncExitStack() as stack:
        steps = await activities(stack, client, settings, settings.database_url)
        await stack.enter_async_context(make_worker(client, settings.temporal_task_queue, steps))
        garbage.settle()
        await asked.wait()


async def activities(
    stack: AsyncExitStack, client: Client, settings: Settings, database_url: str
) -> Sequence[Callable[..., Any]]:
    """Open what the activities need, to be closed with the stack, and hand it to them."""
    engine = make_engine(database_url)
    stack.push_async_callback(engine.dispose)
    sessions = make_sessions(engine)
    mailer = Mailer(settings.smtp_url or "smtp://127.0.0.1:25")
    stack.push_async_callback(mailer.close)
    providers = open_providers(stack, settings)
    return steps_of(
        Validation(sessions, settings.refund_patience),
        Warehouses(sessions, await open_warehouse(stack, settings)),
        Slots(sessions),
        Stock(sessions),
        Refunds(sessions, providers, settings.refund_horizon),
        CardHolds(sessions, providers),
        Status(sessions),
        Notifications(sessions, mailer, correspondence.mail_settings(settings)),
        Windows(sessions),
        Withdrawals(sessions, mailer),
        Evidence(sessions, settings.evidence_kept),
        Sweeps(sessions, client, settings.temporal_task_queue),
        Invariants(sessions),
        Reconciliation(sessions, providers, client, settings.temporal_task_queue),
    )


async def open_warehouse(stack: AsyncExitStack, settings: Settings) -> HttpWarehouse | None:
    """The warehouse that is told by messages, if one is set up."""
    if settings.warehouse_url is None:
        return None
    client = await stack.enter_async_context(httpx.AsyncClient())
    answers = f"{settings.public_url.rstrip('/')}/v1/warehouse/answers"
    secret = settings.warehouse_secret.get_secret_value()
    return HttpWarehouse(client, settings.warehouse_url, secret, answers)


def steps_of(*participants: object) -> list[Callable[..., Any]]:
    """All activities of these participants, as the worker wants them."""
    methods = (getattr(each, name) for each in participants for name in dir(each))
    return [method for method in methods if hasattr(method, "__temporal_activity_definition")]


def make_worker(
    client: Client,
    task_queue: str,
    steps: Sequence[Callable[..., Any]],
    interceptors: Sequence[Interceptor] = (),
    runner: WorkflowRunner | None = None,
) -> Worker:
    """Make a worker of everything. Without a `runner` of its own it runs workflows as they are.

    The SDK's sandbox, which tests use, watches for what would not replay. It imports the workflow
    anew for each run and is entered for each payload, which costs a worker up to two fifths.
    """
    return Worker(
        client,
        task_queue=task_queue,
        workflows=WORKFLOWS,
        activities=steps,
        workflow_runner=runner or UnsandboxedWorkflowRunner(),
        interceptors=interceptors,
        graceful_shutdown_timeout=timedelta(seconds=3),
    )


def run() -> int:
    """Run the worker and say how it ended: 0 when asked to stop, 1 for a fault told in a line."""
    logs.configure()
    try:
        loop.run(main())
    except StartupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    code = run()
    sys.stderr.flush()
    # The Temporal SDK may abort the interpreter at its end (temporalio/sdk-python issue 300).
    os._exit(code)
