"""Whether the database has the tables that this version of Rescind works with."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from runtime.doctor.findings import Finding, broken, fine
from storage.schema import METADATA

_FOLDER = Path(__file__).parents[2] / "storage" / "migrations"
_SHOWN = 5


async def check(session: AsyncSession) -> Finding:
    """Compare revisions first, then the tables themselves: somebody may have changed them."""
    scripts = ScriptDirectory(str(_FOLDER))
    newest = scripts.get_current_head() or ""
    known = await session.scalar(text("SELECT to_regclass('alembic_version') IS NOT NULL"))
    query = text("SELECT version_num FROM alembic_version")
    current = await session.scalar(query) if known else None
    if current == newest:
        return await _tables(session, newest)
    try:
        missing = [script.revision for script in scripts.iterate_revisions(newest, current)]
    except RevisionError:
        says = f"The schema is at {current}, which this version of Rescind does not know."
        return broken("migrations", says, "Run a newer version of Rescind.")
    says = f"Missing: {', '.join(reversed(missing))}."
    return broken("migrations", says, "Run `rescind migrate`.")


async def _tables(session: AsyncSession, newest: str) -> Finding:
    connection = await session.connection()
    changes = await connection.run_sync(
        lambda plain: compare_metadata(MigrationContext.configure(plain), METADATA)
    )
    lacking = sorted(set(_lacking(changes)))
    if not lacking:
        return fine("migrations", f"All there, the newest is {newest}.")
    more = ", …" if len(lacking) > _SHOWN else ""
    says = f"The tables are not those of {newest}: {', '.join(lacking[:_SHOWN])}{more}."
    return broken("migrations", says, "Restore them from a backup, or by hand.")


def _lacking(changes: list[Any]) -> Iterator[str]:
    """Name what would have to be added or altered. What is there besides is not ours."""
    for change in changes:
        if isinstance(change, list):
            yield from _lacking(change)
        elif change[0] == "add_column":
            yield f"column {change[2]}.{change[3].name} is missing"
        elif change[0].startswith("add_"):
            yield f"{change[0].removeprefix('add_')} {change[1].name} is missing"
        elif change[0].startswith("modify_"):
            yield f"column {change[2]}.{change[3]} differs"
