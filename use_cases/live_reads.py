"""What streams read: little at once, and each change of a cancellation once for all of them."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from uuid import UUID
from weakref import WeakValueDictionary

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from domain.errors import ServiceUnavailable
from domain.subjects import SubjectRef
from storage import events
from storage import subjects as rows
from storage.events import EventRow
from storage.feed import Feed
from use_cases import standings, subjects
from use_cases.context import Context
from use_cases.newest import Newest
from use_cases.standings import Standing
from use_cases.subject_views import SubjectView

_AT_ONCE = 4
"""Connections that all streams together may take, so that a wave of news leaves some to others."""


class LiveReads:
    """The reads of this process's streams. All raise ServiceUnavailable if it is about to stop."""

    def __init__(self, context: Context, feed: Feed) -> None:
        self._context = replace(context, sessions=unmoved(context.sessions))
        self._feed = feed
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._newest: WeakValueDictionary[UUID, Newest[Standing]] = WeakValueDictionary()

    async def subject(self, ref: SubjectRef, languages: list[str]) -> tuple[UUID, SubjectView]:
        """A subject's row and the whole of it. Raises SubjectNotFound."""
        async with self._turns, self._session() as session:
            row = await rows.get(session, ref)
            return row.id, await subjects.of_row(session, row, languages)

    async def events(self, subject_id: UUID, after: int) -> Sequence[EventRow]:
        async with self._turns, self._session() as session:
            return await events.of_subject(session, subject_id, after)

    async def standing(self, cancellation_id: UUID) -> Standing:
        """Where a cancellation stands now. Raises CancellationNotFound."""
        return await self.newest(cancellation_id).since(time.monotonic())

    def newest(self, cancellation_id: UUID) -> Newest[Standing]:
        """The same for all who follow a cancellation, for as long as anybody does."""
        newest = self._newest.get(cancellation_id)
        if newest is None:
            newest = Newest(partial(self._standing, cancellation_id), self._turns)
            self._newest[cancellation_id] = newest
        return newest

    async def _standing(self, cancellation_id: UUID) -> Standing:
        async with self._session() as session:
            return await standings.read(session, cancellation_id)

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[AsyncSession]:
        """For whoever has a turn."""
        self.check_open()
        async with self._context.sessions() as session:
            yield session

    def check_open(self) -> None:
        if self._feed.is_closed:
            raise ServiceUnavailable("this process is about to stop; connect again")


def unmoved(sessions: async_sessionmaker[AsyncSession]) -> async_sessionmaker[AsyncSession]:
    """Sessions that see all as it was at their first query, however many follow."""
    still = sessions.kw["bind"].execution_options(isolation_level="REPEATABLE READ")
    return async_sessionmaker(still, expire_on_commit=False)
