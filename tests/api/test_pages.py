"""The page that lets people try the API."""

from tests.api.conftest import Shop


async def test_the_api_page_needs_nothing_from_elsewhere(shop: Shop) -> None:
    client = shop.anonymous()
    page = await client.get("/docs")
    assert page.status_code == 200
    assert "https://" not in page.text
    for part in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"):
        assert f"/docs/static/{part}" in page.text
        assert (await client.get(f"/docs/static/{part}")).status_code == 200
