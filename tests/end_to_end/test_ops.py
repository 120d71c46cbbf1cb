"""Runs that were lost, terminated or never started, and windows that close by themselves."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from activities.sweeps import Sweeps
from activities.windows import Windows
from domain.attention import Choice
from domain.contracts import Batch
from domain.errors import ChoiceNotAllowed
from domain.lifecycle import RefundState
from domain.subjects import Kind, SubjectRef
from runtime import schedules
from sandbox import control
from sandbox.control import Behaviour
from storage import cancellations as rows
from storage import events, notifications
from storage import subjects as subject_rows
from storage.requests import RequestRow, RequestState
from storage.subjects import SubjectRow
from tests.end_to_end.conftest import DESK, Business, a_card, already
from tests.end_to_end.faults import Fault
from use_cases import resolutions, subjects
from use_cases.resolutions import Decided
from use_cases.runs import Runs
from use_cases.views import CancellationView, Status

LATER = timedelta(minutes=10)


def batch(later: timedelta = LATER, limit: int = 500) -> Batch:
    return Batch(at=datetime.now(UTC) + later, limit=limit)


async def terminate(business: Business, cancellation: CancellationView) -> None:
    handle = business.client.get_workflow_handle(cancellation.workflow_id or "")
    await handle.terminate("by ops")


async def sweep(business: Business, task_queue: str) -> int:
    sweeps = Sweeps(business.sessions, business.client, task_queue)
    return (await sweeps.flag_stranded(batch())).handled


async def resume(business: Business, cancellation: CancellationView) -> CancellationView:
    decided = Decided(step="run", choice=Choice.RETRY)
    await resolutions.resolve(business.context, DESK, cancellation.id, decided)
    return await business.ended(cancellation)


@pytest.mark.slow
async def test_a_run_terminated_before_it_decided_is_put_back_when_it_is_resumed(
    business: Business, task_queue: str
) -> None:
    business.faults.planned |= {"validate": Fault.REJECTED, "restore_status": Fault.REJECTED}
    order = await business.order()
    waiting = await business.reached(await business.cancel(order), Status.NEEDS_ATTENTION)
    await terminate(business, waiting)
    decided = Decided(step="restore_status", choice=Choice.RETRY)
    await resolutions.resolve(business.context, DESK, waiting.id, decided)
    done = await business.ended(waiting)
    assert done.state is Status.RESTORED
    assert await business.is_sound()


async def test_a_terminated_wait_is_found_and_put_back(business: Business, task_queue: str) -> None:
    waiting = await business.cancel(await business.mixed("asked"))
    await terminate(business, waiting)
    assert await sweep(business, task_queue) == 1
    assert (await business.seen(waiting)).state is Status.NEEDS_ATTENTION
    assert await sweep(business, task_queue) == 0
    done = await resume(business, waiting)
    assert (done.state, done.cause) == (Status.RESTORED, "stopped_by_ops")
    assert await business.is_sound()


async def test_a_run_terminated_after_the_money_went_is_found_and_finished(
    business: Business, task_queue: str
) -> None:
    business.faults.planned["update_status"] = Fault.REJECTED
    order = await business.mixed()
    started = await business.cancel(order)
    await business.reached(started, Status.NEEDS_ATTENTION)
    await terminate(business, started)
    done = await resume_step(business, started)
    assert done.state is Status.CANCELLED
    assert await business.is_sound()


async def resume_step(business: Business, started: CancellationView) -> CancellationView:
    decided = Decided(step="update_status", choice=Choice.RETRY)
    await resolutions.resolve(business.context, DESK, started.id, decided)
    return await business.ended(started)


async def test_a_request_without_a_run_is_started_by_the_sweep(
    business: Business, task_queue: str
) -> None:
    order = await business.order()
    request_id = await forgotten(business, order.id)
    sweeps = Sweeps(business.sessions, business.client, task_queue)
    assert (await sweeps.start_forgotten_requests(batch(timedelta()))).handled == 0
    assert (await sweeps.start_forgotten_requests(batch())).handled == 1
    handle = business.client.get_workflow_handle(f"cancellation/order/{order.id}/1")
    await handle.result()
    async with business.sessions() as session:
        assert (await rows.get(session, request_id)).state == "cancelled"
    assert (await sweeps.start_forgotten_requests(batch())).handled == 0
    assert await business.is_sound()


async def forgotten(business: Business, ref: str) -> UUID:
    """A request that was written down just before the API died."""
    request_id = uuid4()
    async with business.sessions.begin() as session:
        subject = SubjectRef(kind=Kind.ORDER, id=ref)
        row = await subject_rows.get(session, subject)
        now = datetime.now(UTC)
        session.add(
            RequestRow(
                id=request_id,
                subject_id=row.id,
                state=RequestState.OPEN,
                body={},
                body_hash="",
                actor="key/desk",
                asker="c-1",
                requested_at=now,
                received_at=now,
            )
        )
    return request_id


async def test_an_owed_refund_whose_run_was_terminated_is_flagged_and_goes_on(
    business: Business, task_queue: str
) -> None:
    card = a_card(4_000)
    await control.script(business.cards, Behaviour.ACCEPTS_PENDING, ref=card["payment_ref"])
    done = await business.ended(await business.cancel(await business.order(tenders=[card])))
    await business.client.get_workflow_handle(f"refund/{done.refunds[0].id}").terminate("by ops")
    assert await sweep(business, task_queue) == 1
    flagged = await business.seen(done)
    assert flagged.attention[0].step == "refund"
    (refund,) = await control.refunds_of(business.cards, card["payment_ref"])
    await control.succeed_later(business.cards, refund.id)
    decided = Decided(step="refund", choice=Choice.RETRY, refund_id=done.refunds[0].id)
    await resolutions.resolve(business.context, DESK, done.id, decided)
    settled = await business.until(
        done, lambda seen: seen.refunds[0].state is RefundState.SUCCEEDED
    )
    assert settled.attention == ()
    assert await business.is_sound()


async def test_windows_that_ran_out_are_closed_once_and_held_ones_passed_over(
    business: Business,
) -> None:
    orders = [await business.order("undo" if n == 0 else "plain") for n in range(4)]
    past = datetime.now(UTC) - timedelta(days=1)
    async with business.sessions.begin() as session:
        refs = [order.id for order in orders]
        await session.execute(
            update(SubjectRow).where(SubjectRow.ref.in_(refs)).values(cancellable_until=past)
        )
    held = await business.cancel(orders[0])
    assert held.state is Status.UNDO_WINDOW
    windows = Windows(business.sessions)
    first = await windows.close_windows(batch(timedelta(), limit=2))
    assert (first.handled, first.more) == (2, True)
    assert (await windows.close_windows(batch(timedelta(), limit=2))).handled == 1
    assert (await windows.close_windows(batch(timedelta()))).handled == 0
    async with business.sessions() as session:
        row = await subject_rows.get(session, orders[1])
        names = [event.type for event in await events.of_subject(session, row.id)]
    assert names.count("window_closed") == 1
    assert await business.is_sound()


async def test_schedules_are_made_once_and_a_pause_by_ops_survives(
    business: Business, task_queue: str
) -> None:
    await schedules.ensure(business.client, task_queue)
    handle = business.client.get_schedule_handle("cancellation-windows")
    await handle.pause(note="incident 42")
    await schedules.ensure(business.client, task_queue)
    description = await handle.describe()
    assert description.schedule.state.paused
    assert description.schedule.state.note == "incident 42"
    await handle.unpause()
    await handle.trigger()
    for planned in schedules.SCHEDULES:
        await business.client.get_schedule_handle(planned.id).delete()


async def test_no_worker_answers_received_and_the_request_is_decided_later(
    business: Business, task_queue: str
) -> None:
    nobody = Runs(already(business.client), "nobody-listens", timedelta(seconds=2))
    busy = replace(business, context=replace(business.context, runs=nobody))
    order = await busy.order()
    asked = await busy.cancel(order, key="later")
    assert asked.state is Status.RECEIVED
    assert (await subjects.get(business.context, order, ["en"])).state == "none"


async def test_a_refund_dropped_with_its_cancellation_is_nobodys_business(
    business: Business, task_queue: str
) -> None:
    card = a_card(4_000)
    await control.script(business.cards, Behaviour.REJECTS, ref=card["payment_ref"], times=None)
    done = await business.ended(await business.cancel(await business.order(tenders=[card])))
    assert (done.state, done.refunds[0].state) == (Status.RESTORED, RefundState.FAILED)
    assert await sweep(business, task_queue) == 0
    assert (await business.seen(done)).attention == ()


async def test_a_refund_that_is_with_its_provider_is_not_paid_by_hand_as_well(
    business: Business, task_queue: str
) -> None:
    card = a_card(4_000)
    await control.script(business.cards, Behaviour.ACCEPTS_PENDING, ref=card["payment_ref"])
    done = await business.ended(await business.cancel(await business.order(tenders=[card])))
    await business.client.get_workflow_handle(f"refund/{done.refunds[0].id}").terminate("by ops")
    await sweep(business, task_queue)
    assert (await business.seen(done)).attention[0].choices == (Choice.RETRY,)
    by_hand = Decided(
        step="refund", choice=Choice.SETTLE_BY_HAND, refund_id=done.refunds[0].id, reason="cash"
    )
    with pytest.raises(ChoiceNotAllowed):
        await resolutions.resolve(business.context, DESK, done.id, by_hand)


async def test_a_lost_run_is_told_to_the_business(business: Business, task_queue: str) -> None:
    waiting = await business.cancel(await business.order("asked"))
    await business.until_mails(2)
    await terminate(business, waiting)
    sweeps = Sweeps(business.sessions, business.client, task_queue)
    found = await sweeps.flag_stranded(batch())
    assert found.concerned == (waiting.id,)
    async with business.sessions() as session:
        (mail,) = await notifications.due(session, waiting.id)
    assert (mail.template, mail.data["step"]) == ("attention", "run")
    await resume(business, waiting)
    assert await business.is_sound()
