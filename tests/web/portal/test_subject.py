"""The page of one order or appointment."""

import re
from datetime import timedelta

from tests.web.conftest import Pages
from tests.web.portal.asking import fields, until
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


async def test_a_withdrawal_is_called_one_wherever_it_is_told(pages: Pages) -> None:
    await pages.shop.policy("law", rules=[FREE])
    await pages.shop.policy("lawful", laws=["law"])
    order = await pages.shop.order("lawful", stage="delivered")
    visitor = await pages.customer_of(order, **{"Accept-Language": "de"})
    stated = await visitor.get(f"{page_of(order)}/withdraw")
    looked = await visitor.post(f"{page_of(order)}/withdraw", data=fields(stated))
    await visitor.post(f"{page_of(order)}/withdraw/confirm", data=fields(looked))
    history = await until(visitor, f"{ROOT}/history", ">Widerrufen</span>")
    here = re.findall(rf'href="({ROOT}/cancellations/[^"]+)"', history.text)[0]
    for path in (here, f"{here}/receipt"):
        page = await visitor.get(path)
        main = page.text.partition("<main")[2].partition("</main>")[0]
        assert "Widerruf" in main
        assert "torn" not in main.replace("Stornogebühr", ""), path


async def test_a_number_is_kept_in_one_piece_while_it_is_short(pages: Pages) -> None:
    order = await pages.shop.order()
    visitor = await pages.customer_of(order)
    title = f'<h1>Order <bdi class="number">{order.id}</bdi>'
    assert title in (await visitor.get(page_of(order))).text
