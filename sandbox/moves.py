"""What becomes of refunds after they were made: announced, and carried out when due."""

from collections.abc import Mapping
from datetime import timedelta

import asyncpg

from sandbox import events, objects

_NEXT: Mapping[str, frozenset[str]] = {
    "pending": frozenset({"pending", "requires_action", "succeeded", "failed", "cancelled"}),
    "requires_action": frozenset(
        {"pending", "requires_action", "succeeded", "failed", "cancelled"}
    ),
    "succeeded": frozenset({"failed"}),
    "failed": frozenset(),
    "cancelled": frozenset(),
}
_OVER = ("failed", "cancelled")


def is_allowed(state: str, new: str) -> bool:
    return new in _NEXT[state]


async def announce(
    connection: asyncpg.Connection,
    refund_id: str,
    state: str,
    reason: str | None = None,
    *,
    retryable: bool = False,
    after: timedelta = timedelta(),
) -> None:
    """Have a refund become this after a while. `reason` is its failure, or what it waits for."""
    await connection.execute(
        "INSERT INTO sandbox.moves (refund_id, state, reason, retryable, at)"
        " VALUES ($1, $2, $3, $4, sandbox.now() + $5)",
        *(refund_id, state, reason, retryable, after),
    )
    await connection.execute("SELECT pg_notify($1, '')", events.CHANNEL)


async def settle(connection: asyncpg.Connection) -> None:
    """Make all moves that are due, each payment's in a transaction of its own."""
    refs = await connection.fetch(
        "SELECT DISTINCT ref FROM sandbox.moves m JOIN sandbox.refunds r ON r.id = refund_id"
        " WHERE at <= sandbox.now() ORDER BY ref"
    )
    for ref in refs:
        async with connection.transaction():
            await _settle_payment(connection, ref[0])


async def _settle_payment(connection: asyncpg.Connection, ref: str) -> None:
    """Lock the payment first, as every writer does, so that writers take turns."""
    await connection.execute("SELECT FROM sandbox.payments WHERE ref = $1 FOR UPDATE", ref)
    due = await connection.fetch(
        "DELETE FROM sandbox.moves m USING sandbox.refunds r"
        " WHERE r.id = refund_id AND ref = $1 AND at <= sandbox.now()"
        " RETURNING m.id, refund_id, m.state, m.reason, m.retryable, at",
        ref,
    )
    for move in sorted(due, key=lambda move: (move["at"], move["id"])):
        await carry_out(connection, move["refund_id"], move)


async def carry_out(
    connection: asyncpg.Connection, refund_id: str, move: Mapping[str, object]
) -> None:
    """Make one move, if the refund still can; the caller holds the payment's lock."""
    before = await connection.fetchrow("SELECT * FROM sandbox.refunds WHERE id = $1", refund_id)
    state = str(move["state"])
    if not is_allowed(before["state"], state):
        return
    after = await connection.fetchrow(
        "UPDATE sandbox.refunds SET state = $2, failure = $3, retryable = $4, pending_reason = $5"
        " WHERE id = $1 RETURNING *",
        refund_id,
        state,
        move["reason"] if state == "failed" else None,
        move["retryable"],
        move["reason"] if state == "pending" else None,
    )
    if state in _OVER:
        await connection.execute(
            "UPDATE sandbox.payments SET refunded = refunded - $2 WHERE ref = $1",
            *(after["ref"], after["amount"]),
        )
    news = events.of_changed_refund(after, objects.refund(before))
    await events.emit(connection, news)
