"""The sandbox's own tables and functions, kept apart from ours and from our migrations."""

from pathlib import Path

import asyncpg

_FOLDER = Path(__file__).parent
_FILES = ("tables.sql", "functions.sql")
_LOCK = 0x5AB0C


async def ensure_schema(pool: asyncpg.Pool) -> None:
    """Bring the schema to what this version needs. Any number of processes may do so at once."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        await connection.execute("SET LOCAL client_min_messages = warning")
        for name in _FILES:
            await connection.execute((_FOLDER / name).read_text())
