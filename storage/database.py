"""The connection to PostgreSQL."""

from typing import Any

from sqlalchemy import event, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from storage import schema

TABLES = schema.METADATA
"""All of them, in every process that has a connection: one that writes a row has to know each table
that the row's own refers to."""


def async_url(url: str) -> str:
    """Read a `postgresql://` address for the asyncpg driver.

    libpq's `sslmode` is passed on as the driver's own `ssl`.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise ValueError("DATABASE_URL must begin with postgresql://")
    query = dict(parsed.query)
    if mode := query.pop("sslmode", None):
        query["ssl"] = mode
    parsed = parsed.set(drivername="postgresql+asyncpg", query=query)
    return parsed.render_as_string(hide_password=False)


_OLDEST = 300
"""Seconds after which a connection is replaced, before a firewall drops it without a word."""


def make_engine(url: str, connections: int = 20) -> AsyncEngine:
    """Open a pool. Sessions are in UTC, and a connection that broke while idle is replaced.

    Each connection is opened when it is first needed and then kept: to open one for a peak and
    close it again costs as much as ten transactions.

    Errors don't tell the values of a statement, since they may be personal and end up in a log.
    """
    engine = create_async_engine(
        async_url(url),
        pool_size=connections,
        max_overflow=0,
        pool_recycle=_OLDEST,
        hide_parameters=True,
        connect_args={"server_settings": {"application_name": "rescind", "timezone": "UTC"}},
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(connection: Any, *_: object) -> None:
    """Have a connection that the server has closed replaced, and all others of its age.

    The driver knows without asking. A ping would be three round trips before every transaction.
    """
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError


async def without_transaction(session: AsyncSession) -> None:
    """Let each statement of a fresh session that only reads stand alone, with two trips less.

    It sees no other data for it: at PostgreSQL's own level each statement looks afresh anyway.
    """
    await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})


def make_sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Make the factory of sessions; rows stay readable after a commit."""
    return async_sessionmaker(engine, expire_on_commit=False)
