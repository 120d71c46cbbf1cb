"""The audits find what is wrong: each fault is put into a sound page, and has to be told."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page

from tests.web.browser import audits
from tests.web.browser.conftest import Visit
from tests.web.browser.test_devices import MOVES
from tests.web.browser.visitor import Look

pytestmark = pytest.mark.slow

Audit = Callable[[Page], Awaitable[list[str]]]


async def movement(page: Page) -> list[str]:
    found: list[str] = await page.evaluate(MOVES)
    return found


@pytest.mark.parametrize(
    ("audit", "sound", "style"),
    [
        (audits.accessibility, "main p", "color: rgb(200, 200, 200)"),
        (audits.accessibility, "main label", "display: none"),
        (audits.small_targets, "main button", "all: unset; font-size: 8px"),
        (audits.sideways, "main h1", "width: 400px"),
        (audits.cut, "main form", "overflow: hidden; height: 50px"),
        (movement, "main h1", "transition: color 1s; color: red"),
    ],
)
async def test_a_fault_is_found(visit: Visit, audit: Audit, sound: str, style: str) -> None:
    async with visit(Look(width=320)) as visitor:
        await visitor.go("/enter")
        assert await audit(visitor.page) == []
        part = visitor.page.locator(sound).first
        await part.evaluate("(part, style) => part.style.cssText = style", style)
        assert await audit(visitor.page) != []


async def test_what_the_browser_complains_of_fails_a_visit(visit: Visit) -> None:
    with pytest.raises(AssertionError, match="Content Security Policy"):
        await _ask_elsewhere(visit)


async def _ask_elsewhere(visit: Visit) -> None:
    async with visit(Look()) as visitor:
        await visitor.go("/enter")
        await visitor.page.evaluate("fetch('http://127.0.0.2/').catch(() => 0)")
