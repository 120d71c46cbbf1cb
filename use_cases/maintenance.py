"""Maintenance: nothing new is started, and what runs goes on."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import Maintenance
from storage import maintenance
from use_cases.context import Context


async def check(session: AsyncSession, now: datetime) -> None:
    """Raises Maintenance while there is some."""
    row = await maintenance.find(session)
    if row is None:
        return
    until = row.until if row.until and row.until > now else None
    raise Maintenance(until, int((until - now).total_seconds()) + 1 if until else None)


async def check_now(context: Context) -> None:
    async with context.sessions() as session:
        await check(session, context.clock())
