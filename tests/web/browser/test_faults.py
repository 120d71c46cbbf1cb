"""A form with something missing: who sent it is led to what is said of it, and on to the field."""

import pytest
from playwright.async_api import expect

from tests.web.browser.conftest import Visit
from tests.web.browser.pages import Stage
from tests.web.browser.visitor import Look

_UNFINISHED = (
    *("enter_unfinished", "choose_nothing", "choose_without_note"),
    *("exception_unfinished", "withdraw_unfinished"),
)


@pytest.mark.parametrize("script", [True, pytest.param(False, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name == "choose_without_note" else pytest.mark.slow)
        for name in _UNFINISHED
    ],
)
async def test_what_is_missing_has_the_focus_and_leads_to_its_field(
    visit: Visit, stage: Stage, name: str, script: bool
) -> None:
    async with visit(Look(width=320, height=600, script=script)) as visitor:
        await (await stage.way(name)).by_browser(visitor)
        page = visitor.page
        await expect(page.locator("#fault")).to_be_focused()
        await expect(page.locator("#fault")).to_be_in_viewport()
        await page.keyboard.press("Tab")
        aim = await page.locator(":focus").get_attribute("href")
        assert aim
        await page.keyboard.press("Enter")
        await expect(page.locator(aim)).to_be_in_viewport()
