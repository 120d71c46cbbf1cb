"""What customers do that nobody planned: going back, clicking twice, two tabs, staying away."""

import asyncio
import re
from urllib.parse import urlencode

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


@every_look(Look("light", 390, script=False))
async def test_going_back_finds_what_was_written_and_afterwards_what_came_of_it(
    flow: Flow,
) -> None:
    order, words = await flow.order(), "We are moving"
    await flow.come_in(order)
    page = flow.customer.page
    await flow.customer.choose(order, {"2": 1})
    await flow.customer.give_reason("other")
    await page.locator("#note").fill(words)
    await flow.customer.look_over()
    review = page.url
    await page.go_back()
    await expect(page.locator("#note")).to_have_value(words)
    await expect(page.locator('input[name="line"]:checked')).to_have_count(1)
    if flow.look.script:
        await expect(page.locator("#dock-total")).to_contain_text(flow.money(500))
    await page.go_forward()
    await page.reload()
    await page.locator(f'main a[href^="{path_of(order)}/cancel"]').click()
    await expect(page.locator("#note")).to_have_value(words)
    await flow.customer.look_over()
    await flow.customer.confirm()
    status = flow.customer.path
    await page.go_back()
    assert flow.customer.path == status
    await page.goto(review)
    assert flow.customer.path in (status, f"{path_of(order)}/review")
    assert words not in "".join(flow.customer.seen)
    assert (await flow.cancellations(order), await _notes(flow)) == (1, [words])


@every_look()
async def test_a_fee_that_was_not_ticked_leaves_no_page_to_be_sent_again(flow: Flow) -> None:
    booked = await flow.appointment("late")
    await flow.come_in(booked)
    page = flow.customer.page
    await flow.customer.choose(booked)
    await flow.customer.look_over()
    await flow.customer.press()
    await expect(page.locator("#fault a")).to_have_attribute("href", "#fee-known")
    await page.reload()
    await expect(page.locator("#fault")).to_be_visible()
    await flow.customer.confirm()
    status = flow.customer.path
    for _ in range(2):
        await page.go_back()
        assert flow.customer.path == status
    assert await flow.cancellations(booked) == 1


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
async def test_of_two_tabs_with_other_parts_the_slower_one_is_told(flow: Flow) -> None:
    order = await flow.order("undo")
    await flow.come_in(order)
    second = Customer(await flow.customer.page.context.new_page(), flow.product.origin)
    await second.go(path_of(order))
    for tab, part in ((flow.customer, {"1": 1}), (second, {"3": 1})):
        await tab.choose(order, part)
        await tab.look_over()
    await asyncio.gather(flow.customer.press(), second.press())
    tabs = sorted((flow.customer, second), key=lambda tab: tab.path.endswith("/review"))
    assert [tab.path.endswith("/review") for tab in tabs] == [False, True]
    assert flow.said("Another cancellation was sent first") in await tabs[1].read()
    await tabs[1].page.reload()
    await tabs[1].page.locator("main a.primary").click()
    assert tabs[1].path == tabs[0].path
    assert await flow.cancellations(order) == 1


@every_look()
async def test_a_quantity_that_cannot_be_is_told_where_it_stands(flow: Flow) -> None:
    order = await flow.order()
    await flow.come_in(order)
    page = flow.customer.page
    await flow.customer.choose(order, {"2": 7})
    if flow.look.script:
        await expect(page.locator("#summary")).to_contain_text("2")
        await expect(page.locator("#summary")).not_to_contain_text("€")
    await flow.customer.press()
    await page.locator("#fault a").click()
    field = page.locator('input[name="quantity.2"]')
    await expect(field).to_be_focused()
    await expect(field).to_have_value("7")
    await field.fill("1")
    await flow.customer.look_over()
    assert flow.money(500) in await flow.customer.read()


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


@every_look()
async def test_a_session_that_ends_before_confirming_comes_back_to_what_was_looked_over(
    flow: Flow,
) -> None:
    order = await flow.order()
    await flow.come_in(order)
    page = flow.customer.page
    await flow.customer.choose(order, {"2": 1})
    await flow.customer.give_reason("other")
    await page.locator("#note").fill("We are moving")
    await flow.customer.look_over()
    review = page.url
    await _end_sessions(flow)
    await flow.customer.press()
    entrance = page.locator('form[action*="/enter"]')
    then = await entrance.locator('input[name="then"]').input_value()
    assert await flow.cancellations(order) == 0
    await page.goto(f"{await flow.product.link(order)}?{urlencode({'then': then})}")
    assert page.url == review
    assert "We are moving" in await flow.customer.read()
    await flow.customer.confirm()
    assert await flow.cancellations(order) == 1


async def _end_sessions(flow: Flow) -> None:
    query = text("UPDATE portal_sessions SET expires_at = created_at WHERE customer_ref = :ref")
    async with flow.business.sessions.begin() as session:
        await session.execute(query, {"ref": flow.who["ref"]})


async def _notes(flow: Flow) -> list[str | None]:
    """What the customer wrote with what they asked for."""
    query = text("SELECT note FROM requests WHERE asker = :ref")
    async with flow.business.sessions() as session:
        return list((await session.scalars(query, {"ref": flow.who["ref"]})).all())
