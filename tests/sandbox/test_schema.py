"""Creating the sandbox's schema."""

import asyncio

import asyncpg

from sandbox import control
from sandbox.cards import Cards
from sandbox.schema import ensure_schema


async def test_eight_processes_may_create_the_schema_at_once(database: str) -> None:
    pools = [await asyncpg.create_pool(database, min_size=1, max_size=1) for _ in range(8)]
    await asyncio.gather(*(ensure_schema(pool) for pool in pools))
    await Cards(pools[0]).register("pay_1", 100, "EUR")
    assert await control.payment(Cards(pools[7]), "pay_1")
    for pool in pools:
        await pool.close()


async def test_creating_the_schema_again_keeps_what_is_there(database: str) -> None:
    async with Cards.open(database) as cards:
        await cards.register("pay_1", 100, "EUR")
        await control.script(cards, control.Behaviour.FAILS)
        await cards.pool.execute("COMMENT ON SCHEMA sandbox IS 'of another version'")
    async with Cards.open(database) as cards:
        assert await control.payment(cards, "pay_1")
        assert await cards.pool.fetchval("SELECT count(*) FROM sandbox.faults") == 1


async def test_nothing_is_created_outside_the_sandboxes_own_schema(database: str) -> None:
    connection = await asyncpg.connect(database)
    before = await _outside(connection)
    async with Cards.open(database):
        assert await _outside(connection) == before
    await connection.close()


async def _outside(connection: asyncpg.Connection) -> list[str]:
    rows = await connection.fetch(
        "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
        " WHERE nspname NOT IN ('sandbox', 'pg_toast', 'pg_catalog')"
        " UNION ALL SELECT proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace"
        " WHERE nspname NOT IN ('sandbox', 'pg_catalog') ORDER BY 1"
    )
    return [row[0] for row in rows]
