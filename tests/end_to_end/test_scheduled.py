"""Scheduled workflows on a real worker, in the sandbox that watches what would not replay."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import update

from storage import evidence
from storage.cancellations import CancellationRow
from storage.subjects import SubjectRow
from tests.end_to_end.conftest import Business
from workflows.evidence import ForgetEvidence
from workflows.sweep import Sweep
from workflows.windows import CloseWindows


async def test_windows_that_have_run_out_are_closed(business: Business, task_queue: str) -> None:
    await business.order()
    past = datetime.now(UTC) - timedelta(days=1)
    async with business.sessions.begin() as session:
        await session.execute(update(SubjectRow).values(cancellable_until=past))
    closed = await business.client.execute_workflow(
        CloseWindows.run, id=f"windows-{uuid4().hex}", task_queue=task_queue
    )
    assert closed == 1


async def test_a_cancellation_whose_run_is_gone_is_found(
    business: Business, task_queue: str
) -> None:
    waiting = await business.cancel(await business.order("undo"))
    await business.client.get_workflow_handle(waiting.workflow_id or "").terminate()
    async with business.sessions.begin() as session:
        past = datetime.now(UTC) - timedelta(minutes=10)
        await session.execute(update(CancellationRow).values(updated_at=past))
    found = await business.client.execute_workflow(
        Sweep.run, id=f"sweep-{uuid4().hex}", task_queue=task_queue
    )
    assert found == 1


async def test_a_file_whose_time_is_over_is_deleted(business: Business, task_queue: str) -> None:
    ended = await business.cancel(await business.order())
    long_ago = datetime.now(UTC) - timedelta(days=100)
    async with business.sessions.begin() as session:
        await evidence.keep(session, ended.id, "note.pdf", "application/pdf", b"%PDF-", long_ago)
        await session.execute(update(CancellationRow).values(ended_at=long_ago))
    deleted = await business.client.execute_workflow(
        ForgetEvidence.run, id=f"evidence-{uuid4().hex}", task_queue=task_queue
    )
    assert deleted == 1
