"""Asking for an exception where the rules say no."""

import re
from html import unescape

from sqlalchemy import text

from tests.web.conftest import Pages
from tests.web.portal.test_flow import fields
from web.shared.paths import ROOT


async def test_an_exception_is_asked_for_once_and_waits_for_a_person(pages: Pages) -> None:
    order = await pages.shop.order(stage="packed")
    visitor = await pages.customer_of(order)
    detail = await visitor.get(f"{ROOT}/orders/{order.id}")
    here = f"{ROOT}/orders/{order.id}/exception"
    assert f'href="{here}"' in detail.text
    asking = await visitor.get(here)
    assert "Without an answer by then it counts as declined" in asking.text
    told = fields(asking) | {"note": "It came too late for the birthday"}
    silent = await visitor.post(here, data=fields(asking))
    assert (silent.status_code, "Something is missing" in silent.text) == (422, True)
    done = await visitor.post(here, data=told)
    again = await visitor.post(here, data=told)
    assert done.url == again.url
    assert "Nothing is cancelled yet" in done.text
    assert "It came too late for the birthday" in done.text
    async with pages.shop.context.sessions() as session:
        rows = await session.execute(text("SELECT note, body ->> 'right' FROM requests"))
        assert [tuple(row) for row in rows] == [(told["note"], "goodwill")]


async def test_an_exception_is_asked_for_what_was_chosen(pages: Pages) -> None:
    rules = [{"when": {"line.sku": "plate"}, "refuse": "line_not_cancellable"}, {"keep": "nothing"}]
    await pages.shop.policy("plates", rules=rules)
    order = await pages.shop.order("plates")
    visitor = await pages.customer_of(order)
    choice = {"chosen": "1", "line": "2"}
    chosen = await visitor.get(f"{ROOT}/orders/{order.id}/cancel", params=choice)
    (link,) = re.findall(r'href="([^"]*/exception[^"]*)"', chosen.text)
    asking = await visitor.get(unescape(link))
    assert fields(asking)["line"] == ["2"]


async def test_a_quantity_that_cannot_be_is_no_request(pages: Pages) -> None:
    order = await pages.shop.order(stage="packed")
    visitor = await pages.customer_of(order)
    here = f"{ROOT}/orders/{order.id}/exception"
    form = fields(await visitor.get(here)) | {"quantity.1": ["9"], "note": ["Please"]}
    sent = await visitor.post(here, data=form)
    assert (sent.status_code, '<a href="#quantity-1">' in sent.text) == (422, True)
    assert (fields(sent)["quantity.1"], ">Please</textarea>" in sent.text) == (["9"], True)


async def test_what_the_rules_allow_needs_no_exception(pages: Pages) -> None:
    order = await pages.shop.order()
    visitor = await pages.customer_of(order)
    seen = await visitor.get(f"{ROOT}/orders/{order.id}/exception")
    assert seen.url.path == f"{ROOT}/orders/{order.id}"
    assert "exception" not in seen.text
