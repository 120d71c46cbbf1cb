"""What a newcomer is told to try is what hasn't been tried."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from domain.lifecycle import SubjectState
from domain.subjects import Kind
from runtime import first_steps, seeds
from runtime.settings import Settings
from storage.subjects import SubjectRow

API = "http://127.0.0.1:8080"


async def test_what_was_tried_is_not_told_again(
    database: str, sessions: async_sessionmaker[AsyncSession], tmp_path: Path
) -> None:
    settings = Settings(database_url=database, data=tmp_path, portal_secret=SecretStr("secret"))
    assert list(first_steps.lines(API, tmp_path, await first_steps.untried(settings))) == []
    await seeds.seed(sessions, tmp_path, datetime.now(UTC))
    first = await first_steps.untried(settings)
    assert first == [(Kind.ORDER, "1042"), (Kind.APPOINTMENT, "A-2001")]
    pages = await first_steps.pages(settings, first)
    told = "\n".join(first_steps.lines(API, tmp_path, first, pages))
    assert seeds.read_keys(tmp_path)["admin"] in told
    assert '"id": "A-2001"}, "reason": {"code": "illness"}' in told
    assert f"RESCIND_DATA={tmp_path} .venv/bin/rescind show order 1042" in told
    assert re.search(r"Order 1042 +http://127.0.0.1:8080/my/open/\S{60,}", told)
    assert re.search(r"Appointment A-2001 +http://127.0.0.1:8080/my/open/\S{60,}", told)
    async with sessions.begin() as session:
        change = update(SubjectRow).where(SubjectRow.ref == "1042")
        await session.execute(change.values(cancellation_state=SubjectState.CANCELLED))
        late = update(SubjectRow).where(SubjectRow.ref == "A-2001")
        passed = datetime.now(UTC) - timedelta(hours=1)
        await session.execute(late.values(cancellable_until=passed))
    assert await first_steps.untried(settings) == [
        (Kind.ORDER, "1045"),
        (Kind.APPOINTMENT, "A-2005"),
    ]
