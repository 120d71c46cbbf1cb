"""PostgreSQL: whether it answers, is new enough, has our schema, and room for more connections."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from runtime.doctor import clock, letters, maintenance, policies, schema, waiting
from runtime.doctor.findings import Finding, Level, bounded, broken, fine, unchecked, warning
from storage.database import make_engine, make_sessions

Check = Callable[[AsyncSession], Awaitable[Finding]]
Sessions = async_sessionmaker[AsyncSession]

OLDEST = 14
"""The oldest PostgreSQL that is still maintained; exclusion constraints came long before."""

FEW_CONNECTIONS = 20
"""What one more worker or API may take: a pool of ten and as many again."""

SCAN_PATIENCE = 600.0
"""Seconds for all promises together: that check reads the whole database."""

_ADDRESS = "Look whether PostgreSQL runs there, and at DATABASE_URL."
_LOG_IN = "Mend user and password in DATABASE_URL."
_REFUSALS = {
    "28P01": ("it refuses our password", _LOG_IN),
    "28000": ("it refuses our user", _LOG_IN),
    "3D000": ("it has no database of that name", "Make it, or mend DATABASE_URL."),
    "53300": ("all its connections are taken", "Raise max_connections, or run fewer workers."),
    "57P03": ("it is starting or stopping", "Wait a moment; else read PostgreSQL's log."),
}
_ON_TABLES: Mapping[str, Check] = {
    "policies": policies.check,
    "maintenance": maintenance.check,
    "mails": waiting.mails,
    "withdrawal letters": letters.letters,
    "requests": waiting.requests,
    "work": waiting.work,
    "cancellations": waiting.cancellations,
    "refunds": waiting.refunds,
    "held cards": waiting.held_cards,
    "reconciliation": waiting.reconciliation,
}


async def examine(url: str | None, *, invariants: bool) -> list[Finding]:
    """Look at the server first, then at the schema, then at the work that lies in the tables."""
    if url is None:
        return [unchecked("database", "settings")]
    try:
        engine = make_engine(url, connections=8)
    except (SQLAlchemyError, ValueError):
        return [broken("database", "DATABASE_URL can't be read.", "Mend it.")]
    try:
        return await _examine(make_sessions(engine), place(url), invariants=invariants)
    finally:
        with suppress(TimeoutError, OSError, SQLAlchemyError):
            async with asyncio.timeout(2):
                await engine.dispose()


def place(url: str) -> str:
    """Where a database is, without user, password and options."""
    parsed = make_url(url)
    return f"{parsed.host or 'a local socket'}:{parsed.port or 5432}/{parsed.database or ''}"


async def _examine(sessions: Sessions, where: str, *, invariants: bool) -> list[Finding]:
    server = await bounded("database", _reach(sessions, where), _ADDRESS)
    if server.level is Level.BROKEN:
        return [server]
    about = {
        "connections": _connections,
        "database clock": clock.of_database,
        "migrations": schema.check,
    }
    found = [server, *await _ask_all(sessions, about)]
    if found[-1].level is Level.BROKEN:
        names = [*_ON_TABLES, *["invariants"] * invariants]
        return found + [unchecked(name, "migrations") for name in names]
    found += await _ask_all(sessions, _ON_TABLES)
    if invariants:
        scan = _within(sessions, waiting.invariants)
        found.append(await bounded("invariants", scan, _ADDRESS, SCAN_PATIENCE))
    return found


async def _ask_all(sessions: Sessions, checks: Mapping[str, Check]) -> list[Finding]:
    asking = (bounded(name, _within(sessions, check), _ADDRESS) for name, check in checks.items())
    return list(await asyncio.gather(*asking))


async def _reach(sessions: Sessions, where: str) -> Finding:
    try:
        return await _within(sessions, lambda session: _describe(session, where))
    except (OSError, SQLAlchemyError) as error:
        cause = getattr(error, "orig", error)
        known = _REFUSALS.get(getattr(cause, "sqlstate", None) or "")
        why, remedy = known or (type(cause).__name__, _ADDRESS)
        return broken("database", f"{where} can't be used: {why}.", remedy)


async def _within(sessions: Sessions, check: Check) -> Finding:
    async with sessions.begin() as session:
        await session.execute(text("SET TRANSACTION READ ONLY"))
        return await check(session)


async def _describe(session: AsyncSession, where: str) -> Finding:
    row = await session.execute(
        text(
            "SELECT current_setting('server_version_num')::int, pg_is_in_recovery(),"
            " EXISTS (SELECT FROM pg_available_extensions WHERE name = 'btree_gist')"
        )
    )
    number, is_standby, has_gist = row.one()
    version = f"{number // 10_000}.{number % 10_000}"
    if number < OLDEST * 10_000:
        says = f"PostgreSQL {version} at {where} is too old."
        return broken("database", says, f"Use PostgreSQL {OLDEST} or newer.")
    if not has_gist:
        says = f"PostgreSQL {version} at {where} lacks btree_gist, which guards the slots."
        return broken("database", says, "Install PostgreSQL's contrib package.")
    if is_standby:
        says = f"{where} is a standby that takes no writes."
        return broken("database", says, "Point DATABASE_URL at the primary.")
    return fine("database", f"PostgreSQL {version} at {where}.")


async def _connections(session: AsyncSession) -> Finding:
    """Those of all databases of the server share one limit."""
    row = await session.execute(
        text(
            "SELECT current_setting('max_connections')::int"
            " - current_setting('superuser_reserved_connections')::int,"
            " (SELECT sum(numbackends)::int FROM pg_stat_database)"
        )
    )
    most, taken = row.one()
    says = f"{most - taken} of {most} are free."
    if most - taken < FEW_CONNECTIONS:
        remedy = "Raise max_connections, or run fewer workers and APIs."
        return warning("connections", f"Only {says}", remedy)
    return fine("connections", says)
