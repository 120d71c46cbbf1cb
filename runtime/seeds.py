"""The example business that a new installation starts with."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker


async def seed(sessions: async_sessionmaker[AsyncSession], data: Path, now: datetime) -> None:
    """Put the business in, seen from `now`; files for people, such as a key, go to `data`.

    A repeat changes nothing.
    """


def try_first(api: str, data: Path) -> str:
    """Say what a newcomer may try first, as lines to paste."""
    return f"Try first:\n  curl {api}/health/ready\n  ls {data}"
