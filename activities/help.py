"""Telling the business that something waits for a person."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from storage import notifications
from storage.cancellations import CancellationRow


async def call_for_help(
    session: AsyncSession, cancellation: CancellationRow, step: str, failure: str, at: datetime
) -> None:
    """Plan a mail about a step that needs attention: one each time that it does."""
    await notifications.plan(
        session,
        cancellation.subject_id,
        cancellation.id,
        "attention",
        ["business"],
        at,
        data={"step": step, "failure": failure},
        occasion=f"{step} {at.isoformat()}",
    )
