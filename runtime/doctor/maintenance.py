"""Maintenance that is on, so that nobody forgets to end it."""

from sqlalchemy.ext.asyncio import AsyncSession

from runtime.doctor.findings import Finding, fine, warning
from storage import maintenance


async def check(session: AsyncSession) -> Finding:
    row = await maintenance.find(session)
    if row is None:
        return fine("maintenance", "None: new cancellations are taken.")
    until = f", expected until {row.until:%a %d %b %H:%M %Z}" if row.until else ""
    says = f"On since {row.began_at:%a %d %b %H:%M %Z}{until}: no new cancellation is taken."
    return warning("maintenance", says, "`rescind maintenance off` ends it.")
