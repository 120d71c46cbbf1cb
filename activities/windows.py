"""Closing cancellation windows that have run out."""

from sqlalchemy import Select, exists, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from temporalio import activity

from activities.signatures import WindowSteps
from domain.contracts import Batch, BatchResult
from domain.lifecycle import SubjectState
from storage import events
from storage.holds import HoldRow
from storage.subjects import SubjectRow


class Windows(WindowSteps):
    """The mark on a subject is for people and reports; `decide` is the judge."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions

    @activity.defn
    async def close_windows(self, batch: Batch) -> BatchResult:
        """Close one batch in one transaction. Two at once take different subjects."""
        async with self._sessions.begin() as session:
            rows = (await session.scalars(_run_out(batch))).all()
            for row in rows:
                row.window_closed_at = batch.at
                row.updated_at = batch.at
            await session.flush()
            for row in rows:
                until = row.cancellable_until
                await events.record(
                    session,
                    row.id,
                    "window_closed",
                    batch.at,
                    data={"cancellable_until": until.isoformat() if until else None},
                )
        return BatchResult(handled=len(rows), more=len(rows) == batch.limit)


def _run_out(batch: Batch) -> Select[SubjectRow]:
    held = exists().where(HoldRow.subject_id == SubjectRow.id)
    return (
        select(SubjectRow)
        .where(
            SubjectRow.window_closed_at.is_(None),
            SubjectRow.cancellable_until < batch.at,
            SubjectRow.cancellation_state != SubjectState.CANCELLED,
            ~held,
        )
        .order_by(SubjectRow.cancellable_until)
        .limit(batch.limit)
        .with_for_update(skip_locked=True)
    )
