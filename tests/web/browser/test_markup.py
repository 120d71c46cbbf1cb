"""Every page as it leaves the server, read strictly; no browser is needed."""

import pytest

from tests.web.browser import markup
from tests.web.browser.pages import PAGES, Stage

LANGUAGES = [("en", "ltr"), pytest.param("ar", "rtl", marks=pytest.mark.slow)]


@pytest.mark.parametrize(("language", "direction"), LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
async def test_a_page_is_written_as_it_should_be(
    stage: Stage, name: str, language: str, direction: str
) -> None:
    answer = await (await stage.way(name)).by_http(stage.product, language)
    assert list(markup.faults(markup.parse(answer.text), language, direction)) == []
