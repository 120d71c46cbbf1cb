"""Looking for broken promises while work goes on, and putting them before a person."""

import asyncio
import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from temporalio import activity

from activities.help import call_for_help
from activities.signatures import InvariantSteps
from domain.contracts import Batch, BatchResult
from domain.lifecycle import CancellationState
from storage import cancellations, drift, events, subjects
from storage.drift import Owner
from storage.invariants import PROMISES, Violation

PATIENCE = timedelta(seconds=5)
"""For one promise. A database too large for that is checked by `rescind doctor --invariants`."""

PAUSE = timedelta(seconds=3)
"""What is found counts only if it is still there after so long."""

log = logging.getLogger(__name__)


class Invariants(InvariantSteps):
    """Tells the history of the subject concerned, once for each broken promise."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        patience: timedelta = PATIENCE,
        pause: timedelta = PAUSE,
    ) -> None:
        self._sessions = sessions
        self._patience = patience
        self._pause = pause

    @activity.defn
    async def check_invariants(self, batch: Batch) -> BatchResult:
        """Look twice, then note what was there both times."""
        found = await self._look(PROMISES, batch.limit)
        if not found:
            return BatchResult(handled=0)
        await asyncio.sleep(self._pause.total_seconds())
        again = await self._look({violation.promise for violation in found}, batch.limit)
        lasting = [violation for violation in again if violation in set(found)]
        noted = [await self._note(violation, batch.at) for violation in lasting]
        return BatchResult(handled=sum(noted))

    async def _look(self, promises: Collection[str], limit: int) -> list[Violation]:
        """One promise after another, each in a transaction of its own, so none is long."""
        found = []
        for promise in promises:
            async with self._sessions.begin() as session:
                broken = await drift.look(session, promise, limit, self._patience)
            if broken is None:
                log.warning("not checked, the database is too large for it: %s", promise)
            found += broken or []
        return found

    async def _note(self, violation: Violation, at: datetime) -> bool:
        async with self._sessions() as session:
            owners = await drift.owners(session, violation)
        told = [await self._tell(owner, violation, at) for owner in owners]
        if any(told) or not owners:
            log.error("broken: %s: %s", violation.promise, violation.where)
        return any(told)

    async def _tell(self, owner: Owner, violation: Violation, at: datetime) -> bool:
        """Tell a subject's history and flag its cancellation at work; False if it is told already.

        A history that is itself broken may take no event; then the log has to do.
        """
        try:
            async with self._sessions.begin() as session:
                await subjects.lock(session, owner.subject_id)
                if await drift.is_told(session, owner.subject_id, violation):
                    return False
                await events.record(
                    session,
                    owner.subject_id,
                    drift.BROKEN,
                    at,
                    cancellation_id=owner.cancellation_id,
                    data=violation._asdict(),
                )
                await _flag(session, owner, at)
        except IntegrityError:
            log.exception("the history of subject %s takes no event", owner.subject_id)
        return True


async def _flag(session: AsyncSession, owner: Owner, at: datetime) -> None:
    """Let a person look at the cancellation concerned, if it is not at rest.

    Its run, where there is one, goes on: the mark ends with it, the event stays. The mail goes out
    with the run's own, or with the sweep of overdue ones.
    """
    working = await cancellations.at_work(session, owner.subject_id)
    if working is None or working.attention or owner.cancellation_id not in (None, working.id):
        return
    working.attention, working.attention_failure = "run", drift.BROKEN
    cancellations.move(working, CancellationState.NEEDS_ATTENTION, at)
    await call_for_help(session, working, "run", drift.BROKEN, at)
    await events.record(
        session,
        owner.subject_id,
        "needs_attention",
        at,
        cancellation_id=working.id,
        data={"step": "run", "failure": drift.BROKEN},
    )
