"""Idempotency: the first answer under a key, for a day of the sandbox's clock."""

import json

import asyncpg

from sandbox.objects import Json
from sandbox.refusals import key_in_use


async def keep(
    connection: asyncpg.Connection, key: str | None, asked: str, status: int, body: Json
) -> None:
    """Keep an answer. One that is kept already, by a call at the same moment, refuses this one."""
    if key is None:
        return
    kept = await connection.fetchval(_KEEP, key, asked, status, json.dumps(body))
    if kept is None:
        raise key_in_use(key)


_KEEP = """
INSERT INTO sandbox.keys AS old (key, asked, status, body, created_at)
VALUES ($1, $2, $3, $4, sandbox.now())
ON CONFLICT (key) DO UPDATE SET asked = excluded.asked, status = excluded.status,
    body = excluded.body, created_at = excluded.created_at
WHERE old.created_at <= sandbox.now() - interval '24 hours'
RETURNING key
"""


async def prune(connection: asyncpg.Connection) -> None:
    """Forget keys that are older than a day."""
    await connection.execute(
        "DELETE FROM sandbox.keys WHERE created_at <= sandbox.now() - interval '24 hours'"
    )
