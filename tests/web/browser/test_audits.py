"""Every page in light and dark, wide and narrow, in English and Arabic: nothing to complain of."""

from itertools import product as each_of

import pytest

from tests.web.browser import audits
from tests.web.browser.conftest import Visit
from tests.web.browser.pages import PAGES, Stage
from tests.web.browser.visitor import SCHEMES, Look, Visitor

WIDTHS = (320, 1280)
KEY = ("home", "choose", "waiting")


@pytest.mark.parametrize("name", KEY)
async def test_a_key_page_is_open_to_everybody(visit: Visit, stage: Stage, name: str) -> None:
    async with visit(Look(language="ar", width=320)) as visitor:
        await (await stage.way(name)).by_browser(visitor)
        assert await audits.all_of(visitor.page) == []


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("name", PAGES)
async def test_a_page_is_open_to_everybody(
    visit: Visit, stage: Stage, name: str, language: str
) -> None:
    async with visit(Look(language=language)) as visitor:
        await (await stage.way(name)).by_browser(visitor)
        assert await _complaints(visitor) == []


async def _complaints(visitor: Visitor) -> list[str]:
    """The page is loaded once: scheme and width change while it is shown, as they may."""
    found = []
    for scheme, width in each_of(SCHEMES, WIDTHS):
        await visitor.page.emulate_media(color_scheme=scheme)
        await visitor.page.set_viewport_size({"width": width, "height": 900})
        complaints = await audits.all_of(visitor.page)
        found += [f"{scheme}, {width} px: {each}" for each in complaints]
    return found
