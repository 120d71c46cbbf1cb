"""No page is forgotten: each address of the portal is looked at, or it is said why not."""

import pytest

from tests.web.browser import routes
from tests.web.browser.pages import PAGES, Stage


def test_every_address_has_its_page_or_a_reason() -> None:
    assert routes.SHOWN.keys().isdisjoint(routes.NO_PAGES)
    assert routes.read() == routes.SHOWN.keys() | routes.NO_PAGES.keys()
    assert set(routes.SHOWN.values()) <= PAGES.keys()


@pytest.mark.slow
@pytest.mark.parametrize(("route", "name"), routes.SHOWN.items())
async def test_a_page_is_at_the_address_it_stands_for(stage: Stage, route: str, name: str) -> None:
    answer = await (await stage.way(name)).by_http(stage.product)
    assert routes.is_at(route, answer.url.path)
