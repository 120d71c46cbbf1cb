"""What becomes of a subject or a cancellation, told while it happens.

A stream begins with the whole as it stands and goes on with each event. While nothing happens it
holds no connection to the database.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Generic, TypeAlias, TypeVar
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from domain.errors import ServiceUnavailable, TooManyStreams
from domain.money_state import MoneyState
from domain.subjects import SubjectRef
from storage import events
from storage import subjects as stored
from storage.events import EventRow
from storage.feed import Feed, FeedClosed, Reader, TooSlow
from use_cases import cases, subjects
from use_cases.context import Context
from use_cases.subject_views import SubjectView
from use_cases.views import CancellationView, EventView

log = logging.getLogger(__name__)

V = TypeVar("V", SubjectView, CancellationView)

HEARTBEAT = timedelta(seconds=15)
_READS_AT_ONCE = 4
"""Connections that all streams together may take, so that a wave of news leaves some to others."""


class Sign(StrEnum):
    """Quiet: nothing for a while. The others end a stream: nothing more will come; it fell too far
    behind; the process stops. After the last two, coming back with the last id loses nothing."""

    QUIET = "quiet"
    END = "end"
    OVERFLOW = "overflow"
    BYE = "bye"


@dataclass(frozen=True)
class Snapshot:
    """The whole as it stands, before the events behind `after`."""

    view: SubjectView | CancellationView
    after: int


Message: TypeAlias = Snapshot | CancellationView | EventView | Sign
"""A bare view is a change of the whole; it comes behind the events that led to it."""


@dataclass(frozen=True)
class Opening(Generic[V]):
    """A stream about to begin: the subject's row, the whole at this place in its sequence, and the
    place from which events are wanted."""

    subject_id: UUID
    view: V
    sequence: int
    after: int


class Streams:
    """The streams of this process."""

    def __init__(
        self,
        context: Context,
        feed: Feed,
        *,
        heartbeat: timedelta = HEARTBEAT,
        per_actor: int | None = None,
    ) -> None:
        self.feed = feed
        self._context = replace(context, sessions=unmoved(context.sessions))
        self._heartbeat = heartbeat.total_seconds()
        self._per_actor = per_actor
        self._open: Counter[str] = Counter()
        self._turns = asyncio.Semaphore(_READS_AT_ONCE)

    @property
    def open(self) -> int:
        return self._open.total()

    @contextmanager
    def admitted(self, actor_id: str) -> Iterator[None]:
        """Count a stream while it is open. Raises TooManyStreams, or ServiceUnavailable if the
        process is about to stop."""
        if self.feed.is_closed:
            raise ServiceUnavailable("this process is about to stop; connect again")
        if self._per_actor is not None and self._open[actor_id] >= self._per_actor:
            raise TooManyStreams(self._per_actor)
        self._open[actor_id] += 1
        try:
            yield
        finally:
            self._open[actor_id] -= 1
            if not self._open[actor_id]:
                del self._open[actor_id]

    async def open_subject(
        self, subject: SubjectRef, languages: list[str], after: int | None
    ) -> Opening[SubjectView]:
        """Raises SubjectNotFound. Without a place, events follow those in the view's history."""
        async with self._turns:
            view = await subjects.get(self._context, subject, languages)
            async with self._context.sessions() as session:
                row = await stored.get(session, subject)
        return _opening(row.id, view, view.history[-1].sequence, after)

    async def open_cancellation(
        self, cancellation_id: UUID, after: int | None
    ) -> Opening[CancellationView]:
        """Raises CancellationNotFound."""
        view, subject_id, sequence = await self._cancellation(cancellation_id)
        return _opening(subject_id, view, sequence, after)

    async def of_subject(self, opening: Opening[SubjectView]) -> AsyncGenerator[Message, None]:
        """Follow a subject for good."""
        yield Snapshot(opening.view, opening.after)
        for row in await self._missed(opening):
            yield event_view(row)
        try:
            with self.feed.follow(opening.subject_id, opening.sequence) as reader:
                while True:
                    for row in (news := await reader.take(self._heartbeat)) or ():
                        yield event_view(row)
                    if news is None:
                        yield Sign.QUIET
        except (TooSlow, FeedClosed) as ending:
            yield _SIGNS[type(ending)]

    async def of_cancellation(
        self, opening: Opening[CancellationView]
    ) -> AsyncGenerator[Message, None]:
        """Follow a cancellation until it is at rest and all its money settled.

        Its events are those of its own subject; an appointment that is a line of the order tells
        its own.
        """
        yield Snapshot(opening.view, opening.after)
        for row in await self._missed(opening):
            if row.cancellation_id == opening.view.id:
                yield event_view(row)
        if is_over(opening.view):
            yield Sign.END
            return
        try:
            with self.feed.follow(opening.subject_id, opening.sequence) as reader:
                async for message in self._changes(opening, reader):
                    yield message
        except (TooSlow, FeedClosed) as ending:
            yield _SIGNS[type(ending)]

    async def _changes(
        self, opening: Opening[CancellationView], reader: Reader
    ) -> AsyncGenerator[Message, None]:
        told, seen = opening.sequence, opening.view
        while True:
            news = await reader.take(self._heartbeat)
            if news is None:
                yield Sign.QUIET
                continue
            for row in news:
                told = row.sequence
                if row.cancellation_id == seen.id:
                    yield event_view(row)
            try:
                view, _, sequence = await self._cancellation(seen.id)
            except (SQLAlchemyError, OSError) as error:
                log.warning("a cancellation can't be read: %s", type(error).__name__)
                continue
            if view != seen:
                yield view
                seen = view
            if is_over(view) and told >= sequence:
                yield Sign.END
                return

    async def _missed(self, opening: Opening[V]) -> Sequence[EventRow]:
        """The events between the place that was asked for and the view."""
        if opening.after >= opening.sequence:
            return ()
        async with self._turns, self._context.sessions() as session:
            rows = await events.of_subject(session, opening.subject_id, opening.after)
        return [row for row in rows if row.sequence <= opening.sequence]

    async def _cancellation(self, id_: UUID) -> tuple[CancellationView, UUID, int]:
        """The view of a cancellation, with its subject's row and place in its sequence."""
        async with self._turns, self._context.sessions() as session:
            case = await cases.get(session, id_)
            return cases.view(case), case.subject.id, case.subject.event_sequence


_SIGNS: dict[type[Exception], Sign] = {TooSlow: Sign.OVERFLOW, FeedClosed: Sign.BYE}


def is_over(view: CancellationView) -> bool:
    """Whether nothing more is expected: at rest, and all money that was owed has gone back."""
    return view.is_at_rest and view.money in (MoneyState.NONE, MoneyState.SETTLED)


def event_view(row: EventRow) -> EventView:
    return EventView(
        sequence=row.sequence, type=row.type, at=row.at, actor=row.actor, data=row.data
    )


def unmoved(sessions: async_sessionmaker[AsyncSession]) -> async_sessionmaker[AsyncSession]:
    """Sessions that see all as it was at their first query, however many follow."""
    still = sessions.kw["bind"].execution_options(isolation_level="REPEATABLE READ")
    return async_sessionmaker(still, expire_on_commit=False)


def _opening(subject_id: UUID, view: V, sequence: int, after: int | None) -> Opening[V]:
    """A place that the sequence has not reached yet means the newest."""
    return Opening(subject_id, view, sequence, sequence if after is None else min(after, sequence))
