"""Asking our own API and worker whether they are ready."""

import asyncio
import http.client

from runtime import temporal
from runtime.doctor import worker
from runtime.doctor.findings import Level
from runtime.errors import StartupError
from runtime.ports import LOOPBACK
from runtime.settings import Settings

_PATIENCE = 60.0


async def wait_until_ready(port: int) -> None:
    """Wait for `/health/ready` to answer 200. Raises StartupError with the last answer."""
    clock = asyncio.get_running_loop().time
    end = clock() + _PATIENCE
    answer = "no answer"
    while clock() < end:
        status, answer = await asyncio.to_thread(_ask, port)
        if status == 200:
            return
        await asyncio.sleep(0.05)
    raise StartupError(f"The API is not ready after {_PATIENCE:.0f} seconds: {answer}")


async def wait_for_worker(settings: Settings) -> None:
    """Wait until a worker asks Temporal for work. Raises StartupError."""
    client = await temporal.connect_patiently(settings)
    clock = asyncio.get_running_loop().time
    end = clock() + _PATIENCE
    while clock() < end:
        found = await worker.check(client, settings.temporal_task_queue)
        if found.level is not Level.BROKEN:
            return
        await asyncio.sleep(0.1)
    raise StartupError(f"The worker is not ready after {_PATIENCE:.0f} seconds: see its log")


def _ask(port: int) -> tuple[int, str]:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        response = connection.getresponse()
        return response.status, response.read(2_000).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)
    finally:
        connection.close()
