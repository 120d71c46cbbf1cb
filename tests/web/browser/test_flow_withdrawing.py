"""Withdrawing by law: signed in, and as a guest."""

from playwright.async_api import expect
from sqlalchemy import text

from domain.subjects import SubjectRef
from tests.web.browser.flow import Flow, every_look, fixture_flow  # noqa: F401 - a fixture
from tests.web.browser.scenes import path_of
from use_cases.views import Status
from web.portal.withdrawal_labels import labels_of
from web.shared.paths import ROOT


@every_look()
async def test_who_is_signed_in_withdraws_in_two_steps(flow: Flow) -> None:
    order = await flow.delivered()
    await flow.come_in(order)
    page, labels = flow.customer.page, labels_of(flow.look.language)
    await page.get_by_role("link", name=labels.entry).click()
    await flow.customer.state()
    assert flow.money(4_000) in await flow.customer.read()
    await page.get_by_role("button", name=labels.confirm).click()
    await page.wait_for_url(f"**{ROOT}/withdrawals/*")
    assert order.id in await flow.customer.read()
    await page.locator(f'a[href^="{ROOT}/cancellations/"]').first.click()
    await flow.follow("Your withdrawal is carried out.")
    assert (await flow.is_at(Status.CANCELLED)).right == "law"
    assert await flow.returned() == [4_000]


@every_look()
async def test_going_back_after_withdrawing_leads_to_the_receipt(flow: Flow) -> None:
    order = await flow.delivered()
    await flow.come_in(order)
    page = flow.customer.page
    await flow.customer.go(f"{path_of(order)}/withdraw")
    await page.locator('input[name="name"]').fill("Ada Winter")
    await flow.customer.state()
    second = page.url
    await page.reload()
    await page.locator('main a[href*="/withdraw?draft="]').click()
    await expect(page.locator('input[name="name"]')).to_have_value("Ada Winter")
    await flow.customer.state()
    await page.locator('form[action$="/withdraw/confirm"] button.primary').dblclick()
    await page.wait_for_url(f"**{ROOT}/withdrawals/*")
    receipt = flow.customer.path
    await page.go_back()
    assert flow.customer.path == receipt
    await page.goto(second)
    assert "Ada Winter" not in await page.content()
    assert await _declared(flow, order) == 1


@every_look()
async def test_a_guest_goes_back_and_forth_and_declares_once(flow: Flow) -> None:
    order = await flow.delivered()
    page = flow.customer.page
    await flow.customer.go(f"{ROOT}/withdraw")
    await _fill(flow, order)
    await flow.customer.state()
    await page.go_back()
    await expect(page.locator('input[name="name"]')).to_have_value("Ada")
    await page.go_forward()
    await page.reload()
    assert order.id in await flow.customer.read()
    second = page.url
    await page.locator('form[action$="/withdraw/confirm"] button.primary').dblclick()
    await page.wait_for_url(f"**{ROOT}/withdrawals/*")
    receipt = flow.customer.path
    await page.go_back()
    assert flow.customer.path == receipt
    assert await _declared(flow, order) == 1
    assert order.id not in "".join(flow.customer.seen)
    assert "Ada" not in second


@every_look()
async def test_without_cookies_a_guest_withdraws_as_well(flow: Flow) -> None:
    order = await flow.delivered()
    page = flow.customer.page
    await flow.customer.go(f"{ROOT}/withdraw")
    await _fill(flow, order)
    await page.context.clear_cookies()
    await flow.customer.state()
    await page.locator('button[name="change"]').click()
    await expect(page.locator('input[name="name"]')).to_have_value("Ada")
    await page.context.clear_cookies()
    await flow.customer.state()
    await page.locator('form[action$="/withdraw/confirm"] button.primary').click()
    await page.wait_for_url(f"**{ROOT}/withdrawals/*")
    assert await _declared(flow, order) == 1


@every_look()
async def test_a_guest_withdraws_by_number_name_and_address(flow: Flow) -> None:
    order = await flow.delivered()
    page, labels = flow.customer.page, labels_of(flow.look.language)
    await flow.customer.go(f"{ROOT}/enter")
    await page.get_by_role("link", name=labels.entry).click()
    await _fill(flow, order)
    await flow.customer.state()
    await page.get_by_role("button", name=labels.confirm).click()
    await page.wait_for_url(f"**{ROOT}/withdrawals/*")
    assert order.id in await flow.customer.read()
    mails = await flow.mails(1)
    assert any(list(mail.iter_attachments()) for mail in mails)
    assert await _declared(flow, order) == 1
    assert path_of(order) not in await page.content()


async def _fill(flow: Flow, order: SubjectRef) -> None:
    for name, value in {"number": order.id, "name": "Ada", "email": flow.who["email"]}.items():
        await flow.customer.page.locator(f'input[name="{name}"]').fill(value)


async def _declared(flow: Flow, order: SubjectRef) -> int:
    query = text("SELECT count(*) FROM withdrawals WHERE number = :number")
    async with flow.business.sessions() as session:
        return int((await session.execute(query, {"number": order.id})).scalar_one())
