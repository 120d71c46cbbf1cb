"""Sending webhooks, and making announced moves, at their moment."""

import asyncio
import json
import logging
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache

import asyncpg
import httpx

from sandbox import events, keys, moves, objects, signing
from sandbox.cards import Cards

log = logging.getLogger(__name__)

_PATIENCE = 5.0
_LONGEST_NAP = 2.0


@cache
def _trusted() -> ssl.SSLContext:
    """Whose certificates count; reading them takes longer than all the rest of a start."""
    return ssl.create_default_context()


async def run(cards: Cards) -> None:
    """Do what is due at its moment, for ever; again after a while if the database goes away."""
    while True:
        try:
            await _listen(cards)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("webhooks wait for the database: %s", type(error).__name__)
            await asyncio.sleep(_LONGEST_NAP)


async def _listen(cards: Cards) -> None:
    """Do what is due, then sleep until something will be, or somebody calls."""
    called = asyncio.Event()

    def hear(*_: object) -> None:
        called.set()

    async with cards.pool.acquire() as ear:
        await ear.add_listener(events.CHANNEL, hear)
        try:
            while True:
                called.clear()
                nap = await _tick(cards.pool)
                with suppress(TimeoutError):
                    async with asyncio.timeout(nap):
                        await called.wait()
        finally:
            await ear.remove_listener(events.CHANNEL, hear)


async def _tick(pool: asyncpg.Pool) -> float:
    """Do what is due, and say for how many seconds nothing will be."""
    async with pool.acquire() as connection:
        await moves.settle(connection)
        await keys.prune(connection)
        if row := await connection.fetchrow(_NEXT):
            async with httpx.AsyncClient(timeout=_PATIENCE, verify=_trusted()) as client:
                while row:
                    if row["shaped"] is not None or await _shape(connection, row):
                        await _send(connection, client, row)
                    row = await connection.fetchrow(_NEXT)
        return min(float(await connection.fetchval(_NAP) or _LONGEST_NAP), _LONGEST_NAP)


# Taken for a while: if the sandbox dies while sending, it is sent again after that.
_NEXT = """
UPDATE sandbox.deliveries d SET due_at = sandbox.now() + interval '30 seconds'
FROM sandbox.events v, sandbox.endpoints e
WHERE d.id = (
    SELECT id FROM sandbox.deliveries WHERE due_at <= sandbox.now()
    ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
) AND v.id = d.event_id AND e.id = d.endpoint_id
RETURNING d.id AS delivery, d.event_id, d.endpoint_id, d.shaped, v.*, e.url, e.secret
"""
_NAP = """
SELECT greatest(extract(epoch FROM min(moment) - sandbox.now()), 0.01) FROM (
    SELECT min(due_at) AS moment FROM sandbox.deliveries
    UNION ALL SELECT min(at) FROM sandbox.moves
) AS coming
"""


async def _shape(connection: asyncpg.Connection, row: asyncpg.Record) -> bool:
    """Meet what is scripted for this delivery. False: it isn't to be sent now."""
    async with connection.transaction():
        fault = await connection.fetchrow(
            "SELECT * FROM sandbox.next_delivery_fault($1, $2)", row["ref"], row["type"]
        )
        behaviour = fault["behaviour"] or "plain"
        delay = {"delayed": fault["seconds"], "reordered": fault["seconds"] or 2.0}.get(behaviour)
        await connection.execute(
            "UPDATE sandbox.deliveries SET shaped = $2, held = $2 = 'reordered',"
            " due_at = CASE WHEN $2 = 'dropped' THEN NULL WHEN $3::float8 IS NULL THEN due_at"
            " ELSE sandbox.now() + make_interval(secs => $3) END WHERE id = $1",
            *(row["delivery"], behaviour, delay),
        )
        if behaviour == "duplicated":
            await _add(connection, row["event_id"], row["endpoint_id"])
    return behaviour in ("plain", "duplicated")


async def _add(connection: asyncpg.Connection, event_id: str, endpoint_id: str) -> None:
    await connection.execute(
        "INSERT INTO sandbox.deliveries (event_id, endpoint_id, due_at, shaped)"
        " VALUES ($1, $2, sandbox.now(), 'duplicate')",
        *(event_id, endpoint_id),
    )


async def _send(
    connection: asyncpg.Connection, client: httpx.AsyncClient, row: asyncpg.Record
) -> None:
    payload = json.dumps(objects.event(row)).encode()
    headers = signing.headers(row["secret"], payload, datetime.now(UTC))
    status = None
    with suppress(httpx.HTTPError):
        answer = await client.post(row["url"], content=payload, headers=headers)
        status = answer.status_code
    arrived = status is not None and 200 <= status < 300
    await connection.execute(_SENT, row["delivery"], status, arrived)
    if arrived:
        await connection.execute(_LET_GO, row["endpoint_id"], row["ref"], row["seq"])


# Again after 1 s, 2 s, 4 s ... an hour at most, for three days.
_SENT = """
UPDATE sandbox.deliveries SET attempts = attempts + 1, status = $2, sent_at = sandbox.now(),
    due_at = CASE WHEN NOT $3 AND attempts < 80
        THEN sandbox.now() + least(interval '1 second' * 2 ^ least(attempts, 12), '1 hour') END
WHERE id = $1
"""
_LET_GO = """
UPDATE sandbox.deliveries d SET held = false, due_at = sandbox.now()
FROM sandbox.events v
WHERE held AND v.id = event_id AND endpoint_id = $1 AND ref = $2 AND seq < $3
"""
