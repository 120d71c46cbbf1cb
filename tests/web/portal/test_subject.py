"""The page of one order or appointment."""

from datetime import timedelta

from tests.web.conftest import Pages
from tests.web.portal.steps import page_of
from web.shared.paths import ROOT

OVER = {"when": {"since.placed": {"over": "14d"}}, "refuse": "window_over"}
FREE = {"when": {"stage": ["open", "in_progress", "finished"]}, "keep": "nothing"}
ENDED = "The time to withdraw from this contract without giving a reason is over: it ended on"


async def test_when_the_law_s_time_is_over_the_page_says_since_when(pages: Pages) -> None:
    await pages.shop.policy("law", rules=[OVER, FREE])
    await pages.shop.policy("lawful", laws=["law"])
    placed = pages.shop.context.clock() - timedelta(days=20)
    late, soon = [
        await pages.shop.order("lawful", stage="delivered", placed_at=(placed + by).isoformat())
        for by in (timedelta(), timedelta(days=19))
    ]
    lawless = await pages.shop.order(stage="delivered", placed_at=placed.isoformat())
    visitor = await pages.customer_of(late)
    page = (await visitor.get(page_of(late))).text
    assert ENDED in page
    assert "The order is already completed." in page
    assert "Nothing is left" not in page
    assert f'href="{ROOT}/orders/{late.id}/withdraw"' not in page
    for other in (soon, lawless):
        assert ENDED not in (await visitor.get(page_of(other))).text
