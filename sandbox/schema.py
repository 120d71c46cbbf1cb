"""The sandbox's own tables and functions, kept apart from ours and from our migrations."""

import hashlib
from pathlib import Path

import asyncpg

_FOLDER = Path(__file__).parent
_FILES = ("tables.sql", "functions.sql")
_LOCK = 0x5AB0C
_KNOWN = "SELECT obj_description(to_regnamespace('sandbox'), 'pg_namespace')"


async def ensure_schema(pool: asyncpg.Pool) -> None:
    """Bring the schema to what this version needs. Any number of processes may do so at once."""
    script = "\n".join((_FOLDER / name).read_text() for name in _FILES)
    version = hashlib.sha256(script.encode()).hexdigest()
    async with pool.acquire() as connection:
        if await connection.fetchval(_KNOWN) == version:
            return
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            await connection.execute("SET LOCAL client_min_messages = warning")
            await connection.execute(script)
            await connection.execute(f"COMMENT ON SCHEMA sandbox IS '{version}'")
