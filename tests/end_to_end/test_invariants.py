"""Broken promises on a database in use: told once in the right history, and to a person."""

import logging
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, text, update

from activities.invariants import Invariants
from domain.contracts import Batch
from storage import events
from storage.events import EventRow, OutboxRow
from storage.subjects import SubjectRow
from tests.end_to_end.conftest import DESK, Business
from use_cases import replies
from use_cases.views import CancellationView, Status
from workflows.invariants import CheckInvariants

OUTBOX = "each event is in the outbox"


async def check(business: Business, **known: timedelta) -> int:
    steps = Invariants(business.sessions, pause=timedelta(), **known)
    return (await steps.check_invariants(Batch(at=datetime.now(UTC)))).handled


async def lose_from_outbox(business: Business, cancellation: CancellationView) -> None:
    """Break a promise: forget to tell others of a cancellation's first event."""
    async with business.sessions.begin() as session:
        event = (await events.of_cancellation(session, cancellation.id))[0]
        await session.execute(delete(OutboxRow).where(OutboxRow.event_id == event.id))


async def history(business: Business, cancellation: CancellationView) -> list[EventRow]:
    async with business.sessions() as session:
        return await events.of_cancellation(session, cancellation.id)


async def test_work_at_any_stage_breaks_no_promise(business: Business) -> None:
    subjects = [
        await business.order("asked"),
        await business.appointment("undo"),
        await business.mixed("plain"),
        await business.order("half"),
    ]
    started = [await business.cancel(subject) for subject in subjects]
    for _ in range(20):
        assert await check(business) == 0
    for cancellation in started[2:]:
        await business.ended(cancellation)
    assert await check(business) == 0


async def test_a_broken_promise_is_told_once_and_a_waiting_cancellation_goes_on(
    business: Business,
) -> None:
    waiting = await business.cancel(await business.mixed("asked"))
    await lose_from_outbox(business, waiting)
    assert await check(business) == 1
    seen = await business.seen(waiting)
    assert seen.state is Status.NEEDS_ATTENTION
    assert [(one.step, one.failure) for one in seen.attention] == [("run", "invariant_broken")]
    (told,) = [one for one in await history(business, waiting) if one.type == "invariant_broken"]
    assert told.data["promise"] == OUTBOX
    assert await check(business) == 0
    await replies.approve(business.context, DESK, waiting.id)
    done = await business.ended(waiting)
    assert (done.state, done.attention) == (Status.CANCELLED, ())
    assert any(
        "invariant_broken" in str(mail.get_body(("plain",))) for mail in business.mails.messages
    )


async def test_a_cancellation_at_rest_is_left_as_it_ended(business: Business) -> None:
    done = await business.ended(await business.cancel(await business.order()))
    await lose_from_outbox(business, done)
    assert await check(business) == 1
    assert (await business.seen(done)).state is Status.CANCELLED
    assert "invariant_broken" in {one.type for one in await history(business, done)}


async def test_both_subjects_of_a_slot_held_twice_are_told(business: Business) -> None:
    first = await business.cancel(await business.appointment("asked"))
    second = await business.cancel(await business.mixed("asked"))
    async with business.sessions.begin() as session:
        await session.execute(
            text("ALTER TABLE reservations DROP CONSTRAINT ex_reservations_no_double_booking")
        )
        await session.execute(
            text("UPDATE reservations SET during = tstzrange('2030-01-01', '2030-01-02')")
        )
    assert await check(business) == 1
    for cancellation in (first, second):
        assert (await business.seen(cancellation)).state is Status.NEEDS_ATTENTION


async def test_a_history_that_takes_no_event_stops_nothing_else(
    business: Business, caplog: pytest.LogCaptureFixture
) -> None:
    broken = await business.cancel(await business.mixed("asked"))
    other = await business.cancel(await business.order("asked"))
    async with business.sessions.begin() as session:
        ref = SubjectRow.ref == broken.subject.id
        await session.execute(update(SubjectRow).where(ref).values(event_sequence=0))
    await lose_from_outbox(business, other)
    assert await check(business) == 2
    assert "takes no event" in caplog.text
    assert "invariant_broken" in {one.type for one in await history(business, other)}


async def test_a_promise_that_takes_too_long_is_left_out_and_said(
    business: Business, caplog: pytest.LogCaptureFixture
) -> None:
    waiting = await business.cancel(await business.mixed("asked"))
    await lose_from_outbox(business, waiting)
    async with business.sessions.begin() as session:
        await session.execute(text("ALTER TABLE outbox RENAME TO told"))
        await session.execute(
            text("CREATE VIEW outbox AS SELECT told.* FROM told, LATERAL (SELECT pg_sleep(9)) s")
        )
    with caplog.at_level(logging.WARNING):
        assert await check(business, patience=timedelta(milliseconds=200)) == 0
    assert f"the database is too large for it: {OUTBOX}" in caplog.text


async def test_the_scheduled_workflow_does_it_on_a_real_worker(
    business: Business, task_queue: str
) -> None:
    done = await business.ended(await business.cancel(await business.order()))
    await lose_from_outbox(business, done)
    noted = await business.client.execute_workflow(
        CheckInvariants.run, id=f"invariants-{uuid4().hex}", task_queue=task_queue
    )
    assert noted == 1
