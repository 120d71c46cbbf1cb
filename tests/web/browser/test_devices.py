"""What somebody's device asks for: forced colours, large text, paper, less movement."""

import pytest
from playwright.async_api import Locator, Page

from tests.web.browser import audits
from tests.web.browser.conftest import Visit
from tests.web.browser.pages import PAGES, Stage
from tests.web.browser.visitor import Look

MOVES = (
    """() => document.getAnimations().map(each => each.animationName || each.transitionProperty)"""
)
_LOOSE = """() => [...document.querySelectorAll("*")].filter(element => {
  const style = getComputedStyle(element);
  return parseFloat(style.animationDuration) > .01 || parseFloat(style.transitionDuration) > .01;
}).map(element => element.outerHTML.slice(0, 120))"""

_SPACED = """() => {
  for (const element of document.querySelectorAll("body *")) {
    Object.assign(element.style, {lineHeight: 1.5, letterSpacing: ".12em", wordSpacing: ".16em"});
    if (element.matches("p")) element.style.marginBlockEnd = "2em";
  }
}"""
_ALWAYS_THERE = """() => [...document.querySelectorAll("body *")]
  .filter(element => ["sticky", "fixed"].includes(getComputedStyle(element).position))
  .filter(element => element.offsetHeight > innerHeight / 2)
  .map(element => element.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize(
    ("name", "kind", "field"),
    [
        pytest.param("choose", "checkbox", "line", marks=pytest.mark.slow),
        ("choose", "radio", "reason"),
        pytest.param("preferences", "radio", "scheme", marks=pytest.mark.slow),
    ],
)
async def test_in_forced_colours_what_is_ticked_looks_different(
    visit: Visit, stage: Stage, name: str, kind: str, field: str
) -> None:
    async with visit(Look(more={"forced_colors": "active"})) as visitor:
        await (await stage.way(name)).by_browser(visitor)
        box = visitor.page.locator(f'[type="{kind}"][name="{field}"]').last
        before = await _picture(box)
        is_ticked = await box.is_checked()
        await box.set_checked(not is_ticked, force=True)
        await visitor.page.evaluate("document.activeElement.blur()")
        assert await _picture(box) != before


async def _picture(box: Locator) -> bytes:
    """The box with the words that belong to it, nothing pointed at."""
    await box.page.mouse.move(0, 0)
    return await box.locator("xpath=ancestor::label").first.screenshot()


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
async def test_a_page_is_read_with_text_twice_as_large(
    visit: Visit, stage: Stage, name: str
) -> None:
    """Enlarged as a whole, which leaves half the width; and its text alone, on a wide screen."""
    async with visit(Look(width=640, height=450)) as visitor:
        page = visitor.page
        await (await stage.way(name)).by_browser(visitor)
        assert [*await audits.sideways(page), *await audits.cut(page)] == []
        await page.set_viewport_size({"width": 1280, "height": 900})
        await _enlarge(page)
        assert [*await audits.sideways(page), *await audits.cut(page)] == []


async def _enlarge(page: Page) -> None:
    """As a browser whose usual size of text was doubled."""
    await page.evaluate("document.documentElement.style.fontSize = '200%'")


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name == "choose" else pytest.mark.slow) for name in PAGES],
)
async def test_a_page_bears_wider_spacing_in_a_low_window(
    visit: Visit, stage: Stage, name: str
) -> None:
    """As somebody sets it who reads so more easily (WCAG 1.4.12), on a screen enlarged fourfold
    (1.4.10), where what stays at the window's end must leave room for the page."""
    async with visit(Look(width=320, height=256)) as visitor:
        page = visitor.page
        await (await stage.way(name)).by_browser(visitor)
        await page.evaluate(_SPACED)
        assert [*await audits.sideways(page), *await audits.cut(page)] == []
        assert await page.evaluate(_ALWAYS_THERE) == []


@pytest.mark.parametrize(
    "name",
    ["review", *(pytest.param(name, marks=pytest.mark.slow) for name in ("paid", "receipt"))],
)
async def test_a_page_on_paper_has_what_matters_alone(
    visit: Visit, stage: Stage, name: str
) -> None:
    async with visit(Look()) as visitor:
        page = visitor.page
        await (await stage.way(name)).by_browser(visitor)
        shown = await page.locator("main .amount, main .amounts, main dl").all_inner_texts()
        await page.emulate_media(media="print")
        assert shown
        assert await page.locator("main .amount, main .amounts, main dl").all_inner_texts() == shown
        for gone in ("nav", "button", ".skip"):
            assert await page.locator(gone).filter(visible=True).count() == 0


@pytest.mark.parametrize("name", ["choose", pytest.param("working", marks=pytest.mark.slow)])
async def test_nothing_moves_for_who_wants_less_movement(
    visit: Visit, stage: Stage, name: str
) -> None:
    async with visit(Look()) as visitor:
        page = visitor.page
        await (await stage.way(name)).by_browser(visitor)
        assert await page.evaluate(_LOOSE) == []
        assert await page.evaluate(MOVES) == []
