"""The card processor that runs by default. It stands in for somebody else's system.

So it has a schema, a connection and a clock of its own, knows nothing of ours, and what goes wrong
with it is scripted from outside (`sandbox/control.py`), never patched in.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import fields
from datetime import datetime
from typing import Any, Self

import asyncpg

from sandbox import moves
from sandbox.errors import CardsRefused, CardsUnavailable, KeyReused
from sandbox.records import CardPayment, CardRefund
from sandbox.schema import ensure_schema


class Cards:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, connections: int = 5) -> AsyncIterator[Self]:
        """Connect, create what is missing, and close again at the end."""
        async with asyncpg.create_pool(
            url,
            min_size=1,
            max_size=connections,
            reset=_leave_as_it_is,
            server_settings={"application_name": "card-sandbox", "timezone": "UTC"},
        ) as pool:
            await ensure_schema(pool)
            yield cls(pool)

    async def refund(
        self, key: str, ref: str, amount: int, currency: str, reason: str | None = None
    ) -> CardRefund:
        """Return money of a captured payment. The same key again gives the first answer."""
        return _refund(await self._ask("create", key, ref, amount, currency, reason))

    async def find(self, key: str) -> CardRefund | None:
        """The refund made under this key; one still at work isn't there yet."""
        answer = await self._ask("find", key)
        return _refund(answer) if answer["refund"] else None

    async def get(self, refund_id: str) -> CardRefund | None:
        answer = await self._ask("get", refund_id=refund_id)
        return _refund(answer) if answer["refund"] else None

    async def void(self, key: str, ref: str) -> CardPayment:
        return _payment(await self._ask("void", key, ref))

    async def capture(self, key: str, ref: str, amount: int, currency: str) -> CardPayment:
        """Take part or all of what is held, once."""
        return _payment(await self._ask("capture", key, ref, amount, currency))

    async def listed(self, since: datetime) -> list[CardRefund]:
        """All refunds made since then, newest first, as they are now."""
        try:
            await self.pool.execute(_SETTLE_ALL)
            async with self.pool.acquire() as connection:
                await moves.settle(connection)
                rows = await connection.fetch(_LISTED, since)
        except _LINE_ERRORS as error:
            raise CardsUnavailable("no answer to list") from error
        return [CardRefund(**row) for row in rows]

    async def payment(self, ref: str) -> CardPayment:
        try:
            row = await self.pool.fetchrow(
                "SELECT ref, currency, authorised, captured, refunded, voided"
                " FROM sandbox.payments WHERE ref = $1",
                ref,
            )
        except _LINE_ERRORS as error:
            raise CardsUnavailable("no answer to payment") from error
        if row is None:
            raise CardsRefused("payment_unknown")
        return CardPayment(**{field.name: row[field.name] for field in fields(CardPayment)})

    async def register(self, ref: str, captured: int, currency: str) -> None:
        """Take a payment that was captured elsewhere. Again: it takes the new amount."""
        await self.register_all([(ref, captured, currency)])

    async def register_all(self, payments: Iterable[tuple[str, int, str]]) -> None:
        """Take many captured payments in one go, all or none; a ref's last amount counts.

        An amount below what was refunded, or another currency than before, is refused.
        """
        await self._keep("captured", payments)

    async def hold_all(self, payments: Iterable[tuple[str, int, str]]) -> None:
        """Take cards that are authorised and not yet captured. Again: they stay as they went on."""
        await self._keep("authorised", payments)

    async def _keep(self, column: str, payments: Iterable[tuple[str, int, str]]) -> None:
        latest = {payment[0]: payment for payment in payments}
        in_order = sorted(latest.values())  # so that two imports never block each other crosswise
        columns = [[payment[index] for payment in in_order] for index in range(3)]
        try:
            async with self.pool.acquire() as connection, connection.transaction():
                kept = await connection.fetch(_REGISTER.format(column=column), *columns)
                if len(kept) < len(in_order):
                    raise CardsRefused("currency_mismatch")
        except asyncpg.CheckViolationError as error:
            raise CardsRefused("amount_invalid") from error
        except _LINE_ERRORS as error:
            raise CardsUnavailable("no answer to register") from error

    async def _ask(
        self,
        operation: str,
        key: str | None = None,
        ref: str | None = None,
        amount: int | None = None,
        currency: str | None = None,
        reason: str | None = None,
        refund_id: str | None = None,
    ) -> dict[str, Any]:
        """Do one call and behave as scripted. No connection is kept while it hangs."""
        try:
            async with self.pool.acquire() as connection:
                await moves.settle(connection)
            answer = json.loads(
                await self.pool.fetchval(
                    _ASK, operation, key, ref, amount, currency, reason, refund_id
                )
            )
        except _LINE_ERRORS as error:
            raise CardsUnavailable(f"no answer to {operation}") from error
        await _misbehave(answer, operation)
        if conflict := answer.get("conflict"):
            if conflict == "key_reused":
                raise KeyReused(f"{key} was used with other parameters")
            if operation != "find":
                raise CardsUnavailable(f"{key} is still at work")
            return {"refund": None}
        if answer["failure"] and operation not in ("find", "get"):
            raise CardsRefused(answer["failure"], retryable=bool(answer["retryable"]))
        return dict(answer)


async def _leave_as_it_is(_: asyncpg.Connection) -> None:
    """No call leaves anything on its connection; cleaning it would cost a round trip."""


_ASK = "SELECT sandbox.ask($1, $2, $3, $4, $5, $6, $7)"
_SETTLE_ALL = "SELECT sandbox.settle(ref) FROM sandbox.payments WHERE refunded > 0"
_LISTED = """
SELECT r.id, r.key, r.ref, r.amount, r.currency, reason, state, r.failure, r.retryable
FROM sandbox.refunds r JOIN sandbox.answers USING (key)
WHERE created_at >= $1 AND ready_at <= clock_timestamp() ORDER BY created_at DESC, r.id
"""
_REGISTER = """
INSERT INTO sandbox.payments AS old (ref, {column}, currency)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[])
ON CONFLICT (ref) DO UPDATE SET {column} = excluded.{column}
WHERE old.currency = excluded.currency
RETURNING ref
"""
_LINE_ERRORS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)


async def _misbehave(answer: Mapping[str, Any], operation: str) -> None:
    behaviour = answer.get("behaviour")
    if behaviour in ("hangs", "answers_late", "loses_reply"):
        await asyncio.sleep(answer["seconds"])
    if behaviour in ("hangs", "loses_reply", "unavailable"):
        raise CardsUnavailable(f"the connection dropped during {operation}")


def _refund(answer: Mapping[str, Any]) -> CardRefund:
    row = answer["refund"]
    return CardRefund(**{field.name: row[field.name] for field in fields(CardRefund)})


def _payment(answer: Mapping[str, Any]) -> CardPayment:
    row = answer["payment"]
    return CardPayment(**{field.name: row[field.name] for field in fields(CardPayment)})
