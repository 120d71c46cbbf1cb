"""Maintenance: nothing new is started, and what runs goes on."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import Maintenance
from storage import maintenance
from use_cases.context import Context


async def find(session: AsyncSession, now: datetime) -> Maintenance | None:
    """What is told while there is some. A time that is past is no longer named."""
    row = await maintenance.find(session)
    if row is None:
        return None
    until = row.until if row.until and row.until > now else None
    return Maintenance(until, int((until - now).total_seconds()) + 1 if until else None)


async def find_now(context: Context) -> Maintenance | None:
    async with context.sessions() as session:
        return await find(session, context.clock())


async def check(session: AsyncSession, now: datetime) -> None:
    """Raises Maintenance while there is some."""
    if told := await find(session, now):
        raise told


async def check_now(context: Context) -> None:
    """Raises Maintenance while there is some."""
    if told := await find_now(context):
        raise told
