"""One refund followed: what it does after a no, before a deadline, and while nobody answers."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from temporalio.client import WorkflowHandle

from domain.attention import Choice, Waits
from domain.contracts import Settlement
from domain.decisions import IfRefundFails
from domain.errors import ProviderUnavailable
from domain.lifecycle import RefundState
from tests.factories import a_verdict
from tests.fakes import FakeSteps
from tests.workflows.conftest import Stage
from workflows.refund import Refund


async def pauses(handle: WorkflowHandle[Any, Any]) -> list[timedelta]:
    history = await handle.fetch_history()
    return [
        event.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
        for event in history.events
        if event.HasField("timer_started_event_attributes")
    ]


async def test_a_no_that_may_pass_is_asked_again_after_longer_and_longer_pauses(
    stage: Stage,
) -> None:
    steps = FakeSteps(a_verdict(), noes=[True, True, True])
    handle = await stage.follow(steps, uuid4(), skip=True)
    assert (await handle.result()).state is RefundState.SUCCEEDED
    assert steps.calls == ["follow_refund"] * 4
    assert await pauses(handle) == [timedelta(hours=hours) for hours in (1, 2, 4)]


async def test_a_no_that_does_not_pass_is_put_before_a_person_at_once(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(), noes=[True, False])
    refund = uuid4()
    handle = await stage.follow(steps, refund, skip=True)
    await steps.reached("escalate_refund")
    word = Settlement(refund_id=refund, choice=Choice.SETTLE_BY_HAND, actor="staff/anna")
    await handle.execute_update(Refund.settle, word)
    assert (await handle.result()).state is RefundState.PAID_OTHERWISE
    assert steps.calls == ["follow_refund"] * 2 + ["escalate_refund", "settle_refund"]


REFUSED: dict[str, Any] = {"state": RefundState.FAILED, "failure": "lost_or_stolen_card"}
CAN_ASK: dict[str, Any] = REFUSED | {"fallback": IfRefundFails.ASK}
ASKED: dict[str, Any] = REFUSED | {"waits": Waits.CUSTOMER}
PENDING: dict[str, Any] = {"state": RefundState.PENDING, "pending_reason": "processing"}
MANUAL: dict[str, Any] = {"state": RefundState.OWED, "waits": Waits.MANUAL}


def ahead(**span: int) -> datetime:
    return datetime.now(UTC) + timedelta(**span)


async def test_while_the_provider_is_silent_it_is_asked_hours_later(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(), follow_refund=[ProviderUnavailable("away")] * 30)
    handle = await stage.follow(steps, uuid4(), skip=True)
    await steps.reached("read_refund")
    steps.faults.clear()
    assert (await handle.result()).state is RefundState.SUCCEEDED
    assert await pauses(handle) == [timedelta(hours=1)]


async def test_the_deadline_is_spoken_of_once_and_before_the_next_look(stage: Stage) -> None:
    near = PENDING | {"escalate_at": ahead(hours=2), "due_by": ahead(days=2)}
    steps = FakeSteps(a_verdict(), found=[near, near, PENDING])
    handle = await stage.follow(steps, uuid4(), skip=True)
    assert (await handle.result()).state is RefundState.SUCCEEDED
    assert steps.calls == ["follow_refund"] * 2 + ["warn_refund", "follow_refund"]
    first, second, _ = await pauses(handle)
    assert first == timedelta(hours=1)
    assert timedelta(minutes=58) < second <= timedelta(hours=1)


async def test_a_customer_who_chooses_nothing_for_a_week_is_paid_by_a_person(
    stage: Stage,
) -> None:
    steps = FakeSteps(a_verdict(), found=[CAN_ASK, ASKED, MANUAL])
    refund = uuid4()
    handle = await stage.follow(steps, refund, skip=True)
    await steps.reached("escalate_refund")
    word = Settlement(refund_id=refund, choice=Choice.SETTLE_BY_HAND, actor="staff/anna")
    await handle.execute_update(Refund.settle, word)
    assert (await handle.result()).state is RefundState.PAID_OTHERWISE
    assert steps.calls[:3] == ["follow_refund", "climb_refund ask", "climb_refund person"]
    assert await pauses(handle) == [timedelta(days=7)]


async def test_the_time_to_choose_ends_when_the_mail_says_so(stage: Stage) -> None:
    asked = ASKED | {"answer_by": ahead(days=2)}
    steps = FakeSteps(a_verdict(), found=[CAN_ASK, asked, MANUAL])
    refund = uuid4()
    handle = await stage.follow(steps, refund, skip=True)
    await steps.reached("climb_refund person")
    word = Settlement(refund_id=refund, choice=Choice.SETTLE_BY_HAND, actor="staff/anna")
    await handle.execute_update(Refund.settle, word)
    await handle.result()
    (length,) = await pauses(handle)
    assert timedelta(hours=47) < length <= timedelta(days=2)


async def test_a_refund_without_a_cancellation_sends_the_mails_of_its_request(stage: Stage) -> None:
    told = PENDING | {"has_mail": True, "request_id": uuid4()}
    steps = FakeSteps(a_verdict(), found=[told])
    handle = await stage.follow(steps, uuid4())
    await steps.reached("send_notifications")
    await handle.terminate()
    assert steps.mailed == [told["request_id"]]


async def test_a_customer_who_takes_store_credit_has_it_at_once(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(), found=[CAN_ASK, ASKED, {"state": RefundState.SUCCEEDED}])
    refund = uuid4()
    handle = await stage.follow(steps, refund)
    await steps.reached("climb_refund ask")
    word = Settlement(refund_id=refund, choice=Choice.STORE_CREDIT, actor="customer/c-1")
    await handle.execute_update(Refund.settle, word)
    assert (await handle.result()).state is RefundState.SUCCEEDED
    assert steps.calls == ["follow_refund", "climb_refund ask", "settle_refund"]


async def test_a_yes_that_nobody_gives_in_time_is_a_no(stage: Stage) -> None:
    waiting = {"waits": Waits.APPROVAL, "answer_by": ahead(hours=48), "state": RefundState.OWED}
    steps = FakeSteps(a_verdict(), found=[waiting, {"state": RefundState.WAIVED}])
    handle = await stage.follow(steps, uuid4(), skip=True)
    assert (await handle.result()).state is RefundState.WAIVED
    (said,) = steps.settled
    assert (said.settlement.choice, said.settlement.actor) == (Choice.DECLINE, "deadline")
