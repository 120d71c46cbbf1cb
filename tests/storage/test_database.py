"""Connections that break while nobody uses them."""

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine


async def test_connections_that_the_server_closed_are_replaced(
    engine: AsyncEngine, database: str
) -> None:
    async with engine.connect() as one, engine.connect() as other:
        pids = [await each.scalar(text("SELECT pg_backend_pid()")) for each in (one, other)]
    admin = await asyncpg.connect(database)
    for pid in pids:
        await admin.fetchval("SELECT pg_terminate_backend($1, 2000)", pid)
    await admin.close()
    async with engine.connect() as one, engine.connect() as other:
        assert await one.scalar(text("SELECT pg_backend_pid()")) not in pids
        assert await other.scalar(text("SELECT pg_backend_pid()")) not in pids
