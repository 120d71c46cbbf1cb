"""From a mail's link to the end in Firefox: with its script, and in Arabic without."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.web.browser import firefox
from tests.web.browser.pages import Stage
from tests.web.browser.purchases import a_customer, order, path_of
from use_cases import status
from web.shared.pages import Words
from web.shared.paths import ROOT

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("language", "direction", "script"), [("en", "ltr", True), ("ar", "rtl", False)]
)
async def test_an_order_is_cancelled_in_firefox(
    stage: Stage, tmp_path: Path, language: str, direction: str, script: bool
) -> None:
    binary = firefox.find()
    if binary is None:
        pytest.skip(firefox.REMEDY)
    product = stage.product
    bought = await order(product.business, customer=a_customer() | {"language": language})
    wanted: dict[str, Any] = {"intl.accept_languages": language, "javascript.enabled": script}
    async with firefox.running(binary, tmp_path, wanted) as browser:
        await browser.go(await product.link(bought))
        assert await browser.attribute("html", "dir") == direction
        await browser.click(f'a[href="{ROOT}{path_of(bought)}/cancel"]')
        assert "40" in await browser.read("#summary")
        await browser.click('main form[method="post"] button.primary')
        await browser.click('form[action$="/confirm"] button.primary')
        path = await browser.path()
        assert path.startswith(f"{ROOT}/cancellations/")
        asked = await status.get_cancellation(
            product.business.context, UUID(path.rpartition("/")[2].partition("?")[0])
        )
        await product.business.ended(asked)
        await browser.go(f"{product.origin}{path}")
        said = Words(language, None).say("It is cancelled.").striptags()
        assert said in await browser.read("main")
