"""New events of subjects, read once for all who follow them in this process.

What PostgreSQL announces is only a wake-up. The events come from the table, by sequence, so an
announcement that is lost, late or repeated loses and repeats nothing.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Uuid, bindparam, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from storage.events import EventRow
from storage.listening import listen
from storage.readers import FeedClosed, Reader

log = logging.getLogger(__name__)

PENDING = 256
"""Events that may wait for one reader. One further behind is better served by reading anew."""

LOOK_EVERY = timedelta(seconds=30)
"""How late news may be that nothing announced."""

_PAUSE = 1.0
_PATIENCE = 10.0


class Feed:
    """Who follows what. It takes a connection of the pool only while it reads."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        *,
        pending: int = PENDING,
        look_every: timedelta = LOOK_EVERY,
    ) -> None:
        at_once = sessions.kw["bind"].execution_options(isolation_level="AUTOCOMMIT")
        self._sessions = async_sessionmaker[AsyncSession](at_once, expire_on_commit=False)
        self._pending = pending
        self._look_every = look_every.total_seconds()
        self._readers: dict[UUID, set[Reader]] = {}
        self._stirred: set[UUID] = set()
        self._stir = asyncio.Event()
        self.is_closed = False

    @property
    def followed(self) -> int:
        """How many subjects are followed by anybody."""
        return len(self._readers)

    @asynccontextmanager
    async def running(self, url: str) -> AsyncIterator[None]:
        """Listen and read until the block ends."""
        tasks = [
            asyncio.create_task(work)
            for work in (listen(url, self.heard), self._look(), self._read())
        ]
        try:
            yield
        finally:
            self.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @contextmanager
    def follow(self, subject_id: UUID, after: int) -> Iterator[Reader]:
        """Follow a subject from behind this place in its sequence. Raises FeedClosed."""
        if self.is_closed:
            raise FeedClosed
        reader = Reader(after, self._pending)
        self._readers.setdefault(subject_id, set()).add(reader)
        self.heard(subject_id)
        try:
            yield reader
        finally:
            self._readers[subject_id].discard(reader)
            if not self._readers[subject_id]:
                del self._readers[subject_id]

    def heard(self, subject_id: UUID | None) -> None:
        """Read a subject's news soon, or those of all that are followed."""
        self._stirred |= self._readers.keys() & {subject_id} if subject_id else set(self._readers)
        if self._stirred:
            self._stir.set()

    def close(self) -> None:
        """Let all readers go, and accept no more."""
        self.is_closed = True
        for readers in self._readers.values():
            for reader in readers:
                reader.end(FeedClosed())

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(self._look_every)
            self.heard(None)

    async def _read(self) -> None:
        """Read what was announced, again and again; all that waits is one query."""
        while True:
            await self._stir.wait()
            self._stir.clear()
            stirred, self._stirred = self._stirred, set()
            try:
                async with asyncio.timeout(_PATIENCE):
                    await self._pass_on(stirred)
            except (SQLAlchemyError, OSError) as error:
                log.warning("news can't be read: %s", type(error).__name__)
                await self._again(stirred)
            except Exception:
                log.exception("news can't be read")
                await self._again(stirred)

    async def _again(self, stirred: set[UUID]) -> None:
        await asyncio.sleep(_PAUSE)
        self._stirred |= stirred
        self._stir.set()

    async def _pass_on(self, stirred: set[UUID]) -> None:
        """Give each reader what is new to it; one that came meanwhile, further back, is stirred."""
        known = {
            subject_id: min(lasts)
            for subject_id in stirred
            if (lasts := [one.last for one in self._readers.get(subject_id, ()) if not one.is_over])
        }
        if not known:
            return
        async with self._sessions() as session:
            news = await _later(session, known)
        for subject_id, after in known.items():
            for reader in self._readers.get(subject_id, ()):
                if reader.last >= after:
                    reader.give(news.get(subject_id, ()))


_IDS, _PLACES = bindparam("ids", type_=ARRAY(Uuid)), bindparam("places", type_=ARRAY(Integer))
_PLACE = func.unnest(_IDS, _PLACES).table_valued("subject_id", "after").render_derived()
_LATER = (
    select(EventRow)
    .join(_PLACE, _PLACE.c.subject_id == EventRow.subject_id)
    .where(EventRow.sequence > _PLACE.c.after)
    .order_by(EventRow.subject_id, EventRow.sequence)
)


async def _later(
    session: AsyncSession, known: Mapping[UUID, int]
) -> Mapping[UUID, Sequence[EventRow]]:
    """The events of each of these subjects behind a place in its sequence, in order."""
    rows = await session.scalars(_LATER, {"ids": list(known), "places": list(known.values())})
    found: dict[UUID, list[EventRow]] = defaultdict(list)
    for row in rows:
        found[row.subject_id].append(row)
    return found
