"""The bare address, and the heads of what can be had."""

import httpx

from api.app import make_app
from tests.api.conftest import Shop, shop  # noqa: F401 - a fixture
from tests.web.conftest import Pages
from web.shared.paths import ROOT

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def test_who_opens_the_bare_address_lands_on_their_pages(pages: Pages) -> None:
    app = make_app(pages.shop.context, pages=pages.portal)
    transport = httpx.ASGITransport(app)
    browser = httpx.AsyncClient(transport=transport, base_url="http://rescind", headers=BROWSER)
    for path in ("/", ROOT):
        shown = await browser.get(path)
        assert (shown.status_code, shown.headers["location"]) == (307, f"{ROOT}/")


async def test_without_pages_it_leads_to_those_of_the_api(
    shop: Shop,  # noqa: F811
) -> None:
    shown = await shop.anonymous(**BROWSER).get("/")
    assert (shown.status_code, shown.headers["location"]) == (307, "/docs")


async def test_a_program_learns_that_nothing_is_there(
    shop: Shop,  # noqa: F811
) -> None:
    told = await shop.anonymous().get("/")
    assert (told.status_code, told.json()["code"]) == (404, "not_found")
    assert "/" not in shop.app.openapi()["paths"]


async def test_a_head_says_what_a_get_would(pages: Pages) -> None:
    order = await pages.shop.order()
    visitor = await pages.customer_of(order)
    for path in (f"{ROOT}/", f"{ROOT}/enter", f"{ROOT}/orders/{order.id}", f"{ROOT}/nothing"):
        shown, head = await visitor.get(path), await visitor.head(path)
        assert head.status_code == shown.status_code
        assert head.headers["content-type"] == shown.headers["content-type"]
        assert head.content == b""


async def test_a_stream_has_no_head(pages: Pages) -> None:
    visitor = pages.visitor()
    nowhere = "00000000-0000-4000-8000-000000000000"
    for path in (f"{ROOT}/cancellations/{nowhere}/live", "/v1/orders/1042/stream"):
        assert (await visitor.head(path)).status_code == 405
