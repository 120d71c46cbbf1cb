"""The worker: hands storage and providers to the activities, then polls."""

import asyncio
import os
import signal
import sys
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from runtime import logs, running, temporal
from runtime.errors import StartupError
from runtime.settings import Settings
from storage.database import make_engine
from workflows.cancellation import Cancellation
from workflows.refund import Refund
from workflows.sandbox import runner
from workflows.sweep import Sweep
from workflows.windows import CloseWindows

WORKFLOWS = (Cancellation, Refund, CloseWindows, Sweep)


async def main() -> None:
    """Poll until a signal asks to stop; steps under way get three seconds to finish."""
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    settings = running.current_settings()
    if settings.database_url is None:
        raise StartupError("DATABASE_URL is not set and no Rescind runs on this data folder.")
    engine = make_engine(settings.database_url)
    client = await temporal.connect_patiently(settings)
    await temporal.prepare(client)
    async with _worker(client, settings):
        await asked.wait()
    await engine.dispose()


def _worker(client: Client, settings: Settings) -> Worker:
    return Worker(
        client,
        task_queue=settings.temporal_task_queue,
        workflows=WORKFLOWS,
        workflow_runner=runner(),
        graceful_shutdown_timeout=timedelta(seconds=3),
    )


def run() -> int:
    """Run the worker and say how it ended: 0 when asked to stop, 1 for a fault told in a line."""
    logs.configure()
    try:
        asyncio.run(main())
    except StartupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    code = run()
    sys.stderr.flush()
    # The Temporal SDK may abort the interpreter at its end (temporalio/sdk-python issue 300).
    os._exit(code)
