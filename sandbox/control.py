"""Scripting the card sandbox and looking into it, from any process: a test, a demo, a bench.

Everything is rows, so what is scripted here meets the calls of a worker that runs elsewhere.
"""

from datetime import timedelta
from enum import StrEnum

import asyncpg

from sandbox.cards import Cards
from sandbox.errors import CardsRefused
from sandbox.records import Call, CardPayment, CardRefund


class Behaviour(StrEnum):
    """What a scripted call meets.

    hangs: does nothing and fails after `seconds`. loses_reply: does it, then fails after `seconds`.
    answers_late: does it after `seconds` and then answers; it gets done even if nobody waits, and
    can't be found until then. unavailable: does nothing and fails at once. rejects: a definite no.
    fails: a refund that failed already. accepts_pending: succeeds by itself after `seconds`, or
    never at zero.
    """

    ACCEPTS = "accepts"
    ACCEPTS_PENDING = "accepts_pending"
    REQUIRES_ACTION = "requires_action"
    FAILS = "fails"
    REJECTS = "rejects"
    HANGS = "hangs"
    LOSES_REPLY = "loses_reply"
    ANSWERS_LATE = "answers_late"
    UNAVAILABLE = "unavailable"


class Operation(StrEnum):
    CREATE = "create"
    FIND = "find"
    GET = "get"
    VOID = "void"
    CAPTURE = "capture"


async def script(
    cards: Cards,
    behaviour: Behaviour,
    *,
    ref: str | None = None,
    operation: Operation = Operation.CREATE,
    times: int | None = 1,
    seconds: float = 0,
    failure: str | None = None,
    retryable: bool = False,
) -> None:
    """Have the next calls behave like this: of one payment, or of any without `ref`.

    `times` None stays until it is cleared. Scripts are used up in the order they were given, a
    payment's own first. A repeat under a key that has its answer can only lose its way.
    """
    await cards.pool.execute(
        "INSERT INTO sandbox.faults"
        " (operation, ref, behaviour, failure, retryable, seconds, remaining)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        operation.value,
        ref,
        behaviour.value,
        failure,
        retryable,
        float(seconds),
        times,
    )


async def clear_scripts(cards: Cards, ref: str | None = None) -> None:
    """Forget what is scripted for one payment, or all of it."""
    await cards.pool.execute("DELETE FROM sandbox.faults WHERE $1::text IS NULL OR ref = $1", ref)


async def succeed_later(cards: Cards, refund_id: str, after: timedelta = timedelta()) -> None:
    """Let a waiting refund succeed after a while, at once without one."""
    await _announce(cards, refund_id, "succeeded", None, after)


async def fail_later(
    cards: Cards,
    refund_id: str,
    failure: str,
    *,
    retryable: bool = False,
    after: timedelta = timedelta(),
) -> None:
    """Let a refund fail after a while, also one that had succeeded; its money is back with us."""
    await _announce(cards, refund_id, "failed", failure, after, retryable=retryable)


async def require_action_later(
    cards: Cards, refund_id: str, after: timedelta = timedelta()
) -> None:
    await _announce(cards, refund_id, "requires_action", None, after)


async def cancel_later(cards: Cards, refund_id: str, after: timedelta = timedelta()) -> None:
    """Cancel a refund that isn't through, as somebody may do in the processor's own pages."""
    await _announce(cards, refund_id, "cancelled", None, after)


async def calls(
    cards: Cards, ref: str | None = None, operation: Operation | None = None
) -> list[Call]:
    """The calls that arrived, oldest first, those included that were scripted to go wrong."""
    rows = await cards.pool.fetch(
        "SELECT at, operation, key, ref, amount, currency, behaviour FROM sandbox.calls"
        " WHERE ($1::text IS NULL OR ref = $1) AND ($2::text IS NULL OR operation = $2)"
        " ORDER BY id",
        ref,
        operation,
    )
    return [Call(**row) for row in rows]


async def refunds_of(cards: Cards, ref: str) -> list[CardRefund]:
    """A payment's refunds, oldest first, without those still at work."""
    await cards.pool.execute("SELECT sandbox.settle($1)", ref)
    rows = await cards.pool.fetch(
        "SELECT r.id, key, r.ref, r.amount, r.currency, reason, state, r.failure, r.retryable"
        " FROM sandbox.refunds r JOIN sandbox.answers USING (key)"
        " WHERE r.ref = $1 AND ready_at <= clock_timestamp() ORDER BY created_at, r.id",
        ref,
    )
    return [CardRefund(**row) for row in rows]


async def payment(cards: Cards, ref: str) -> CardPayment | None:
    await cards.pool.execute("SELECT sandbox.settle($1)", ref)
    row = await cards.pool.fetchrow("SELECT * FROM sandbox.payments WHERE ref = $1", ref)
    return CardPayment(**row) if row else None


async def _announce(
    cards: Cards,
    refund_id: str,
    state: str,
    failure: str | None,
    after: timedelta,
    *,
    retryable: bool = False,
) -> None:
    try:
        known = await cards.pool.fetchval(
            "SELECT sandbox.announce($1, $2, $3, $4, $5)",
            refund_id,
            state,
            failure,
            retryable,
            after.total_seconds(),
        )
    except asyncpg.PostgresError as error:
        if error.sqlstate != "SB001":
            raise
        raise CardsRefused("state_final") from error
    if not known:
        raise CardsRefused("refund_unknown")
