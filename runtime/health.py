"""Asking our own API and worker whether they are ready."""

import asyncio
import http.client
from urllib.parse import urlsplit

from runtime import temporal
from runtime.doctor import worker
from runtime.doctor.findings import Level
from runtime.errors import StartupError
from runtime.ports import LOOPBACK
from runtime.settings import Settings

_PATIENCE = 60.0


async def wait_until_ready(port: int) -> None:
    """Wait for `/health/ready` to answer 200. Raises StartupError with the last answer."""
    await _wait("API", port, "/health/ready")


async def wait_for_cards(url: str) -> None:
    """Wait until the card sandbox answers. Raises StartupError with its last answer."""
    await _wait("card sandbox", urlsplit(url).port or 80, "/healthz")


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


async def _wait(name: str, port: int, path: str) -> None:
    clock = asyncio.get_running_loop().time
    end = clock() + _PATIENCE
    answer = "no answer"
    while clock() < end:
        status, answer = await asyncio.to_thread(_ask, port, path)
        if status == 200:
            return
        await asyncio.sleep(0.05)
    raise StartupError(f"The {name} is not ready after {_PATIENCE:.0f} seconds: {answer}")


def _ask(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read(2_000).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)
    finally:
        connection.close()
