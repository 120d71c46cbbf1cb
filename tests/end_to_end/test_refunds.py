"""Refunds after the pivot: asked for again where that may help, put before a person once."""

import asyncio
from typing import Any

from temporalio.client import WorkflowHandle

from activities.refund_rows import MOST_ATTEMPTS
from domain.lifecycle import RefundState
from sandbox import control
from sandbox.control import Behaviour
from storage import events, refunds
from tests.end_to_end.conftest import DESK, Business, a_card
from use_cases import policies
from use_cases.views import CancellationView, Status


async def after_noes(business: Business, times: int | None) -> CancellationView:
    """A cancelled order whose card says so often a no that may pass, first in the saga itself."""
    card = a_card(4_000)
    await control.script(
        business.cards,
        Behaviour.REJECTS,
        ref=card["payment_ref"],
        failure="insufficient_funds",
        retryable=True,
        times=times,
    )
    done = await business.ended(await business.cancel(await business.order("kind", tenders=[card])))
    assert done.state is Status.CANCELLED
    return done


async def hint(business: Business, done: CancellationView) -> None:
    await business.client.get_workflow_handle(f"refund/{done.refunds[0].id}").signal("hint")


async def tried(business: Business, done: CancellationView, attempts: int) -> None:
    """Hurry the refund until so many attempts came to a no."""
    async with asyncio.timeout(20):
        while (await told(business, done)).count("refund_failed") < attempts:
            await hint(business, done)
            await asyncio.sleep(0.2)


async def told(business: Business, done: CancellationView) -> list[str]:
    async with business.sessions() as session:
        return [event.type for event in await events.of_cancellation(session, done.id)]


async def test_a_no_that_may_pass_is_asked_again_and_may_become_a_yes(business: Business) -> None:
    done = await after_noes(business, 3)
    await tried(business, done, 3)
    await hint(business, done)
    settled = await business.until(
        done, lambda seen: seen.refunds[0].state is RefundState.SUCCEEDED
    )
    assert settled.attention == ()
    assert "refund_needs_attention" not in await told(business, done)
    assert await business.is_sound()


async def test_after_the_last_attempt_a_person_is_asked(business: Business) -> None:
    done = await after_noes(business, None)
    await tried(business, done, MOST_ATTEMPTS - 1)
    assert (await business.seen(done)).attention == ()
    await hint(business, done)
    await business.until(done, lambda seen: bool(seen.attention))
    assert (await told(business, done)).count("refund_failed") == MOST_ATTEMPTS
    async with business.sessions() as session:
        row = await refunds.find(session, done.refunds[0].id)
    assert row is not None
    assert row.attempt == MOST_ATTEMPTS
    assert await business.is_sound()


async def test_a_refund_that_waits_to_be_asked_for_is_told_of_once(business: Business) -> None:
    document = {"title": "Who asks gets it", "currency": "EUR", "refund": "on_request"}
    await policies.keep_policy(business.context, DESK, "asking", document)
    done = await business.ended(await business.cancel(await business.order("asking")))
    handle = business.client.get_workflow_handle(f"refund/{done.refunds[0].id}")
    for count in range(2, 4):
        await handle.signal("hint")
        async with asyncio.timeout(20):
            while await looks(handle) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    assert (await told(business, done)).count("refund_needs_attention") == 1
    assert (await business.seen(done)).refunds[0].attention == "on_request"
    assert await business.is_sound()


async def looks(handle: WorkflowHandle[Any, Any]) -> int:
    """How often the refund was put before a person."""
    history = await handle.fetch_history()
    return sum(
        event.activity_task_scheduled_event_attributes.activity_type.name == "escalate_refund"
        for event in history.events
    )
