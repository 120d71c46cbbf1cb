"""Ways in which a visit can't go on, each with a page of its own and a way on."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import httpx
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from starlette.routing import Mount

from storage.database import make_engine, make_sessions
from tests.api.conftest import nowhere
from tests.web.conftest import Pages
from tests.web.portal.asking import cancelled, fields
from use_cases.runs import Runs
from web.portal.portal import Portal
from web.portal.visit import SESSION
from web.shared.paths import ROOT


async def test_what_is_not_theirs_is_told_like_what_is_not_there(pages: Pages) -> None:
    order = await pages.shop.order()
    eve = await pages.shop.order(customer={"ref": "c2", "email": "eve@example.com"})
    visitor = await pages.customer_of(order)
    others = await visitor.get(f"{ROOT}/orders/{eve.id}")
    missing = await visitor.get(f"{ROOT}/orders/none")
    assert (others.status_code, missing.status_code) == (404, 404)
    assert _main(others).replace(eve.id, "none") == _main(missing)


async def test_a_wrong_address_is_told_kindly(pages: Pages) -> None:
    visitor = await pages.customer_of(await pages.shop.order())
    for path in ("/nothing/of/the/kind", "/cancellations/no-uuid", "/withdrawals/1", "/orders/%00"):
        page = await visitor.get(f"{ROOT}{path}")
        assert page.status_code == 404
        assert "There is nothing here" in page.text
        assert "Sign out" in page.text
        assert "Have a link sent" not in page.text
    assert "Have a link sent" in (await pages.visitor().get(f"{ROOT}/nothing")).text


async def test_a_form_s_address_that_is_opened_does_nothing_and_leads_to_its_page(
    pages: Pages,
) -> None:
    order = await pages.shop.order()
    visitor = await pages.customer_of(order)
    page = await visitor.get(f"{ROOT}/orders/{order.id}/confirm")
    assert page.status_code == 405
    assert f'href="{ROOT}/orders/{order.id}/cancel"' in _main(page)


async def test_without_temporal_nothing_is_cancelled_and_it_says_so(pages: Pages) -> None:
    order = await pages.shop.order()
    visitor = await pages.customer_of(order)
    here = f"{ROOT}/orders/{order.id}"
    looked = await visitor.post(f"{here}/cancel", data=fields(await visitor.get(f"{here}/cancel")))
    kept = _portal(pages)
    _set(pages, replace(kept, context=replace(kept.context, runs=Runs(nowhere, "none"))))
    page = await visitor.post(f"{here}/confirm", data=fields(looked))
    assert (page.status_code, page.headers["retry-after"]) == (503, "60")
    assert "Nothing was cancelled, and nothing will be" in page.text
    _set(pages, kept)
    assert "Cancelled" not in _main(await visitor.get(here))


async def test_without_the_database_a_form_that_was_sent_is_not_said_to_be_lost(
    pages: Pages,
) -> None:
    visitor, here = await cancelled(pages, await pages.shop.order("asks"))
    form = fields(await visitor.get(here))
    kept = _portal(pages)
    _set(pages, replace(kept, context=replace(kept.context, sessions=nobody())))
    shown, sent = await visitor.get(here), await visitor.post(f"{here}/undo", data=form)
    assert (shown.status_code, sent.status_code) == (503, 503)
    assert "We can&#39;t show this right now" in shown.text
    assert "We can&#39;t tell right now whether that arrived" in sent.text
    assert f'href="{here}"' in _main(sent)
    assert sent.headers["retry-after"] == "30"


async def test_a_session_that_ends_in_the_middle_loses_nothing_that_was_chosen(
    pages: Pages,
) -> None:
    order = await pages.shop.order()
    visitor = await pages.customer_of(order)
    here = f"{ROOT}/orders/{order.id}"
    choice = fields(await visitor.get(f"{here}/cancel"))
    choice |= {"line": ["1"], "quantity.1": ["1"], "reason": ["changed_mind"], "note": ["Secret."]}
    review = fields(await visitor.post(f"{here}/cancel", data=choice))
    visitor.cookies.delete(pages.portal.cookie(SESSION))
    asked = await visitor.post(f"{here}/cancel", data=choice)
    path, told = _then(asked)
    assert path == f"/orders/{order.id}/cancel"
    assert (told["line"], told["quantity.1"]) == (["1"], ["1"])
    assert (told["reason"], "note" in told) == (["changed_mind"], False)
    asked = await visitor.post(f"{here}/confirm", data=review)
    assert _then(asked) == (f"/orders/{order.id}/review", {"quote": review["quote"]})
    then = {"then": fields(asked)["then"][0]}
    again = await visitor.get(await pages.link(order), params=then)
    assert (fields(again)["quote"], "Secret." in again.text) == (review["quote"], True)


def _then(asked: httpx.Response) -> tuple[str, dict[str, list[str]]]:
    """Where the ways in will lead to, with what is told there."""
    assert asked.status_code == 401
    path, _, query = fields(asked)["then"][0].partition("?")
    return path, parse_qs(query)


def nobody() -> async_sessionmaker[AsyncSession]:
    """Sessions of a database that isn't there."""
    return make_sessions(make_engine("postgresql://rescind@127.0.0.1:1/none"))


def _main(page: httpx.Response) -> str:
    return page.text.partition("<main")[2]


def _portal(pages: Pages) -> Portal:
    portal: Portal = _mounted(pages).state.portal
    return portal


def _set(pages: Pages, portal: Portal) -> None:
    _mounted(pages).state.portal = portal


def _mounted(pages: Pages) -> Any:
    mounts = (route for route in pages.shop.app.routes if isinstance(route, Mount))
    (mount,) = [mount for mount in mounts if mount.path == ROOT]
    return mount.app
