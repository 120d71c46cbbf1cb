"""A warehouse is asked to stop before anything is put back: its yes, its no, and its silence."""

from datetime import timedelta

import pytest
from temporalio.client import WorkflowUpdateFailedError

from domain.contracts import AskWarehouse, Cause, Ending, ReplyKind, WarehouseWord
from domain.decisions import IfSilent
from domain.warehouses import StopAnswer
from tests.factories import a_request, a_verdict
from tests.fakes import FakeSteps
from tests.workflows.conftest import Saga, Stage
from tests.workflows.test_cancellation import broken
from workflows.cancellation import Cancellation

PUT_BACK = ["withdraw_stop", "restore_status", "send_notifications"]


def asking(if_silent: IfSilent = IfSilent.REFUSE) -> AskWarehouse:
    return AskWarehouse(within=timedelta(minutes=30), if_silent=if_silent)


async def say(saga: Saga, answer: StopAnswer) -> None:
    word = WarehouseWord(cancellation_id=saga.request.cancellation_id, answer=answer)
    await saga.handle.execute_update(Cancellation.answer_warehouse, word)


async def test_a_yes_at_once_goes_on_before_anything_is_released(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(warehouse=asking()), stop=StopAnswer.STOPPED)
    saga = await stage.start(steps, a_request())
    assert (await saga.result()).ending is Ending.CANCELLED
    assert steps.calls[:3] == ["validate", "ask_to_stop", "release_slots"]
    assert "withdraw_stop" not in steps.calls


async def test_a_no_is_declined_and_nothing_was_touched(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(warehouse=asking()), stop=StopAnswer.REFUSED)
    saga = await stage.start(steps, a_request())
    result = await saga.result()
    assert (result.ending, result.cause) == (Ending.DECLINED, Cause.OVERTAKEN)
    assert steps.calls == ["validate", "ask_to_stop", *PUT_BACK]


async def test_an_answer_that_comes_by_itself_is_awaited_and_the_first_one_counts(
    stage: Stage,
) -> None:
    steps = FakeSteps(a_verdict(warehouse=asking()))
    saga = await stage.start(steps, a_request())
    await steps.reached("ask_to_stop")
    await say(saga, StopAnswer.STOPPED)
    with pytest.raises(WorkflowUpdateFailedError):
        await say(saga, StopAnswer.REFUSED)
    assert (await saga.result()).ending is Ending.CANCELLED
    assert "assume_stop" not in steps.calls


@pytest.mark.parametrize(
    ("if_silent", "ending"),
    [(IfSilent.STOP, Ending.CANCELLED), (IfSilent.REFUSE, Ending.DECLINED)],
)
async def test_silence_means_what_the_policy_says(
    stage: Stage, if_silent: IfSilent, ending: Ending
) -> None:
    steps = FakeSteps(a_verdict(warehouse=asking(if_silent)))
    saga = await stage.start(steps, a_request(), skip=True)
    assert (await saga.result()).ending is ending
    assert steps.calls[:3] == ["validate", "ask_to_stop", "assume_stop"]


async def test_one_that_cannot_be_reached_is_silent(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(warehouse=asking()), ask_to_stop=broken())
    saga = await stage.start(steps, a_request(), skip=True)
    result = await saga.result()
    assert (result.ending, result.cause) == (Ending.DECLINED, Cause.OVERTAKEN)
    assert steps.calls[-3:] == PUT_BACK


async def test_while_the_answer_is_awaited_it_can_be_taken_back(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(warehouse=asking()))
    saga = await stage.start(steps, a_request())
    await steps.reached("ask_to_stop")
    await saga.reply(ReplyKind.TAKEN_BACK)
    result = await saga.result()
    assert (result.ending, result.cause) == (Ending.UNDONE, Cause.ASKER)
    assert steps.calls[-3:] == PUT_BACK


async def test_a_later_fault_lets_the_warehouse_go_on_last(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(warehouse=asking()), stop=StopAnswer.STOPPED, restock=broken())
    saga = await stage.start(steps, a_request())
    assert (await saga.result()).ending is Ending.RESTORED
    assert steps.calls[-5:] == ["unrestock", "reserve_slots", *PUT_BACK]
