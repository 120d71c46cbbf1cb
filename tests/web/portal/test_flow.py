"""From an order to a cancellation, as a browser without a script goes."""

import asyncio
import re
from html import unescape

import httpx

from tests.web.conftest import Pages
from web.shared.paths import ROOT


async def test_an_order_is_cancelled_in_three_pages(pages: Pages) -> None:
    order = await pages.shop.order()
    visitor = await pages.customer_of(order)
    shown = await visitor.get(f"{ROOT}/orders/{order.id}")
    assert "It costs nothing" in shown.text
    choosing = await visitor.get(f"{ROOT}/orders/{order.id}/cancel")
    looked = await visitor.post(f"{ROOT}/orders/{order.id}/cancel", data=fields(choosing))
    assert "Cancel 3 items" in looked.text
    done = await visitor.post(f"{ROOT}/orders/{order.id}/confirm", data=fields(looked))
    assert done.url.path.startswith(f"{ROOT}/cancellations/"), done.text


async def test_a_discount_that_a_part_loses_is_told_before_and_after(pages: Pages) -> None:
    lines = [
        {"id": "1", "sku": "mug", "unit_price_minor": 3_000, "discount_minor": 300},
        {"id": "2", "sku": "plate", "unit_price_minor": 2_000, "discount_minor": 200},
    ]
    promotion = {
        "id": "ten",
        "kind": "threshold_discount",
        "threshold_minor": 5_000,
        "lines": [{"id": "1", "discount_minor": 300}, {"id": "2", "discount_minor": 200}],
    }
    tenders = [{"id": "g", "method": "gift_card", "captured_minor": 4_500}]
    order = await pages.shop.order(lines=lines, promotions=[promotion], tenders=tenders)
    visitor = await pages.customer_of(order)
    here = f"{ROOT}/orders/{order.id}"
    part = fields(await visitor.get(f"{here}/cancel")) | {"line": ["2"]}
    looked = await visitor.post(f"{here}/cancel", data=part)
    assert "Discount no longer earned" in looked.text
    done = await visitor.post(f"{here}/confirm", data=fields(looked))
    assert "Discounts, shipping and earlier parts" in done.text


async def test_the_live_part_tells_that_only_a_part_is_gone(pages: Pages) -> None:
    order = await pages.shop.order()
    visitor = await pages.customer_of(order)
    here = f"{ROOT}/orders/{order.id}"
    part = fields(await visitor.get(f"{here}/cancel")) | {"line": ["2"]}
    looked = await visitor.post(f"{here}/cancel", data=part)
    done = await visitor.post(f"{here}/confirm", data=fields(looked))
    async with asyncio.timeout(20):
        while "The part you chose" not in (await visitor.get(done.url.path)).text:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    told = (await visitor.get(f"{done.url.path}/live")).text
    assert "The part you chose is cancelled." in told
    assert told.rstrip().endswith("retry: 60000")


def fields(page: httpx.Response) -> dict[str, list[str]]:
    """What a form would send as it stands: its hidden fields, and the boxes that are ticked."""
    found: dict[str, list[str]] = {}
    form = page.text.partition("<main")[2]
    for tag in re.findall(r"<input[^>]*>", form):
        told = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        is_choice = told.get("type") in ("checkbox", "radio")
        if "name" in told and (not is_choice or " checked" in tag):
            found.setdefault(told["name"], []).append(unescape(told.get("value", "")))
    return found
