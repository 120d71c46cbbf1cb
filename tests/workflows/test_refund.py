"""One refund followed: what it does after a no."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from temporalio.client import WorkflowHandle

from domain.attention import Choice
from domain.contracts import Settlement
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
