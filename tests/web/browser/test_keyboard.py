"""From a mail's link to the end with a keyboard alone: Tab, Space, Enter."""

import pytest
from playwright.async_api import Page

from tests.web.browser.conftest import Visit
from tests.web.browser.pages import Stage
from tests.web.browser.product import Product
from tests.web.browser.purchases import appointment, order
from tests.web.browser.visitor import Look

_MOST_STOPS = 60
_FOCUSED = """() => {
  const element = document.activeElement;
  const shown = element.closest(".pill, .skip, label") || element;
  const box = shown.getBoundingClientRect();
  const inside = document.elementsFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const drawn = [element, element.nextElementSibling, shown].filter(Boolean)
    .some(each => getComputedStyle(each).outlineStyle !== "none"
      && parseFloat(getComputedStyle(each).outlineWidth) >= 2);
  return {
    href: element.getAttribute("href") || "",
    name: element.getAttribute("name") || "",
    button: element.matches("main button:not([formmethod], [formaction])") ? "goes on" : "",
    isSeen: drawn && inside.length > 0
      && (inside[0] === element || shown.contains(inside[0]) || element.contains(inside[0])),
    html: element.outerHTML.slice(0, 120),
  };
}"""


_NARROW = Look(width=320, height=600)
_LOOKS = (Look(width=1280, height=600), Look(width=320, height=600, language="ar"))


@pytest.mark.parametrize(
    "look", [_NARROW, *(pytest.param(look, marks=pytest.mark.slow) for look in _LOOKS)], ids=str
)
async def test_an_order_is_cancelled_by_keyboard(
    visit: Visit, product: Product, look: Look
) -> None:
    bought = await order(product.business)
    async with visit(look) as visitor:
        page = visitor.page
        await visitor.come_in(bought)
        await _skip_to_content(page)
        await _tab_to(page, "href", "/cancel")
        await _press(page, "Enter", "**/cancel")
        await _tab_to(page, "name", "line")
        await page.keyboard.press("Space")
        assert await page.locator('[name="line"]').first.is_checked() is False
        await page.keyboard.press("Space")
        await _cancel(page)


@pytest.mark.slow
async def test_an_appointment_with_a_fee_is_cancelled_by_keyboard(
    visit: Visit, product: Product, stage: Stage
) -> None:
    booked = await appointment(product.business, "late")
    async with visit(_NARROW) as visitor:
        page = visitor.page
        await visitor.come_in(booked)
        await _skip_to_content(page)
        await _tab_to(page, "href", "/cancel")
        await _press(page, "Enter", "**/cancel")
        await _cancel(page, fee=True)


@pytest.mark.slow
async def test_a_guest_withdraws_by_keyboard(visit: Visit) -> None:
    told = {"number": "o-none", "name": "Ada Sommer", "email": "ada@example.com"}
    async with visit(_NARROW) as visitor:
        page = visitor.page
        await visitor.go("/withdraw")
        await _skip_to_content(page)
        for name, value in told.items():
            await _tab_to(page, "name", name)
            await page.keyboard.type(value)
        await _tab_to(page, "button", "goes on")
        await _press(page, "Enter", "**/withdraw/confirm*")
        await _tab_to(page, "button", "goes on")
        await _press(page, "Enter", "**/withdrawals/*")


async def _cancel(page: Page, *, fee: bool = False) -> None:
    """From the choice to the end, with a reason; what is kept has to be ticked."""
    await _tab_to(page, "name", "reason")
    await page.keyboard.press("Space")
    assert await page.locator('[name="reason"]').first.is_checked()
    await _tab_to(page, "button", "goes on")
    await _press(page, "Enter", "**/review*")
    if fee:
        await _tab_to(page, "name", "fee")
        await page.keyboard.press("Space")
    await _tab_to(page, "button", "goes on")
    await _press(page, "Enter", "**/cancellations/*")


async def _skip_to_content(page: Page) -> None:
    """The first stop of each page leads past what is the same everywhere."""
    await page.keyboard.press("Tab")
    assert (await _focused(page))["href"] == "#main"
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "main"


async def _tab_to(page: Page, fact: str, wanted: str) -> None:
    """Go on until what has the focus has this. On the way it is always to be seen."""
    for _ in range(_MOST_STOPS):
        await page.keyboard.press("Tab")
        found = await _focused(page)
        assert found["isSeen"], found["html"]
        if str(found[fact]).endswith(wanted):
            return
    pytest.fail(f"nothing with {fact} {wanted} is reached")


async def _focused(page: Page) -> dict[str, str | bool]:
    found: dict[str, str | bool] = await page.evaluate(_FOCUSED)
    return found


async def _press(page: Page, key: str, leads_to: str) -> None:
    await page.keyboard.press(key)
    await page.wait_for_url(leads_to)
