"""What the doctor says of comparing with the providers."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from runtime.doctor import waiting
from runtime.doctor.findings import Level
from storage.reconciliations import ReconciliationRow


async def test_the_doctor_warns_when_nobody_has_compared_for_days(
    sessions: async_sessionmaker[AsyncSession],
) -> None:
    levels = []
    for age in (None, timedelta(days=3), timedelta(hours=1)):
        async with sessions.begin() as session:
            if age is not None:
                at = datetime.now(UTC) - age
                session.add(ReconciliationRow(id=uuid4(), since=at, started_at=at, ended_at=at))
            levels.append((await waiting.reconciliation(session)).level)
    assert levels == [Level.FINE, Level.WARNING, Level.FINE]
