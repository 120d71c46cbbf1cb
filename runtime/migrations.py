"""Bringing the database to the newest schema."""

import asyncio
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from runtime.errors import StartupError

_FOLDER = Path(__file__).parent.parent / "storage" / "migrations"


async def migrate(url: str) -> None:
    """Run the migrations that are missing; none missing is fine.

    Two at the same time wait for each other. Raises StartupError if the database can't be reached.
    """
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["url"] = url
    try:
        await asyncio.to_thread(command.upgrade, config, "head")
    except (OSError, asyncpg.PostgresError, DBAPIError) as error:
        place = make_url(url).render_as_string(hide_password=True)
        raise StartupError(f"The schema of {place} can't be brought up to date: {error}") from error
