"""Idempotency: the first answer under a key, for a day of the sandbox's clock."""

import json

import asyncpg

from sandbox import events
from sandbox.calls import Asked
from sandbox.objects import Json
from sandbox.refusals import key_in_use


async def finish(
    connection: asyncpg.Connection, asked: Asked, status: int, body: Json, *, undone: bool = False
) -> None:
    """Tell the news and keep the answer, in one round trip and the caller's transaction.

    An answer that is kept already, by a call at the same moment, refuses this one.
    """
    news = [] if undone else asked.news
    if asked.key is None and not news:
        return
    kept = await connection.fetchval(
        _FINISH, *events.columns(news), asked.key, asked.fingerprint, status, json.dumps(body)
    )
    if asked.key is not None and not kept:
        raise key_in_use(asked.key)


_FINISH = f"""
WITH kept AS (
    INSERT INTO sandbox.keys AS old (key, asked, status, body, created_at)
    SELECT $6, $7, $8, $9, sandbox.now() WHERE $6::text IS NOT NULL
    ON CONFLICT (key) DO UPDATE SET asked = excluded.asked, status = excluded.status,
        body = excluded.body, created_at = excluded.created_at
    WHERE old.created_at <= sandbox.now() - interval '24 hours'
    RETURNING key
), {events.TELL}
SELECT EXISTS (SELECT FROM kept) FROM notified
"""


async def prune(connection: asyncpg.Connection) -> None:
    """Forget keys that are older than a day."""
    await connection.execute(
        "DELETE FROM sandbox.keys WHERE created_at <= sandbox.now() - interval '24 hours'"
    )
