"""Who is turned away for a while: their own page all the same, and a flood costs little."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from tests.api.conftest import shop  # noqa: F401 - a fixture
from tests.web.conftest import Pages
from tests.web.portal.test_abuse import _within_one_span, counter  # noqa: F401 - fixtures
from web.portal import limits
from web.portal.visit import SESSION
from web.shared.paths import ROOT


async def test_who_is_turned_away_keeps_account_language_and_colours(
    counter: Pages,  # noqa: F811
) -> None:
    order = await counter.shop.order()
    visitor = await counter.customer_of(order)
    told = {"language": "de", "scheme": "dark"}
    await visitor.post(f"{ROOT}/preferences", data=told)
    await _shut(counter)
    page = await visitor.get(f"{ROOT}/orders/{order.id}")
    assert page.status_code == 429
    assert '<html lang="de" dir="ltr" data-scheme="dark">' in page.text
    assert f'action="{ROOT}/leave"' in page.text
    assert f'href="{ROOT}/orders/{order.id}"' in page.text
    assert f'action="{ROOT}/leave"' not in (await counter.visitor().get(f"{ROOT}/")).text


async def test_a_form_that_was_sent_too_often_leads_back_to_its_page(
    counter: Pages,  # noqa: F811
) -> None:
    order = await counter.shop.order()
    visitor = await counter.customer_of(order)
    here = f"{ROOT}/orders/{order.id}/exception"
    for _ in range(limits.EXCEPTIONS.most):
        await visitor.post(here)
    page = await visitor.post(here)
    assert (page.status_code, f'action="{ROOT}/leave"' in page.text) == (429, True)
    assert f'href="{here}"' in page.text


async def test_a_flood_asks_the_database_for_who_it_is_a_few_times_only(
    counter: Pages,  # noqa: F811
) -> None:
    await _shut(counter)
    visitor = counter.visitor(cookie=f"{SESSION}=made-up")
    with _statements(counter) as asked:
        for _ in range(2 * limits.LOOKS.most):
            assert (await visitor.get(f"{ROOT}/")).status_code == 429
    assert len(asked) == limits.LOOKS.most


async def _shut(pages: Pages) -> None:
    """As after too many misses from the place that tests come from."""
    while not await limits.counted(pages.portal, limits.MISSES, "127.0.0.1"):
        pass


@contextmanager
def _statements(pages: Pages) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    asked: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        asked.append(statement)

    engine = pages.shop.context.sessions.kw["bind"].sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)
