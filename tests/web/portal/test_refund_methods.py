"""How the money comes back, where the policy leaves it to the customer."""

import asyncio
import re

import httpx
from sqlalchemy import text

from tests.web.conftest import Pages
from tests.web.portal.steps import chosen, confirmed, page_of

CREDIT = {"when": {"method": "store_credit"}, "form": "store_credit", "timing": "immediate"}
SLOW = {"timing": "business_days_5_7"}


async def test_the_way_it_was_paid_comes_first_and_credit_only_by_choice(pages: Pages) -> None:
    await pages.shop.policy("credit", forms=[CREDIT, SLOW])
    order = await pages.shop.order("credit")
    visitor = await pages.customer_of(order)
    page = await visitor.get(f"{page_of(order)}/cancel")
    assert "How do you want your money back?" in page.text
    assert _ways(page) == [("", True), ("store_credit", False)]
    looked = await chosen(visitor, order, method="store_credit")
    assert "Store credit" in looked.text
    assert "At once" in looked.text
    await confirmed(visitor, order, looked)
    assert await _refund(pages) == ("store_credit", 5_400)


async def test_what_the_policy_gives_by_itself_is_never_preselected_credit(pages: Pages) -> None:
    form = {"unless": {"method": "original"}, "form": "store_credit"}
    await pages.shop.policy("credit-first", forms=[form])
    order = await pages.shop.order("credit-first")
    visitor = await pages.customer_of(order)
    page = await visitor.get(f"{page_of(order)}/cancel")
    assert _ways(page) == [("original", True), ("", False)]
    await confirmed(visitor, order, await chosen(visitor, order))
    assert await _refund(pages) == ("original", 5_400)


async def test_where_there_is_no_choice_none_is_shown(pages: Pages) -> None:
    order = await pages.shop.order()
    visitor = await pages.customer_of(order)
    page = await visitor.get(f"{page_of(order)}/cancel")
    assert "How do you want your money back?" not in page.text
    assert _ways(page) == []


async def test_amounts_and_the_total_follow_the_way_that_is_chosen(pages: Pages) -> None:
    rules = [{"when": {"method": "store_credit"}, "keep": "nothing"}, {"keep": "10%"}]
    await pages.shop.policy("bonus", rules=rules, forms=[CREDIT])
    order = await pages.shop.order("bonus")
    visitor = await pages.customer_of(order)
    here = f"{page_of(order)}/cancel"
    page = await visitor.get(here)
    assert re.findall(r'<span class="amount"[^>]*><bdi>([^<]*)', _fieldset(page)) == [
        "€48.60",
        "€54.00",
    ]
    choice = {"chosen": "1", "line": ["1", "2"], "method": "store_credit"}
    part = await visitor.get(here, params=choice, headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert _ways(part) == [("", False), ("store_credit", True)]
    (total,) = re.findall(r'id="dock-total" hx-swap-oob="true">(.*?)</p>', part.text, re.DOTALL)
    assert "€54.00" in total
    assert "Fee" not in total


def _fieldset(page: httpx.Response) -> str:
    return page.text.partition('<div id="ways"')[2].partition("</fieldset>")[0]


def _ways(page: httpx.Response) -> list[tuple[str, bool]]:
    """The value of each way that is offered, and whether it is chosen."""
    tags = re.findall(r'<input type="radio"[^>]* name="method"[^>]*>', page.text)
    return [(re.findall(r'value="([^"]*)"', tag)[0], " checked" in tag) for tag in tags]


async def _refund(pages: Pages) -> tuple[str, int]:
    """As what the only refund goes back, and how much."""
    async with asyncio.timeout(20):
        while True:
            async with pages.shop.context.sessions() as session:
                rows = await session.execute(text("SELECT form, amount_minor FROM refunds"))
                if found := rows.one_or_none():
                    return found.form, found.amount_minor
            await asyncio.sleep(0.1)
