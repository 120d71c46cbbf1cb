"""Our refunds are compared with what the card sandbox lists, and what differs is mended or told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from activities.reconciliation import FOUND, Reconciliation
from domain.contracts import Reconciled, ReconcileStep
from domain.errors import NoLongerHeld
from domain.lifecycle import RefundState
from domain.money import Money
from domain.reconciliation import Difference, DifferenceState
from domain.subjects import SubjectRef
from providers.registry import Providers
from runtime.providing import SANDBOX, open_providers
from runtime.settings import Settings
from sandbox import control
from sandbox.serving import running
from storage import refunds
from storage.events import EventRow
from storage.refunds import RefundRow
from tests.end_to_end.conftest import DESK, Business, a_card
from use_cases import reconciliations, subjects
from use_cases.reconciliations import DifferenceView

Compare = Callable[[], Awaitable[Reconciled]]


@pytest.fixture
async def providers(business: Business, database: str) -> AsyncIterator[Providers]:
    """The way to the sandbox that the business uses, for what isn't asked for by the business."""
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(running(database))
        yield open_providers(stack, Settings(cards_url=sandbox.address))


@pytest.fixture
async def reconciled(business: Business, providers: Providers, task_queue: str) -> Compare:
    """Compare at once, and count also what changed this very moment."""
    steps = Reconciliation(
        business.sessions, providers, business.client, task_queue, grace=timedelta()
    )

    async def compare() -> Reconciled:
        now = datetime.now(UTC)
        since = now - timedelta(days=1)
        return await steps.reconcile_refunds(ReconcileStep(run_id=uuid4(), since=since, at=now))

    return compare


async def refunded(business: Business, order: SubjectRef) -> UUID:
    done = await business.ended(await business.cancel(order))
    (refund,) = done.refunds
    assert refund.state is RefundState.SUCCEEDED
    return refund.id


async def made_elsewhere(providers: Providers, card: dict[str, Any], minor: int, key: str) -> None:
    amount = Money(minor=minor, currency="EUR")
    await providers.get(SANDBOX).create(key, card["payment_ref"], amount)


async def until_state(business: Business, refund_id: UUID, state: RefundState) -> RefundRow:
    async with asyncio.timeout(20):
        while True:
            async with business.sessions() as session:
                row = await refunds.find(session, refund_id)
            if row is not None and row.state is state:
                return row
            await asyncio.sleep(0.05)


async def open_ones(business: Business) -> list[DifferenceView]:
    page = await reconciliations.list_differences(business.context, DifferenceState.OPEN, 50)
    return list(page.items)


async def test_a_late_failure_that_nobody_told_of_is_found_and_followed(
    business: Business, reconciled: Compare
) -> None:
    refund_id = await refunded(business, await business.order())
    async with business.sessions() as session:
        row = await refunds.find(session, refund_id)
    assert row is not None
    assert row.provider_ref is not None
    await control.fail_later(business.cards, row.provider_ref, "declined")
    assert (await reconciled()).followed == 1
    failed = await until_state(business, refund_id, RefundState.FAILED)
    assert failed.late_failures == 1
    assert await business.is_sound()


async def test_money_that_we_thought_had_not_left_is_counted_again(
    business: Business, reconciled: Compare
) -> None:
    order = await business.order()
    refund_id = await refunded(business, order)
    async with business.sessions.begin() as session:
        row = await refunds.find(session, refund_id)
        assert row is not None
        await refunds.move(session, row, RefundState.FAILED, datetime.now(UTC))
        row.provider_ref, row.attention = None, "refund"
    assert (await reconciled()).followed == 1
    await until_state(business, refund_id, RefundState.SUCCEEDED)
    assert (await subjects.get(business.context, order, ["en"])).tenders[0].returned_minor == 4_000
    assert await reconciled() == Reconciled(listed=1)
    assert await open_ones(business) == []
    assert await business.is_sound()


async def test_a_refund_made_elsewhere_waits_for_a_person_and_counts_once_adopted(
    business: Business, providers: Providers, reconciled: Compare
) -> None:
    card = a_card(4_000)
    order = await business.order(tenders=[card])
    await made_elsewhere(providers, card, 1_500, "dashboard-1")
    for _ in range(2):
        assert await reconciled() == Reconciled(listed=1, differences=1)
    (found,) = await open_ones(business)
    assert (found.difference, found.subject) == (Difference.MADE_ELSEWHERE, order)
    assert found.can_adopt
    adopted = await reconciliations.adopt(business.context, DESK, found.id)
    assert adopted == await reconciliations.adopt(business.context, DESK, found.id)
    tender = (await subjects.get(business.context, order, ["en"])).tenders[0]
    assert tender.returned_elsewhere_minor == 1_500
    done = await business.ended(await business.cancel(order))
    assert sum(refund.amount_minor for refund in done.refunds) == 2_500
    await reconciled()
    assert await open_ones(business) == []
    async with business.sessions() as session:
        told = await session.scalars(select(EventRow.type).where(EventRow.type.like(f"{FOUND}%")))
        assert sorted(told) == [FOUND, f"{FOUND}_adopted"]
    assert await business.is_sound()


async def test_what_the_merchant_reported_itself_is_no_news(
    business: Business, providers: Providers, reconciled: Compare
) -> None:
    card = a_card(4_000)
    await business.order(tenders=[card | {"returned_elsewhere_minor": 1_500}])
    await made_elsewhere(providers, card, 1_500, "dashboard-2")
    await reconciled()
    assert await open_ones(business) == []


async def test_money_beyond_what_was_paid_cannot_be_adopted(
    business: Business, reconciled: Compare
) -> None:
    refund_id = await refunded(business, await business.order())
    async with business.sessions.begin() as session:
        await session.execute(
            update(RefundRow).where(RefundRow.id == refund_id).values(provider_ref="re_nowhere")
        )
    await reconciled()
    found = {one.difference: one for one in await open_ones(business)}
    assert set(found) == {Difference.NOT_LISTED, Difference.MADE_TWICE}
    with pytest.raises(NoLongerHeld):
        await reconciliations.adopt(business.context, DESK, found[Difference.MADE_TWICE].id)
    for one in found.values():
        await reconciliations.dismiss(business.context, DESK, one.id)
    assert await open_ones(business) == []


async def test_asked_for_it_runs_as_a_workflow(business: Business) -> None:
    await refunded(business, await business.order())
    run = await reconciliations.start(business.context, DESK, None)
    result = await business.client.get_workflow_handle(f"reconciliation/{run.id}").result()
    assert result["listed"] == 1
    ended = await reconciliations.get(business.context, run.id)
    assert (ended.listed, ended.differences) == (1, 0)
    assert ended.ended_at is not None
