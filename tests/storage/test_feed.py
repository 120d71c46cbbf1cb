"""The feed of news, against a real PostgreSQL with several who write and many who follow."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from random import Random
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from domain.subjects import Kind
from storage import events
from storage.events import EventRow
from storage.feed import Feed
from storage.readers import FeedClosed, Reader, TooSlow
from storage.subjects import SubjectRow

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
PATIENCE = 20
Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
async def feed(sessions: Sessions, database: str) -> AsyncIterator[Feed]:
    feed = Feed(sessions)
    async with feed.running(database):
        yield feed


async def test_many_who_join_while_others_write_miss_and_repeat_nothing(
    feed: Feed, sessions: Sessions, database: str
) -> None:
    subjects = [await _a_subject(sessions) for _ in range(4)]
    chance = Random(7)
    followers = [
        asyncio.create_task(_follow(feed, sessions, chance.choice(subjects), chance.uniform(0, 1)))
        for _ in range(40)
    ]
    writers = [_write(sessions, subject, 20) for subject in subjects for _ in range(3)]
    await asyncio.gather(_cut_everything(database), *writers)
    for subject in subjects:
        await _write(sessions, subject, 1)
    for begun, seen in await asyncio.wait_for(asyncio.gather(*followers), PATIENCE):
        assert seen == list(range(begun + 1, begun + 1 + len(seen)))
        assert begun + len(seen) >= 61
    assert feed.followed == 0


async def _follow(
    feed: Feed, sessions: Sessions, subject: UUID, wait: float
) -> tuple[int, list[int]]:
    """Join a while later; the place to begin at, and all that came up to the last event."""
    await asyncio.sleep(wait)
    begun = await _newest(sessions, subject)
    seen: list[int] = []
    with feed.follow(subject, begun) as reader:
        while (seen[-1] if seen else begun) < 61:
            seen += [event.sequence for event in await reader.take(PATIENCE) or ()]
    return begun, seen


async def _newest(sessions: Sessions, subject: UUID) -> int:
    newest = select(func.max(EventRow.sequence)).where(EventRow.subject_id == subject)
    while True:
        try:
            async with sessions() as session:
                return await session.scalar(newest) or 0
        except (SQLAlchemyError, OSError):
            await asyncio.sleep(0.05)


async def _write(sessions: Sessions, subject: UUID, count: int) -> None:
    """Record so many events at least, each in a transaction of its own, whatever is cut."""
    done = 0
    while done < count:
        try:
            async with sessions.begin() as session:
                await events.record(session, subject, "changed", AT)
                await asyncio.sleep(0.005)
            done += 1
        except (SQLAlchemyError, OSError):
            await asyncio.sleep(0.02)


async def _cut_everything(database: str) -> None:
    """End all connections but this one, three times."""
    own = await asyncpg.connect(database)
    for _ in range(3):
        await asyncio.sleep(0.25)
        await own.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    await own.close()


async def test_who_joins_further_back_while_news_are_read_gets_all(
    feed: Feed, sessions: Sessions, database: str
) -> None:
    subject = await _a_subject(sessions)
    await _write(sessions, subject, 5)
    other = await asyncpg.connect(database)
    await other.execute("BEGIN; LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
    with feed.follow(subject, 4) as near:
        while not await other.fetchval(_WAITING):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        with feed.follow(subject, 1) as far:
            await other.execute("COMMIT")
            assert await _taken(far) == [2, 3, 4, 5]
            assert await _taken(near) == [5]
    await other.close()


_WAITING = """
    SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
    WHERE NOT granted AND datname = current_database()
"""


async def _taken(reader: Reader) -> list[int]:
    """What comes next, left out that nothing came."""
    while not (taken := await reader.take(PATIENCE)):
        pass
    return [event.sequence for event in taken]


async def test_who_falls_too_far_behind_is_let_go(sessions: Sessions, database: str) -> None:
    feed = Feed(sessions, pending=3)
    subject = await _a_subject(sessions)
    async with feed.running(database):
        with feed.follow(subject, 0) as slow, feed.follow(subject, 0) as quick:
            for number in range(4):
                await _write(sessions, subject, 1)
                assert await _taken(quick) == [number + 1]
            with pytest.raises(TooSlow):
                await slow.take(PATIENCE)


async def test_a_closed_feed_lets_all_go_and_takes_nobody_new(
    feed: Feed, sessions: Sessions
) -> None:
    subject = await _a_subject(sessions)
    with feed.follow(subject, 0) as reader:
        feed.close()
        with pytest.raises(FeedClosed):
            await reader.take(PATIENCE)
    with pytest.raises(FeedClosed), feed.follow(subject, 0):
        pass


async def test_without_news_a_reader_is_told_that_time_passed(
    feed: Feed, sessions: Sessions
) -> None:
    subject = await _a_subject(sessions)
    with feed.follow(subject, 0) as reader:
        while await reader.take(0.2) is not None:
            pass
        assert reader.last == 0


async def _a_subject(sessions: Sessions) -> UUID:
    async with sessions.begin() as session:
        row = SubjectRow(
            id=uuid4(),
            kind=Kind.ORDER,
            ref=str(uuid4()),
            stage="open",
            currency="EUR",
            zone="UTC",
            policy_id="any",
            policy_version=1,
            created_at=AT,
            updated_at=AT,
        )
        session.add(row)
    return row.id
