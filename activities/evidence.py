"""Deleting what customers sent or wrote, once nobody needs it any more."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from temporalio import activity

from activities.signatures import EvidenceSteps
from domain.contracts import Batch, BatchResult
from storage import evidence, quotes, withdrawal_drafts


class Evidence(EvidenceSteps):
    def __init__(self, sessions: async_sessionmaker[AsyncSession], kept: timedelta) -> None:
        self._sessions = sessions
        self._kept = kept

    @activity.defn
    async def forget_evidence(self, batch: Batch) -> BatchResult:
        async with self._sessions.begin() as session:
            deleted = await evidence.forget(session, batch.at - self._kept)
            await quotes.forget_notes(session, batch.at - quotes.NOTES_KEPT)
            await withdrawal_drafts.forget(session, batch.at)
        return BatchResult(handled=deleted)
