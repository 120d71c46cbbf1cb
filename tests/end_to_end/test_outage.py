"""A provider that is away for three days: the cancellation stands at once, the money moves once."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from domain.contracts import RefundResult
from domain.lifecycle import RefundState
from sandbox import control
from sandbox.control import Behaviour, Operation
from tests.end_to_end.conftest import Business, a_card, already
from use_cases.runs import Runs
from use_cases.views import Status

Run = WorkflowHandle[Any, RefundResult]
AWAY = timedelta(days=3)


async def waited(handle: Run) -> timedelta:
    """How long the run has waited between its looks."""
    history = await handle.fetch_history()
    spans = [
        event.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
        for event in history.events
        if event.HasField("timer_started_event_attributes")
    ]
    return sum(spans, timedelta())


@pytest.mark.slow
async def test_three_days_away_cost_two_mails_and_a_few_events_an_hour(
    business: Business, env: WorkflowEnvironment, task_queue: str
) -> None:
    skipping = Runs(already(env.client), task_queue, timedelta(seconds=20))
    business = replace(business, context=replace(business.context, runs=skipping))
    card = a_card(4_000)
    for operation in (Operation.CREATE, Operation.FIND):
        await control.script(
            business.cards,
            Behaviour.UNAVAILABLE,
            ref=card["payment_ref"],
            operation=operation,
            times=None,
        )
    done = await business.ended(await business.cancel(await business.order(tenders=[card])))
    assert (done.state, done.refunds[0].state) == (Status.CANCELLED, RefundState.REQUESTED)
    handle: Run = business.client.get_workflow_handle(
        done.refunds[0].workflow_id, result_type=RefundResult
    )
    async with asyncio.timeout(120):
        while await waited(handle) < AWAY:  # noqa: ASYNC110
            await asyncio.sleep(0.5)
    assert len(await control.refunds_of(business.cards, card["payment_ref"])) == 0
    await control.clear_scripts(business.cards)
    assert (await handle.result()).state is RefundState.SUCCEEDED
    made = await control.refunds_of(business.cards, card["payment_ref"])
    assert [one.amount for one in made] == [4_000]
    mails = [str(mail["Subject"]) for mail in business.mails.messages if "ada@" in str(mail["To"])]
    assert len(mails) == 2, mails
    history = await handle.fetch_history()
    assert len(history.events) / (await waited(handle) / timedelta(hours=1)) < 5
    assert await business.is_sound()
