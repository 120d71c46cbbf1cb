"""What becomes of a subject or a cancellation, told while it happens.

A stream begins with the whole as it stands and goes on with each event. While nothing happens it
holds no connection to the database.
"""

import logging
import time
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from domain.errors import ServiceUnavailable, TooManyStreams
from domain.subjects import SubjectRef
from storage.events import EventRow
from storage.feed import Feed
from storage.readers import FeedClosed, Reader, TooSlow
from use_cases.context import Context
from use_cases.live_reads import LiveReads
from use_cases.standings import Standing
from use_cases.stream_views import Message, Opening, Sign, Snapshot, V, event_view, is_over
from use_cases.subject_views import SubjectView
from use_cases.views import CancellationView

M = TypeVar("M")

log = logging.getLogger(__name__)

HEARTBEAT = timedelta(seconds=15)


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
        self._reads = LiveReads(context, feed)
        self._heartbeat = heartbeat.total_seconds()
        self._per_actor = per_actor
        self._open: Counter[str] = Counter()

    @property
    def open(self) -> int:
        return self._open.total()

    @contextmanager
    def admitted(self, actor_id: str) -> Iterator[None]:
        """Count a stream while it is open. Raises TooManyStreams, or ServiceUnavailable if the
        process is about to stop."""
        self._reads.check_open()
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
        subject_id, view = await self._reads.subject(subject, languages)
        return _opening(subject_id, view, view.history[-1].sequence, after)

    async def open_cancellation(
        self, cancellation_id: UUID, after: int | None
    ) -> Opening[CancellationView]:
        """Raises CancellationNotFound."""
        now = await self.standing(cancellation_id)
        return _opening(now.subject_id, now.seen, now.sequence, after)

    async def standing(self, cancellation_id: UUID) -> Standing:
        """Where a cancellation stands now. Raises CancellationNotFound."""
        return await self._reads.standing(cancellation_id)

    def of_subject(self, opening: Opening[SubjectView]) -> AsyncGenerator[Message, None]:
        """Follow a subject for good."""
        return _to_the_end(self._of_subject(opening))

    def of_cancellation(self, opening: Opening[CancellationView]) -> AsyncGenerator[Message, None]:
        """Follow a cancellation until it is at rest and all its money settled.

        Its events are those of its own subject; an appointment that is a line of the order tells
        its own.
        """
        return _to_the_end(self._of_cancellation(opening))

    def follow_standing(self, first: Standing) -> AsyncGenerator[Standing | Sign, None]:
        """Where a cancellation stands, at first and whenever it has news, until it is over.

        Who is slow to take one misses those between it and the newest.
        """
        return _to_the_end(self._follow_standing(first))

    async def _of_subject(self, opening: Opening[SubjectView]) -> AsyncGenerator[Message, None]:
        yield Snapshot(opening.view, opening.after)
        for row in await self._missed(opening):
            yield event_view(row)
        with self.feed.follow(opening.subject_id, opening.sequence) as reader:
            while True:
                news = await reader.take(self._heartbeat)
                if news is None:
                    yield Sign.QUIET
                for row in news or ():
                    yield event_view(row)

    async def _of_cancellation(
        self, opening: Opening[CancellationView]
    ) -> AsyncGenerator[Message, None]:
        yield Snapshot(opening.view, opening.after)
        for row in await self._missed(opening):
            if row.cancellation_id == opening.view.id:
                yield event_view(row)
        if is_over(opening.view):
            yield Sign.END
            return
        with self.feed.follow(opening.subject_id, opening.sequence) as reader:
            async for message in self._changes(opening, reader):
                yield message

    async def _changes(
        self, opening: Opening[CancellationView], reader: Reader
    ) -> AsyncGenerator[Message, None]:
        """Events, each lot with the status it led to, until all is told of one that is over."""
        told, seen = opening.sequence, opening.view
        newest = self._reads.newest(seen.id)
        while True:
            news = await reader.take(self._heartbeat)
            if news is None:
                yield Sign.QUIET
                continue
            for row in news:
                told = row.sequence
                if row.cancellation_id == seen.id:
                    yield event_view(row)
            now = await newest.since(reader.heard_at)
            if now.seen != seen:
                yield now.seen
                seen = now.seen
            if is_over(seen) and told >= now.sequence:
                yield Sign.END
                return

    async def _follow_standing(self, now: Standing) -> AsyncGenerator[Standing | Sign, None]:
        newest = self._reads.newest(now.seen.id)
        with self.feed.follow(now.subject_id, now.sequence) as reader:
            yield now
            while not now.is_over:
                news = await reader.take(self._heartbeat)
                if news is None:
                    yield Sign.QUIET
                if news is not None or now.awaits_mail:
                    since = time.monotonic() if news is None else reader.heard_at
                    now = await newest.since(since)
                    yield now
            yield Sign.END

    async def _missed(self, opening: Opening[V]) -> Sequence[EventRow]:
        """The events between the place that was asked for and the view."""
        if opening.after >= opening.sequence:
            return ()
        rows = await self._reads.events(opening.subject_id, opening.after)
        return [row for row in rows if row.sequence <= opening.sequence]


async def _to_the_end(
    messages: AsyncGenerator[M | Sign, None],
) -> AsyncGenerator[M | Sign, None]:
    """Messages, and a sign of why there are no more. A client comes back with the last id."""
    async with aclosing(messages):
        try:
            async for message in messages:
                yield message
        except TooSlow:
            yield Sign.OVERFLOW
        except (FeedClosed, ServiceUnavailable):
            yield Sign.BYE
        except (SQLAlchemyError, OSError) as error:
            log.warning("a stream can't be read on: %s", type(error).__name__)
            yield Sign.BYE


def _opening(subject_id: UUID, view: V, sequence: int, after: int | None) -> Opening[V]:
    """A place that the sequence has not reached yet means the newest."""
    return Opening(subject_id, view, sequence, sequence if after is None else min(after, sequence))
