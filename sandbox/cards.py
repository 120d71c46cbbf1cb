"""The sandbox's memory: where it is kept, and the payments that were made elsewhere.

The sandbox stands in for somebody else's system. So it has a schema, connections and a clock of its
own, knows nothing of ours, and what goes wrong with it is scripted from outside
(`sandbox/control.py`), never patched in.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Self

import asyncpg

from sandbox.errors import CardsRefused, CardsUnavailable
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
            server_settings=_SESSION,
        ) as pool:
            await ensure_schema(pool)
            yield cls(pool)

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
                await connection.execute("SET LOCAL synchronous_commit = on")
                kept = await connection.fetch(_REGISTER.format(column=column), *columns)
                if len(kept) < len(in_order):
                    raise CardsRefused("currency_mismatch")
        except asyncpg.CheckViolationError as error:
            raise CardsRefused("amount_invalid") from error
        except _LINE_ERRORS as error:
            raise CardsUnavailable("no answer to register") from error


# Scripts and the list of calls needn't outlive a crash of the database; what moves money does.
_SESSION = {"application_name": "card-sandbox", "timezone": "UTC", "synchronous_commit": "off"}


async def _leave_as_it_is(_: asyncpg.Connection) -> None:
    """No call leaves anything on its connection; cleaning it would cost a round trip."""


_REGISTER = """
INSERT INTO sandbox.payments AS old (ref, {column}, currency)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[])
ON CONFLICT (ref) DO UPDATE SET {column} = excluded.{column}
WHERE old.currency = excluded.currency
RETURNING ref
"""
_LINE_ERRORS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
