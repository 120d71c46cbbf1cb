"""Hearing, over one connection, which subjects have news."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NoReturn
from uuid import UUID

import asyncpg
from sqlalchemy import make_url

log = logging.getLogger(__name__)

CHANNEL = "rescind_events"
NAME = "rescind-feed"
"""What the connection is called in `pg_stat_activity`."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_PATIENCE = 5.0
_CHECK_EVERY = 10.0

Heard = Callable[[UUID | None], None]
"""Told of a subject with news; None when there may be news of any."""


async def listen(url: str, heard: Heard) -> NoReturn:
    """Listen for good; a lost connection is made again, sooner at first and then every 5 seconds.

    What was announced meanwhile is lost, so None is heard as soon as there is a connection.
    """
    pause = _FIRST_PAUSE
    while True:
        try:
            async with _listening(url, heard) as (connection, lost):
                pause = _FIRST_PAUSE
                await _until_lost(connection, lost)
            log.warning("the connection for news was lost")
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("no connection for news: %s", type(error).__name__)
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


@asynccontextmanager
async def _listening(
    url: str, heard: Heard
) -> AsyncIterator[tuple[asyncpg.Connection, asyncio.Event]]:
    lost = asyncio.Event()
    connection = await asyncpg.connect(
        _driver_url(url),
        timeout=_PATIENCE,
        command_timeout=_PATIENCE,
        server_settings={"application_name": NAME},
    )
    try:
        connection.add_termination_listener(lambda _: lost.set())
        await connection.add_listener(CHANNEL, lambda *told: heard(_subject(str(told[-1]))))
        heard(None)
        yield connection, lost
    finally:
        connection.terminate()


async def _until_lost(connection: asyncpg.Connection, lost: asyncio.Event) -> None:
    """Wait, asking now and then: a connection that died in silence is noticed only by use."""
    while not lost.is_set():
        try:
            async with asyncio.timeout(_CHECK_EVERY):
                await lost.wait()
        except TimeoutError:
            await connection.execute("SELECT 1")


def _subject(payload: str) -> UUID | None:
    """The subject a payload names, whatever a newer version may write behind it."""
    try:
        return UUID(payload.split(" ", 1)[0])
    except ValueError:
        return None


def _driver_url(url: str) -> str:
    """The address without SQLAlchemy's name of the driver, and with libpq's name for TLS."""
    parsed = make_url(url)
    query = dict(parsed.query)
    if mode := query.pop("ssl", None):
        query["sslmode"] = mode
    return parsed.set(drivername="postgresql", query=query).render_as_string(hide_password=False)
