"""Choosing while the page's own script works out the amounts: nothing chosen is lost over it."""

import pytest
from playwright.async_api import Request, Route, expect

from tests.web.browser.flow import Flow, fixture_flow  # noqa: F401 - a fixture
from tests.web.browser.visitor import Look


@pytest.mark.parametrize("look", [Look()])
async def test_a_way_picked_while_an_answer_is_under_way_stays_picked(flow: Flow) -> None:
    page = flow.customer.page
    held: list[Route] = []
    await _choose(flow)
    await page.route("**/cancel?*", lambda route: held.append(route), times=1)
    await page.locator('input[name="line"]').last.uncheck()
    credit = page.locator('input[name="method"][value="store_credit"]')
    async with page.expect_request("**/cancel?*method=store_credit*"):
        await credit.check()
        await held[0].continue_()
    await expect(page.locator("#summary")).to_contain_text("Store credit")
    await expect(credit).to_be_checked()


@pytest.mark.parametrize("look", [Look()])
async def test_writing_a_note_asks_for_nothing(flow: Flow) -> None:
    page = flow.customer.page
    asked: list[Request] = []
    await _choose(flow)
    async with page.expect_response("**/cancel?*reason=other*"):
        await flow.customer.give_reason("other")
    page.on("request", lambda request: asked.append(request))
    await page.locator("#note").fill("In my own words")
    async with page.expect_response("**/cancel?*method=store_credit*"):
        await page.locator('input[name="method"][value="store_credit"]').check()
    assert ["method=store_credit" in request.url for request in asked][:1] == [True]


async def _choose(flow: Flow) -> None:
    order = await flow.order("credit")
    await flow.come_in(order)
    await flow.customer.choose(order)
