"""Databases for tests: each gets one with the newest schema and no rows of others.

Emptying one costs a tenth of making one, so they are used again, but for those whose schema a test
changed.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import asyncpg

from runtime.migrations import migrate

TEMPLATE = "template"
_USES = 40
"""Of one database: what was deleted from it stays in its files."""


@dataclass
class Databases:
    """Copies of a migrated database. Free ones are as they were made; the number is their uses."""

    server: str
    shape: str
    _free: list[tuple[str, int]] = field(default_factory=list)

    @classmethod
    async def migrated(cls, server: str) -> "Databases":
        """Make the one that all others are copied from."""
        await administer(server, f'CREATE DATABASE "{TEMPLATE}"')
        address = named(server, TEMPLATE)
        await migrate(address)
        connection = await asyncpg.connect(address)
        try:
            await connection.execute(_KEEP)
            shape = await connection.fetchval(_SHAPE)
        finally:
            await connection.close()
        return cls(server, shape)

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[str]:
        """The address of one that nobody else has, until left."""
        name, uses = self._free.pop() if self._free else (await self._copied(), 0)
        yield named(self.server, name)
        if uses < _USES and await self._is_emptied(name):
            self._free.append((name, uses + 1))
        else:
            await administer(self.server, f'DROP DATABASE "{name}" WITH (FORCE)')

    async def _copied(self) -> str:
        name = f"test_{uuid4().hex}"
        await administer(self.server, f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')
        return name

    async def _is_emptied(self, name: str) -> bool:
        """Bring its rows back to those of the template, if its tables still are the same."""
        connection = await asyncpg.connect(named(self.server, name))
        try:
            await connection.execute(_END_OTHERS)
            if await connection.fetchval(_SHAPE) != self.shape:
                return False
            await connection.execute(_EMPTY)
            return True
        finally:
            await connection.close()


def named(url: str, database: str) -> str:
    return f"{url.rpartition('/')[0]}/{database}"


async def administer(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


_KEEP = """
CREATE SCHEMA kept;
DO $$
DECLARE t record; filled boolean;
BEGIN
    FOR t IN SELECT relname FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', t.relname) INTO filled;
        IF filled THEN
            EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', t.relname, t.relname);
        END IF;
    END LOOP;
END $$
"""
"""What migrations wrote, to be written again."""

_SHAPE = """
SELECT md5(string_agg(what, ',' ORDER BY what)) FROM (
    SELECT concat_ws(' ', oid::regclass, relkind, relnatts, relchecks) FROM pg_class
        WHERE relnamespace >= 16384 OR relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger
    UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE oid >= 16384
    UNION ALL SELECT concat_ws(' ', oid::regproc, md5(prosrc)) FROM pg_proc WHERE oid >= 16384
    UNION ALL SELECT nspname FROM pg_namespace WHERE oid >= 16384 AND nspname NOT LIKE 'pg_%'
) AS parts (what)
"""

_END_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""

_EMPTY = """
SET session_replication_role = replica;
DO $$
DECLARE t record; filled boolean;
BEGIN
    FOR t IN SELECT relname, to_regclass(format('kept.%I', relname)) AS kept FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', t.relname) INTO filled;
        IF filled THEN
            EXECUTE format('DELETE FROM public.%I', t.relname);
        END IF;
        IF t.kept IS NOT NULL THEN
            EXECUTE format('INSERT INTO public.%I TABLE %s', t.relname, t.kept);
        END IF;
    END LOOP;
    PERFORM setval(seqrelid, seqstart, false) FROM pg_sequence;
END $$
"""
"""Keys and triggers don't hold in this session, so the order of tables doesn't matter."""
