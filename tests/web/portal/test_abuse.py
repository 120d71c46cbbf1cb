"""What people try who want what isn't theirs: refused, slowed down, and logged without names."""

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import func, select, update
from starlette.applications import Starlette
from starlette.requests import Request

from notifications.smtp import Mailer
from storage.cancellations import CancellationRow
from storage.feed import Feed
from storage.portal import PortalSessionRow, PortalTryRow
from tests.api.conftest import Shop, shop  # noqa: F401 - a fixture
from tests.mail import MailServer
from tests.web.conftest import Pages
from tests.web.portal.test_flow import fields
from use_cases.customers import Customer
from use_cases.streams import Streams
from web.portal import limits
from web.portal.app import ROUTERS, make_portal
from web.portal.limits import FORMS
from web.portal.portal import Portal
from web.portal.visit import SESSION
from web.shared.paths import ROOT
from web.shared.signing import Signing
from web.shared.theme import Theme

ADA = Customer(ref="c1", email="ada@example.com")
EVE = {"ref": "c2", "name": "Eve", "email": "eve@example.com"}
SECONDS = 20


@pytest.fixture(autouse=True)
async def _within_one_span() -> None:
    """Counts begin anew each quarter of an hour; a test that begins just before waits for that."""
    span = limits.SPAN.total_seconds()
    if (left := span - time.time() % span) < SECONDS:
        await asyncio.sleep(left)


@pytest.fixture
async def counter(shop: Shop, mail_server: MailServer) -> AsyncIterator[Pages]:  # noqa: F811
    """The pages where nothing has to be cancelled, so without Temporal."""
    mailer = Mailer(mail_server.url)
    portal = Portal(
        shop.context,
        Streams(shop.context, Feed(shop.context.sessions)),
        Signing(["secret"]),
        Theme(name="Kornblume"),
        post=mailer.send,
        sender="shop@example.com",
        public_url="http://rescind",
    )
    shop.app.mount(ROOT, make_portal(portal))
    yield Pages(shop, portal, mail_server)
    await mailer.close()


def served(pages: Pages, portal: Portal | None = None, **place: Any) -> httpx.AsyncClient:
    """A browser at some place of the network, at pages that may be set up otherwise."""
    app = Starlette()
    app.mount(ROOT, make_portal(portal or pages.portal))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, **place)
    return httpx.AsyncClient(transport=transport, base_url="https://rescind", follow_redirects=True)


async def test_an_altered_or_foreign_link_opens_nothing(counter: Pages) -> None:
    order = await counter.shop.order()
    link = await counter.link(order)
    foreign = Signing(["another secret"]).link(uuid4())
    nothing = counter.portal.signing.link(uuid4())
    way = counter.portal.signing.way([uuid4().hex])
    spoilt = [f"{link}x", link[:-1], *(f"{ROOT}/open/{each}" for each in (foreign, nothing, way))]
    visitor = counter.visitor()
    for each in (*spoilt, f"{ROOT}/once/{uuid4().hex}"):
        shown = await visitor.get(each)
        assert (shown.status_code, SESSION in visitor.cookies) == (410, False)
        assert "Nothing was cancelled" in shown.text


async def test_a_guessed_number_is_told_like_none_and_then_not_at_all(counter: Pages) -> None:
    mine, other = await counter.shop.order(), await counter.shop.order(customer=EVE)
    visitor = await counter.customer_of(mine)
    paths = [f"orders/{other.id}", "orders/o-1", "appointments/a-1"]
    paths += [f"cancellations/{uuid4()}", f"withdrawals/{uuid4()}", "cancellations/1", "nothing"]
    for n in range(limits.MISSES.most + 1):
        tried = await visitor.get(f"{ROOT}/{paths[n % len(paths)]}")
        assert tried.status_code == 404
    late = await visitor.get(f"{ROOT}/orders/{mine.id}")
    assert late.status_code == 429
    assert 0 < int(late.headers["retry-after"]) <= limits.SPAN.total_seconds()
    assert "That was a lot at once" in late.text
    elsewhere = served(counter, client=("198.51.100.7", 1))
    assert (await elsewhere.get(f"{ROOT}/enter")).status_code == 200


async def test_an_old_secret_of_a_session_is_worth_nothing(counter: Pages) -> None:
    order = await counter.shop.order()
    here = f"{ROOT}/orders/{order.id}"
    visitor = await counter.customer_of(order)
    first = visitor.cookies[SESSION]
    await visitor.get(await counter.link(order))
    second = visitor.cookies[SESSION]
    assert await status_with(counter, first, here) == 401
    assert await status_with(counter, second, here) == 200
    await visitor.post(f"{ROOT}/leave", data={"form_token": await token_of(visitor, here)})
    assert await status_with(counter, second, here) == 401
    await visitor.get(await counter.link(order))
    third, an_hour_ago = visitor.cookies[SESSION], datetime.now(UTC) - timedelta(hours=1)
    async with counter.shop.context.sessions.begin() as session:
        await session.execute(update(PortalSessionRow).values(expires_at=an_hour_ago))
    assert await status_with(counter, third, here) == 401


async def test_a_secret_put_there_beforehand_isnt_taken_over(counter: Pages) -> None:
    order = await counter.shop.order()
    visitor = counter.visitor()
    visitor.cookies.set(SESSION, "chosen by Eve", domain="rescind", path=ROOT)
    await visitor.get(await counter.link(order))
    assert await status_with(counter, "chosen by Eve", f"{ROOT}/orders/{order.id}") == 401


async def test_a_sessions_cookie_is_kept_from_scripts_other_sites_and_open_lines(
    counter: Pages,
) -> None:
    link = await counter.link(await counter.shop.order())
    plain = (await counter.visitor().get(link, follow_redirects=False)).headers["set-cookie"]
    assert plain.startswith(f"{SESSION}=")
    portal = replace(counter.portal, public_url="https://rescind")
    async with served(counter, portal) as visitor:
        kept = (await visitor.get(link, follow_redirects=False)).headers["set-cookie"]
        assert kept.startswith(f"__Secure-{SESSION}=")
        assert {"HttpOnly", f"Path={ROOT}", "SameSite=lax", "Secure"} <= set(kept.split("; "))
        assert "domain" not in kept.lower()
        assert (await visitor.get(f"{ROOT}/")).status_code == 200
        token = await token_of(visitor, f"{ROOT}/")
        await visitor.post(f"{ROOT}/leave", data={"form_token": token})
        assert not visitor.cookies


def posts() -> Iterator[str]:
    """The path of each form, with something in the place of what varies."""
    for route in (route for router in ROUTERS for route in router.routes):
        if isinstance(route, APIRoute) and "POST" in (route.methods or ()):
            path = re.sub(r"\{\w*_id\}", str(uuid4()), route.path)
            yield re.sub(r"\{\w+\}", "x", path.replace("{plural}", "orders"))


async def test_no_form_is_taken_from_another_site_or_session(counter: Pages) -> None:
    lenient = replace(counter.portal, leniency=10)
    link = await counter.link(await counter.shop.order())
    elsewhere = await counter.link(await counter.shop.order(customer=EVE))
    async with served(counter, lenient) as ada, served(counter, lenient) as eve:
        await ada.get(link)
        await eve.get(elsewhere)
        token = await token_of(eve, f"{ROOT}/")
        own = {"/enter", "/preferences", "/withdraw", "/once/x"}
        for path in posts():
            for site in ("cross-site", "same-site"):
                sent = await ada.post(f"{ROOT}{path}", headers={"sec-fetch-site": site})
                assert sent.status_code == 403, path
            for origin in ("https://evil.example", "null", "https://rescind.evil.example"):
                sent = await ada.post(f"{ROOT}{path}", headers={"origin": origin})
                assert sent.status_code == 403, path
            for told in ({}, {"form_token": token}, {"form_token": "é"}) if path not in own else ():
                sent = await ada.post(f"{ROOT}{path}", data=told)
                assert sent.status_code == 403, path
        assert (await ada.get(f"{ROOT}/")).status_code == 200


async def test_a_form_from_the_public_address_is_taken_whatever_the_proxy_calls_us(
    counter: Pages,
) -> None:
    portal = replace(counter.portal, public_url="https://orders.shop.example")
    async with served(counter, portal) as visitor:
        for origin, status in (("https://orders.shop.example", 422), ("https://shop.example", 403)):
            headers = {"origin": origin, "host": "10.0.0.7:8080"}
            sent = await visitor.post(f"{ROOT}/enter", headers=headers)
            assert sent.status_code == status


async def test_a_confirmation_sent_again_does_nothing_again(pages: Pages) -> None:
    mine, other = await pages.shop.order(), await pages.shop.order()
    eves = await pages.shop.order(customer=EVE)
    ada, eve = await pages.customer_of(mine), await pages.customer_of(eves)
    looked = await review(ada, mine.id)
    token = await token_of(eve, f"{ROOT}/orders/{eves.id}")
    stolen = {**looked, "form_token": [token]}
    assert (await eve.post(f"{ROOT}/orders/{eves.id}/confirm", data=stolen)).status_code == 410
    assert (await eve.post(f"{ROOT}/orders/{mine.id}/confirm", data=stolen)).status_code == 404
    assert (await ada.post(f"{ROOT}/orders/{other.id}/confirm", data=looked)).status_code == 410
    made_up = {**looked, "quote": [str(uuid4())]}
    assert (await ada.post(f"{ROOT}/orders/{mine.id}/confirm", data=made_up)).status_code == 410
    here = f"{ROOT}/orders/{mine.id}/confirm"
    first, second = await asyncio.gather(*(ada.post(here, data=looked) for _ in range(2)))
    third = await ada.post(here, data=looked)
    assert first.url.path.startswith(f"{ROOT}/cancellations/")
    assert first.url == second.url == third.url
    async with pages.shop.context.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(CancellationRow)) == 1


async def test_each_limit_holds(counter: Pages) -> None:
    order = await counter.shop.order()
    visitor, used_up = await counter.customer_of(order), set[limits.Limit]()
    for (method, route), limit in {**limits.ON_ROUTES, ("POST", "/preferences"): FORMS}.items():
        path = route.replace("{plural}", "orders").replace("{ref}", order.id)
        there = f"{ROOT}{path.replace('{token}', 'x')}"
        if limit not in used_up:
            assert (await visitor.request(method, there)).status_code != 429, route
            await use_up(counter, limit)
            used_up.add(limit)
        refused = await visitor.request(method, there)
        assert (refused.status_code, "retry-after" in refused.headers) == (429, True), route
    assert (await visitor.get(f"{ROOT}/orders/{order.id}")).status_code == 200


async def test_one_number_is_not_tried_often_from_wherever(counter: Pages) -> None:
    statuses: dict[str, list[int]] = {"/enter": [], "/withdraw/confirm": []}
    for n in range(limits.LINKS_FOR_ONE.most + 1):
        async with served(counter, client=(f"198.51.100.{n}", 1)) as visitor:
            told = {"number": "1042", "name": "Eve", "email": f"eve{n}@example.com"}
            statuses["/enter"].append((await visitor.post(f"{ROOT}/enter", data=told)).status_code)
            looked = await visitor.post(f"{ROOT}/withdraw", data=told)
            sent = await visitor.post(f"{ROOT}/withdraw/confirm", data=fields(looked))
            statuses["/withdraw/confirm"].append(sent.status_code)
    for tried in statuses.values():
        assert tried == [200] * 5 + [429]


async def test_processes_share_what_was_tried(counter: Pages) -> None:
    told = {"number": "", "email": ""}
    async with served(counter) as one, served(counter, replace(counter.portal)) as other:
        tried = [await one.post(f"{ROOT}/enter", data=told) for _ in range(limits.LINKS.most)]
        assert {each.status_code for each in tried} == {422}
        assert (await other.post(f"{ROOT}/enter", data=told)).status_code == 429


def test_an_ipv6_neighbour_counts_as_the_same() -> None:
    places = ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1", "::ffff:192.0.2.1")
    seen = [limits.network_of(Request({"type": "http", "client": (at, 1)})) for at in places]
    assert seen == ["2001:db8:1:2::/64", "2001:db8:1:2::/64", "2001:db8:1:3::/64", "192.0.2.1"]


async def test_old_counts_and_sessions_are_forgotten(counter: Pages) -> None:
    order = await counter.shop.order()
    long_ago = datetime.now(UTC) - timedelta(days=3)
    await counter.customer_of(order)
    async with counter.shop.context.sessions.begin() as session:
        session.add(PortalTryRow(bucket="old", since=long_ago, tries=1))
        await session.execute(update(PortalSessionRow).values(expires_at=long_ago))
    await counter.customer_of(order)
    async with counter.shop.context.sessions() as session:
        assert "old" not in (await session.scalars(select(PortalTryRow.bucket))).all()
        [kept] = (await session.scalars(select(PortalSessionRow))).all()
        assert kept.expires_at > datetime.now(UTC)


async def test_the_log_says_what_was_tried_and_not_who_or_which(
    counter: Pages, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    order, other = await counter.shop.order(), await counter.shop.order(customer=EVE)
    visitor = await counter.customer_of(order, **{"user-agent": "Ada's own browser"})
    link = f"{ROOT}/open/{counter.portal.signing.link(uuid4())}"
    told = {"number": other.id, "email": "mallory@example.com", "name": "Mallory"}
    await visitor.get(link)
    await visitor.get(f"{ROOT}/orders/{other.id}")
    await visitor.post(f"{ROOT}/orders/{order.id}/confirm", data={"form_token": "forged"})
    for _ in range(limits.LINKS_FOR_ONE.most + 1):
        await visitor.post(f"{ROOT}/enter", data=told)
    ours = [record for record in caplog.records if record.name.startswith("web.")]
    assert [record.getMessage() for record in ours] == [
        "turned away with 410: GET /open/{token}",
        "turned away with 404: GET /orders/{order_id}",
        "turned away with 403: POST /{plural}/{ref}/confirm",
        "too much for now: links for one number",
    ]
    session = visitor.cookies[SESSION]
    secret = (order.id, other.id, "xample.com", "Mallory", "Ada", "127.0.0.1", link[-20:], session)
    assert not any(each in record.getMessage() for each in secret for record in ours)


async def use_up(pages: Pages, limit: limits.Limit) -> None:
    """Whoever was counted against a limit so far has no more tries left."""
    if not limit.is_shared:
        while not await limits.counted(pages.portal, limit, limits.name_of(ADA)):
            pass
    async with pages.shop.context.sessions.begin() as session:
        counted = update(PortalTryRow).where(PortalTryRow.bucket.startswith(f"{limit.name}:"))
        await session.execute(counted.values(tries=limit.most))


async def status_with(pages: Pages, secret: str, path: str) -> int:
    """What somebody gets who has this secret and nothing else."""
    return (await pages.visitor(cookie=f"{SESSION}={secret}").get(path)).status_code


async def token_of(visitor: httpx.AsyncClient, path: str) -> str:
    return str(re.findall(r'name="form_token" value="(\w+)"', (await visitor.get(path)).text)[0])


async def review(visitor: httpx.AsyncClient, order_id: str) -> dict[str, list[str]]:
    """The form that confirms cancelling all of an order."""
    here = f"{ROOT}/orders/{order_id}/cancel"
    return fields(await visitor.post(here, data=fields(await visitor.get(here))))
