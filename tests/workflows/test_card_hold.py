"""A held card settled: how long it is looked at, and what a person can do about a no."""

import asyncio
from uuid import uuid4

import pytest

from domain.attention import Choice
from domain.card_holds import CardHoldState
from domain.contracts import CardHoldResult, CardHoldWord, PivotResult
from tests.factories import a_request, a_verdict
from tests.fakes import FakeSteps
from tests.workflows.conftest import Stage
from tests.workflows.test_refund import pauses
from workflows.card_hold import SettleHold


async def test_a_cancellation_leaves_its_held_card_to_a_run_of_its_own(stage: Stage) -> None:
    hold = uuid4()
    steps = FakeSteps(a_verdict(), owed=PivotResult(holds=(hold,)))
    saga = await stage.start(steps, a_request())
    await saga.result()
    settled = stage.client.get_workflow_handle(f"hold/{hold}", result_type=CardHoldResult)
    result: CardHoldResult = await settled.result()
    assert result.state is CardHoldState.DONE
    assert steps.calls.index("settle_card_hold") > steps.calls.index("update_status")


async def test_a_capture_whose_outcome_is_open_is_looked_at_again(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(), held=[CardHoldState.REQUESTED] * 3)
    handle = await stage.settle(steps, uuid4(), skip=True)
    assert (await handle.result()).state is CardHoldState.DONE
    assert steps.calls == ["settle_card_hold"] * 4
    assert [pause.total_seconds() / 3_600 for pause in await pauses(handle)] == [1, 2, 4]


@pytest.mark.slow
async def test_after_a_month_without_an_outcome_a_person_is_asked(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(), held=[CardHoldState.REQUESTED] * 60)
    hold = uuid4()
    handle = await stage.settle(steps, hold, skip=True)
    async with asyncio.timeout(90):
        while "escalate_card_hold" not in steps.calls:
            await steps.called.wait()
    word = CardHoldWord(hold_id=hold, choice=Choice.SETTLE_BY_HAND, actor="staff/anna")
    await handle.execute_update(SettleHold.answer, word)
    assert (await handle.result()).state is CardHoldState.WAIVED
    assert steps.calls[-2:] == ["escalate_card_hold", "answer_card_hold"]


async def test_a_no_is_never_asked_again_without_a_person(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(), held=[CardHoldState.FAILED])
    hold = uuid4()
    handle = await stage.settle(steps, hold, skip=True)
    await steps.reached("escalate_card_hold")
    assert steps.calls == ["settle_card_hold", "escalate_card_hold"]
    word = CardHoldWord(hold_id=hold, choice=Choice.RETRY, actor="staff/anna")
    await handle.execute_update(SettleHold.answer, word)
    assert (await handle.result()).state is CardHoldState.DONE
    assert steps.calls[2:] == ["answer_card_hold", "settle_card_hold"]
