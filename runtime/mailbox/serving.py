"""Serving the mail catcher's pages beside whatever else the process does."""

import asyncio
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import uvicorn

from runtime.errors import StartupError
from runtime.mailbox.pages import application
from runtime.ports import LOOPBACK


class _Server(uvicorn.Server):
    """Leaves signals to the process, which has other things to stop as well."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


@asynccontextmanager
async def serving(folder: Path, port: int, host: str = LOOPBACK) -> AsyncIterator[str]:
    """Serve the mails in `folder` until the block ends; gives the address for a browser."""
    try:
        listener = socket.create_server((host, port))
    except OSError as error:
        raise StartupError(f"The mails can't be shown on port {port}: {error.strerror}.") from error
    server = _Server(
        uvicorn.Config(
            application(folder, host),
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
    )
    task = asyncio.ensure_future(server.serve(sockets=[listener]))
    try:
        yield f"http://{_reachable(host)}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await asyncio.wait({task})


def _reachable(host: str) -> str:
    return LOOPBACK if host == "0.0.0.0" else host
