"""Every page as it leaves the server, read strictly; no browser is needed."""

import pytest

from tests.web.browser import markup
from tests.web.browser.pages import PAGES, Stage

LANGUAGES = {"en": "ltr", "ar": "rtl"}


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_is_written_as_it_should_be(stage: Stage, name: str) -> None:
    way = await stage.way(name)
    for language, direction in LANGUAGES.items():
        answer = await way.by_http(stage.product, language)
        page = markup.parse(answer.text)
        assert list(markup.faults(page, language, direction)) == []
