"""What customers do that nobody planned: going back, clicking twice, two tabs, staying away."""

import asyncio
import re

from playwright.async_api import expect
from sqlalchemy import text

from tests.web.browser.flow import Flow, every_look, fixture_flow  # noqa: F401 - a fixture
from tests.web.browser.scenes import Customer, path_of
from tests.web.browser.visitor import Look
from use_cases.views import Status
from web.shared.paths import ROOT


@every_look(Look("dark", 1280))
async def test_two_fast_clicks_cancel_once(flow: Flow) -> None:
    order = await flow.order()
    await flow.come_in(order)
    await flow.customer.choose(order)
    await flow.customer.look_over()
    page = flow.customer.page
    await page.locator('form[action$="/confirm"] button.primary').dblclick()
    await expect(page).to_have_url(re.compile(f"{ROOT}/cancellations/"), timeout=30_000)
    await flow.follow("It is cancelled.")
    await flow.follow("Sent back.")
    assert (await flow.cancellations(order), await flow.returned()) == (1, [4_000])


@every_look()
async def test_going_back_and_confirming_again_leads_to_the_same(flow: Flow) -> None:
    order = await flow.order()
    await flow.come_in(order)
    status = await flow.customer.cancel(order)
    await flow.follow("It is cancelled.")
    await flow.customer.page.go_back()
    again = flow.customer.page.locator('form[action$="/confirm"] button.primary')
    if await again.count():
        await flow.customer.confirm()
        assert flow.customer.path == status
    assert await flow.cancellations(order) == 1


@every_look()
async def test_two_tabs_lead_to_one_cancellation(flow: Flow) -> None:
    order = await flow.order()
    await flow.come_in(order)
    second = Customer(await flow.customer.page.context.new_page(), flow.product.origin)
    await second.go(path_of(order))
    for tab in (flow.customer, second):
        await tab.choose(order)
        await tab.look_over()
    await asyncio.gather(flow.customer.confirm(), second.confirm())
    assert flow.customer.path == second.path
    await flow.is_at(Status.CANCELLED)
    await flow.follow("Sent back.")
    assert (await flow.cancellations(order), await flow.returned()) == (1, [4_000])


@every_look()
async def test_a_session_that_ends_in_the_middle_loses_nothing(flow: Flow) -> None:
    order = await flow.order()
    await flow.come_in(order)
    await flow.customer.choose(order)
    await _end_sessions(flow)
    await flow.customer.press()
    assert await flow.cancellations(order) == 0
    assert await flow.customer.page.locator('form[action$="/enter"]').count()
    await flow.come_in(order)
    await flow.customer.cancel(order)
    await flow.is_at(Status.CANCELLED)
    assert await flow.cancellations(order) == 1


async def _end_sessions(flow: Flow) -> None:
    query = text("UPDATE portal_sessions SET expires_at = created_at WHERE customer_ref = :ref")
    async with flow.business.sessions.begin() as session:
        await session.execute(query, {"ref": flow.who["ref"]})
