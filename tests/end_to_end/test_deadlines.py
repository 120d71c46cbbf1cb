"""Waits that run out, on the real steps with a clock that skips them."""

from dataclasses import replace
from datetime import timedelta

from temporalio.testing import WorkflowEnvironment

from tests.end_to_end.conftest import Business, already
from use_cases import subjects
from use_cases.runs import Runs
from use_cases.views import Status


def hurried(business: Business, env: WorkflowEnvironment, task_queue: str) -> Business:
    """The same business, whose runs don't wait for the clock."""
    runs = Runs(already(env.client), task_queue, timedelta(seconds=20))
    return replace(business, context=replace(business.context, runs=runs))


async def test_an_approval_nobody_gives_is_a_no_by_default(
    business: Business, env: WorkflowEnvironment, task_queue: str
) -> None:
    hasty = hurried(business, env, task_queue)
    order = await hasty.order("asked")
    done = await hasty.ended(await hasty.cancel(order))
    assert (done.state, done.cause) == (Status.DECLINED, "deadline")
    seen = await subjects.get(hasty.context, order, ["en"])
    assert (seen.state, seen.held) == ("none", False)
    assert await business.is_sound()


async def test_an_approval_nobody_gives_is_a_yes_where_the_policy_says_so(
    business: Business, env: WorkflowEnvironment, task_queue: str
) -> None:
    hasty = hurried(business, env, task_queue)
    done = await hasty.ended(await hasty.cancel(await hasty.mixed("yes")))
    assert done.state is Status.CANCELLED
    seen = await subjects.get(hasty.context, done.subject, ["en"])
    names = [event.type for event in seen.history]
    assert names == [
        "placed",
        "cancellation_requested",
        "cancellation_approved",
        "refund_succeeded",
        "cancelled",
    ]
    assert await business.is_sound()


async def test_an_undo_window_that_passes_ends_cancelled(
    business: Business, env: WorkflowEnvironment, task_queue: str
) -> None:
    hasty = hurried(business, env, task_queue)
    done = await hasty.ended(await hasty.cancel(await hasty.appointment("undo")))
    assert done.state is Status.CANCELLED
    assert await business.is_sound()
