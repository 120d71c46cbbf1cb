"""Withdrawing by law: signed in, and as a guest."""

from sqlalchemy import text

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
    await flow.follow("It is cancelled.")
    assert (await flow.is_at(Status.CANCELLED)).right == "law"
    assert await flow.returned() == [4_000]


@every_look()
async def test_a_guest_withdraws_by_number_name_and_address(flow: Flow) -> None:
    order = await flow.delivered()
    page, labels = flow.customer.page, labels_of(flow.look.language)
    await flow.customer.go(f"{ROOT}/enter")
    await page.get_by_role("link", name=labels.entry).click()
    for name, value in {"number": order.id, "name": "Ada", "email": flow.who["email"]}.items():
        await page.locator(f'input[name="{name}"]').fill(value)
    await flow.customer.state()
    await page.get_by_role("button", name=labels.confirm).click()
    await page.wait_for_url(f"**{ROOT}/withdrawals/*")
    assert order.id in await flow.customer.read()
    mails = await flow.mails(1)
    assert any(list(mail.iter_attachments()) for mail in mails)
    async with flow.business.sessions() as session:
        query = text("SELECT count(*) FROM withdrawals WHERE number = :number")
        assert (await session.execute(query, {"number": order.id})).scalar_one() == 1
    assert path_of(order) not in await page.content()
