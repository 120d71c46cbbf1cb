"""What a customer says about a refund that waits for them."""

import asyncio
import re

import httpx

from domain.subjects import SubjectRef
from tests.web.conftest import Pages
from tests.web.portal.test_flow import fields
from web.shared.paths import ROOT


async def test_money_that_waits_to_be_asked_for_is_asked_for_once(pages: Pages) -> None:
    await pages.shop.policy("on-request", refund="on_request")
    order = await pages.shop.order("on-request")
    visitor, here = await _cancelled(pages, order)
    page = await _until(visitor, here, "It waits until you ask for it.")
    asked = {"form_token": _token(page)}
    assert (await visitor.post(f"{here}/refunds/ask", data=asked)).url.path == here
    await _until(visitor, here, "Sent back.")
    assert (await visitor.post(f"{here}/refunds/ask", data=asked)).status_code == 200


async def test_somebody_elses_refund_is_not_theirs_to_choose_for(pages: Pages) -> None:
    order = await pages.shop.order()
    other = await pages.shop.order(customer={"ref": "c2", "email": "eve@example.com"})
    visitor, here = await _cancelled(pages, order)
    eve, theirs = await _cancelled(pages, other)
    refund = re.findall(r"[0-9a-f-]{36}", here)[0]
    token = {"form_token": _token(await eve.get(theirs))}
    assert (await eve.post(f"{here}/refunds/ask", data=token)).status_code == 404
    assert (await eve.post(f"{theirs}/refunds/{refund}/credit", data=token)).status_code == 404
    assert (await visitor.post(f"{here}/refunds/ask", data={})).status_code == 403


async def _cancelled(pages: Pages, order: SubjectRef) -> tuple[httpx.AsyncClient, str]:
    """A customer who has cancelled all of an order, and the page that tells of it."""
    visitor = await pages.customer_of(order)
    path = f"{ROOT}/orders/{order.id}"
    chosen = fields(await visitor.get(f"{path}/cancel"))
    looked = await visitor.post(f"{path}/cancel", data=chosen)
    done = await visitor.post(f"{path}/confirm", data=fields(looked))
    return visitor, done.url.path


async def _until(visitor: httpx.AsyncClient, here: str, said: str) -> httpx.Response:
    async with asyncio.timeout(20):
        while said not in (page := await visitor.get(here)).text:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    return page


def _token(page: httpx.Response) -> str:
    return str(re.findall(r'name="form_token" value="(\w+)"', page.text)[0])
