"""Scripting the card sandbox and looking into it, from any process: a test, a demo, a bench.

Everything is rows, so what is scripted here meets the calls of a worker that runs elsewhere.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from sandbox import moves
from sandbox.cards import Cards
from sandbox.errors import CardsRefused
from sandbox.events import CHANNEL
from sandbox.records import Call, CardPayment, CardRefund, Sending
from sandbox.trial_cards import WAITING


class Behaviour(StrEnum):
    """What a scripted call meets on the wire.

    Answers, with a refund made: `accepts`; `accepts_pending`, which waits for what `failure` says
    (`processing` without one) and succeeds by itself after `seconds`, or never at zero;
    `requires_action`; `fails`, with `failure` as its failure_reason.

    Definite noes: `rejects`, kept under its key, is 402 with `failure` as decline_code and
    `retryable` as advice_code (try_again_later, do_not_try_again), or 400 with `failure` as code
    where it is one of Stripe's for requests (`charge_disputed`). `rate_limited` is 429 and
    `conflict` 409: nothing done, nothing kept.

    Unknown to who asks: `unavailable` cuts the line at once, `hangs` after `seconds`, nothing done
    by either. `loses_reply` does it and cuts the line after `seconds`. `answers_late` does it after
    `seconds`, even if nobody waits; until then it can't be found, and its key is in use.
    `server_error` is 500 and nothing done, `server_error_after` 500 though it was done; both stay
    under their key for a day, as Stripe's do.
    """

    ACCEPTS = "accepts"
    ACCEPTS_PENDING = "accepts_pending"
    REQUIRES_ACTION = "requires_action"
    FAILS = "fails"
    REJECTS = "rejects"
    RATE_LIMITED = "rate_limited"
    CONFLICT = "conflict"
    HANGS = "hangs"
    LOSES_REPLY = "loses_reply"
    ANSWERS_LATE = "answers_late"
    UNAVAILABLE = "unavailable"
    SERVER_ERROR = "server_error"
    SERVER_ERROR_AFTER = "server_error_after"


class Delivery(StrEnum):
    """What a scripted webhook meets: sent twice; sent after `seconds`; sent after the next one of
    its payment, or after `seconds` if none comes; not sent at all."""

    DUPLICATED = "duplicated"
    DELAYED = "delayed"
    REORDERED = "reordered"
    DROPPED = "dropped"


class Operation(StrEnum):
    """What is asked. Of refunds: create; find lists those of one payment, listed those of all;
    get, update and cancel are about one. Of payments: pay makes or confirms one, void cancels it.
    """

    CREATE = "create"
    FIND = "find"
    LISTED = "listed"
    GET = "get"
    UPDATE = "update"
    CANCEL = "cancel"
    PAY = "make_payment"
    PAYMENT = "payment"
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


async def script_webhooks(
    cards: Cards,
    delivery: Delivery,
    *,
    ref: str | None = None,
    event: str | None = None,
    times: int | None = 1,
    seconds: float = 0,
) -> None:
    """Have the next webhooks go like this: about one payment or any, of one type or any."""
    await cards.pool.execute(
        "INSERT INTO sandbox.faults (operation, ref, event, behaviour, seconds, remaining)"
        " VALUES ('webhook', $1, $2, $3, $4, $5)",
        *(ref, event, delivery.value, float(seconds), times),
    )


async def clear_scripts(cards: Cards, ref: str | None = None) -> None:
    """Forget what is scripted for one payment, or all of it."""
    await cards.pool.execute("DELETE FROM sandbox.faults WHERE $1::text IS NULL OR ref = $1", ref)


async def let_refunds_wait(cards: Cards, ref: str) -> None:
    """Have all refunds of a payment begin as pending and stay so, whatever else their call meets:
    also where its answer is lost. What becomes of them is announced, as by `succeed_later`."""
    await cards.pool.execute(
        "UPDATE sandbox.payments SET payment_method = $2 WHERE ref = $1", ref, WAITING
    )


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


async def wait_later(
    cards: Cards, refund_id: str, reason: str = "processing", after: timedelta = timedelta()
) -> None:
    """Let a refund that isn't through wait: processing, insufficient_funds or charge_pending."""
    await _announce(cards, refund_id, "pending", reason, after)


async def now(cards: Cards) -> datetime:
    """What the sandbox's clock says."""
    moment: datetime = await cards.pool.fetchval("SELECT sandbox.now()")
    return moment


async def advance(cards: Cards, by: timedelta) -> None:
    """Move the sandbox's clock on. Keys grow old; announced moves and webhooks become due."""
    await cards.pool.execute("UPDATE sandbox.clock SET ahead = ahead + $1", by)
    await cards.pool.execute("SELECT pg_notify($1, '')", CHANNEL)


async def deliveries(cards: Cards, ref: str | None = None) -> list[Sending]:
    """All sendings of events so far and to come, in the order they were planned."""
    rows = await cards.pool.fetch(
        "SELECT event_id, type, ref, shaped, attempts, status, d.due_at, d.sent_at"
        " FROM sandbox.deliveries d JOIN sandbox.events v ON v.id = event_id"
        " WHERE $1::text IS NULL OR ref = $1 ORDER BY d.id",
        ref,
    )
    return [Sending(**row) for row in rows]


async def resend(cards: Cards, event_id: str) -> None:
    """Send an event again to every endpoint, as the processor's own pages can."""
    await cards.pool.execute(
        "INSERT INTO sandbox.deliveries (event_id, endpoint_id, due_at, shaped)"
        " SELECT $1, id, sandbox.now(), 'duplicate' FROM sandbox.endpoints",
        event_id,
    )
    await cards.pool.execute("SELECT pg_notify($1, '')", CHANNEL)


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
    await _settle(cards)
    rows = await cards.pool.fetch(
        "SELECT id, key, ref, amount, currency, reason, state, failure, retryable"
        " FROM sandbox.refunds WHERE ref = $1 ORDER BY seq",
        ref,
    )
    return [CardRefund(**row) for row in rows]


async def payment(cards: Cards, ref: str) -> CardPayment | None:
    await _settle(cards)
    row = await cards.pool.fetchrow(
        "SELECT ref, currency, authorised, captured, refunded, voided FROM sandbox.payments"
        " WHERE ref = $1",
        ref,
    )
    return CardPayment(**row) if row else None


async def _settle(cards: Cards) -> None:
    async with cards.pool.acquire() as connection:
        await moves.settle(connection)


async def _announce(
    cards: Cards,
    refund_id: str,
    state: str,
    reason: str | None,
    after: timedelta,
    *,
    retryable: bool = False,
) -> None:
    async with cards.pool.acquire() as connection:
        now_is = await connection.fetchval(
            "SELECT state FROM sandbox.refunds WHERE id = $1", refund_id
        )
        if now_is is None:
            raise CardsRefused("refund_unknown")
        if not moves.is_allowed(now_is, state):
            raise CardsRefused("state_final")
        await moves.announce(connection, refund_id, state, reason, retryable=retryable, after=after)
        await moves.settle(connection)
