"""A database for a command that runs on its own: the one given, the one running, or our own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from runtime import lock, ports, postgres, process, running
from runtime.migrations import migrate
from runtime.settings import Settings


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[str]:
    """Give the address of a migrated database until the block ends.

    If none is set and `rescind up` isn't running, the embedded one is started for that long.
    """
    url = running.fill(settings).database_url
    if url:
        await migrate(url)
        yield url
        return
    with lock.hold(settings.data):
        logs = settings.data / "logs"
        logs.mkdir(exist_ok=True)
        folder, port = settings.data / "postgres", ports.next_free(5433)
        server = await postgres.start(folder, port, logs / "postgres.log")
        try:
            await postgres.ready(server)
            await migrate(server.url)
            yield server.url
        finally:
            await process.end(server.process, postgres.STOP, 10)
