"""Signing in with an account at the merchant's identity provider, which is real and on loopback."""

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette

from providers.openid.provider import OpenIdProvider
from runtime import process
from runtime.ports import LOOPBACK, any_free
from storage.feed import Feed
from tests.api.conftest import Shop, shop  # noqa: F401 - a fixture
from tests.openid import CLIENT, SECRET, Issuer
from use_cases.streams import Streams
from web.portal.app import make_portal
from web.portal.identity import Identity
from web.portal.portal import Portal
from web.portal.visit import SESSION
from web.shared.paths import ROOT
from web.shared.signing import Signing
from web.shared.theme import Theme

ADA = {"sub": "a7", "number": "c1", "email": "Ada@Example.com", "email_verified": True}


@dataclass
class Accounts:
    """A shop whose customers have accounts at an issuer."""

    shop: Shop
    issuer: Issuer
    portal: Portal

    def visitor(self, portal: Portal | None = None) -> httpx.AsyncClient:
        """A browser without a script, that reaches our pages and the issuer's."""
        app = Starlette()
        app.mount(ROOT, make_portal(portal or self.portal))
        ours = httpx.ASGITransport(app, raise_app_exceptions=False)
        return httpx.AsyncClient(
            mounts={"all://rescind": ours}, base_url="http://rescind", follow_redirects=True
        )

    def known_by(self, claim: str) -> Portal:
        assert self.portal.identity
        identity = replace(self.portal.identity, customer_claim=claim)
        return replace(self.portal, identity=identity)


@pytest.fixture
async def accounts(shop: Shop) -> AsyncIterator[Accounts]:  # noqa: F811
    async def post(_: object) -> None:
        raise AssertionError("nobody is mailed")

    async with Issuer.running() as issuer, httpx.AsyncClient(timeout=5) as client:
        wanted = ("sub", "email", "email_verified")
        provider = OpenIdProvider(client, issuer.address, CLIENT, SECRET, wanted)
        portal = Portal(
            shop.context,
            Streams(shop.context, Feed(shop.context.sessions)),
            Signing(["secret"]),
            Theme(name="Kornblume"),
            post=post,
            sender="shop@example.com",
            public_url="http://rescind",
            identity=Identity(provider),
        )
        yield Accounts(shop, issuer, portal)


async def test_who_signs_in_with_their_account_reaches_their_orders(accounts: Accounts) -> None:
    mine = await accounts.shop.order()
    other = await accounts.shop.order(customer={"ref": "c2", "email": "eve@example.com"})
    async with accounts.visitor() as visitor:
        entering = await visitor.get(f"{ROOT}/enter")
        assert "Sign in with your Kornblume account" in entering.text
        home = await visitor.get(f"{ROOT}/sign-in")
        assert (home.status_code, home.url.path) == (200, f"{ROOT}/")
        assert mine.id in home.text
        assert other.id not in home.text
        assert (await visitor.get(f"{ROOT}/orders/{other.id}")).status_code == 404


async def test_a_link_to_an_order_leads_through_the_account_straight_to_it(
    accounts: Accounts,
) -> None:
    order = await accounts.shop.order()
    async with accounts.visitor() as visitor:
        asked = await visitor.get(f"{ROOT}/orders/{order.id}?from=shop")
        assert asked.status_code == 401
        assert f'value="{order.id}"' in asked.text
        [link] = [part for part in asked.text.split('"') if part.startswith(f"{ROOT}/sign-in?")]
        opened = await visitor.get(link)
        assert (opened.status_code, opened.url.path) == (200, f"{ROOT}/orders/{order.id}")


async def test_signing_in_leads_to_no_other_site(accounts: Accounts) -> None:
    for then in ("//evil.example/", "https://evil.example/", "/\\evil.example", "/\n/evil.example"):
        async with accounts.visitor() as visitor:
            opened = await visitor.get(f"{ROOT}/sign-in", params={"then": then})
        assert (opened.url.host, opened.url.path) == ("rescind", f"{ROOT}/")


async def test_an_address_reaches_orders_only_if_it_was_verified(accounts: Accounts) -> None:
    order = await accounts.shop.order(customer={"email": "ada@example.com"})
    for told, status in [(True, 200), ("true", 200), (False, 404), ("no", 404), (None, 404)]:
        accounts.issuer.person = {**ADA, "sub": "stranger", "email_verified": told}
        async with accounts.visitor() as visitor:
            await visitor.get(f"{ROOT}/sign-in")
            assert (await visitor.get(f"{ROOT}/orders/{order.id}")).status_code == status, told


async def test_another_claim_may_be_the_merchants_id(accounts: Accounts) -> None:
    order = await accounts.shop.order(customer={"ref": "c1"})
    accounts.issuer.person = {"sub": "a7", "number": "c1"}
    async with accounts.visitor(accounts.known_by("number")) as visitor:
        await visitor.get(f"{ROOT}/sign-in")
        assert (await visitor.get(f"{ROOT}/orders/{order.id}")).status_code == 200


async def test_who_is_known_by_nothing_is_not_let_in(accounts: Accounts) -> None:
    accounts.issuer.person = {**ADA, "email_verified": False}
    async with accounts.visitor(accounts.known_by("missing")) as visitor:
        assert (await visitor.get(f"{ROOT}/sign-in")).status_code == 403
        assert SESSION not in visitor.cookies


async def test_what_the_token_lacks_is_asked_for(accounts: Accounts) -> None:
    order = await accounts.shop.order(customer={"email": "ada@example.com"})
    accounts.issuer.person = {"sub": "stranger"}
    accounts.issuer.told = {"email": "ada@example.com", "email_verified": True}
    async with accounts.visitor() as visitor:
        await visitor.get(f"{ROOT}/sign-in")
        assert (await visitor.get(f"{ROOT}/orders/{order.id}")).status_code == 200
    accounts.issuer.told |= {"sub": "somebody else"}
    async with accounts.visitor() as visitor:
        assert (await visitor.get(f"{ROOT}/sign-in")).status_code == 403


async def test_a_new_key_of_the_issuer_is_looked_for(accounts: Accounts) -> None:
    async with accounts.visitor() as visitor:
        assert (await visitor.get(f"{ROOT}/sign-in")).status_code == 200
        accounts.issuer.rotate()
        assert (await visitor.get(f"{ROOT}/sign-in")).status_code == 200
    assert accounts.issuer.keys_read == 2


def spoilt_ones() -> Mapping[str, Mapping[str, Any]]:
    now = time.time()
    return {
        "nonce": {"nonce": "of another try"},
        "audience": {"aud": "another shop"},
        "issuer": {"iss": "https://evil.example"},
        "expired": {"iat": now - 900, "exp": now - 300},
        "not_yet": {"iat": now + 600},
        "incomplete": {"iat": None},
    }


async def test_a_token_that_says_something_else_is_refused(
    accounts: Accounts, caplog: pytest.LogCaptureFixture
) -> None:
    for cause, spoilt in spoilt_ones().items():
        accounts.issuer.spoilt = dict(spoilt)
        await refused(accounts, cause, caplog)


async def test_a_token_for_several_names_us_as_who_asked(
    accounts: Accounts, caplog: pytest.LogCaptureFixture
) -> None:
    accounts.issuer.spoilt = {"aud": [CLIENT, "another shop"], "azp": CLIENT}
    async with accounts.visitor() as visitor:
        assert (await visitor.get(f"{ROOT}/sign-in")).status_code == 200
    accounts.issuer.spoilt |= {"azp": "another shop"}
    await refused(accounts, "audience", caplog)


def unsigned(issuer: Issuer, claims: Mapping[str, Any]) -> str:
    return jwt.encode(dict(claims), "", "none", {"kid": issuer.kid})


def signed_with_the_public_key(issuer: Issuer, claims: Mapping[str, Any]) -> str:
    form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    secret = issuer.key.public_key().public_bytes(*form)
    head = {"alg": "HS256", "typ": "JWT", "kid": issuer.kid}
    body = ".".join(encoded(json.dumps(part).encode()) for part in (head, dict(claims)))
    return f"{body}.{encoded(hmac.digest(secret, body.encode(), hashlib.sha256))}"


def signed_by_somebody_else(issuer: Issuer, claims: Mapping[str, Any]) -> str:
    key = rsa.generate_private_key(65_537, 2_048)
    return jwt.encode(dict(claims), key, "RS256", {"kid": issuer.kid})


def signed_with_an_unknown_key(issuer: Issuer, claims: Mapping[str, Any]) -> str:
    return issuer.signed(claims, kid="never heard of")


def changed_afterwards(issuer: Issuer, claims: Mapping[str, Any]) -> str:
    head, _, signature = issuer.signed(claims).split(".")
    return f"{head}.{encoded(json.dumps({**claims, 'sub': 'c2'}).encode())}.{signature}"


def no_token(issuer: Issuer, claims: Mapping[str, Any]) -> str:
    return "not.a.token"


FORGED: Sequence[tuple[Callable[[Issuer, Mapping[str, Any]], str], str]] = (
    (unsigned, "algorithm"),
    (signed_with_the_public_key, "algorithm"),
    (signed_by_somebody_else, "signature"),
    (signed_with_an_unknown_key, "key"),
    (changed_afterwards, "signature"),
    (no_token, "unreadable"),
)


async def test_a_forged_token_is_refused(
    accounts: Accounts, caplog: pytest.LogCaptureFixture
) -> None:
    for forge, cause in FORGED:
        accounts.issuer.sign = partial(forge, accounts.issuer)
        await refused(accounts, cause, caplog)


async def test_a_way_back_counts_only_in_the_browser_that_began_it(accounts: Accounts) -> None:
    async with accounts.visitor() as eve, accounts.visitor() as ada:
        back = await came_back(eve)
        assert (await ada.get(back)).status_code == 403
        await came_back(ada)
        assert (await ada.get(back)).status_code == 403
        assert SESSION not in ada.cookies
        forged = f"{ROOT}/sign-in/back?code=1&state=made-up"
        assert (await ada.get(forged)).status_code == 403
        assert (await eve.get(back)).status_code == 200


async def test_a_code_works_once(accounts: Accounts) -> None:
    async with accounts.visitor() as visitor:
        back = await came_back(visitor)
        browser = dict(visitor.cookies)
        assert (await visitor.get(back)).status_code == 200
        visitor.cookies.update(browser)
        assert (await visitor.get(back)).status_code == 403


async def test_two_tabs_sign_in_at_once(accounts: Accounts) -> None:
    async with accounts.visitor() as visitor:
        first, second = await came_back(visitor), await came_back(visitor)
        assert (await visitor.get(first, follow_redirects=False)).status_code == 303
        assert first != second


async def test_an_answer_in_the_name_of_another_issuer_is_refused(accounts: Accounts) -> None:
    async with accounts.visitor() as visitor:
        back = await came_back(visitor)
        assert (await visitor.get(f"{back}&iss=https://evil.example")).status_code == 403


async def test_who_changes_their_mind_there_is_told_the_other_ways(accounts: Accounts) -> None:
    async with accounts.visitor() as visitor:
        back = await came_back(visitor)
        state = parse_qs(urlsplit(back).query)["state"][0]
        told = {"error": "access_denied", "state": state}
        shown = await visitor.get(f"{ROOT}/sign-in/back", params=told)
    assert "You were not signed in" in shown.text
    assert "Send me a link" in shown.text


async def test_while_the_issuer_is_away_the_other_ways_are_shown(accounts: Accounts) -> None:
    accounts.issuer.is_away = True
    async with accounts.visitor() as visitor:
        shown = await visitor.get(f"{ROOT}/sign-in", params={"then": "/orders/1042"})
    assert shown.status_code == 503
    assert "Send me a link" in shown.text
    assert 'value="1042"' in shown.text


async def test_an_issuer_that_names_itself_otherwise_is_not_believed(accounts: Accounts) -> None:
    async with httpx.AsyncClient() as client:
        provider = OpenIdProvider(client, f"{accounts.issuer.address}/", CLIENT, SECRET)
        portal = replace(accounts.portal, identity=Identity(provider))
        async with accounts.visitor(portal) as visitor:
            assert (await visitor.get(f"{ROOT}/sign-in")).status_code == 503


async def test_without_an_issuer_there_is_no_such_way(accounts: Accounts) -> None:
    async with accounts.visitor(replace(accounts.portal, identity=None)) as visitor:
        assert "account" not in (await visitor.get(f"{ROOT}/enter")).text
        assert (await visitor.get(f"{ROOT}/sign-in")).status_code == 404
        assert (await visitor.get(f"{ROOT}/sign-in/back")).status_code == 404


@pytest.fixture
async def foreign(tmp_path: Path) -> AsyncIterator[str]:
    """The address of a provider that others made, on Authlib, in a process of its own."""
    [port] = any_free()
    ada = json.dumps({"sub": "c1", "email": "ada@example.com", "email_verified": True})
    words = (sys.executable, "-m", "oidc_provider_mock", "--host", LOOPBACK, "--port", str(port))
    child = process.spawn([*words, "-n", "--user-claims", ada], tmp_path / "provider.log")
    async with asyncio.timeout(60), httpx.AsyncClient() as client:
        while not await _answers(client, address := f"http://{LOOPBACK}:{port}"):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    yield address
    await process.end(child, signal.SIGTERM, 5)


async def test_a_provider_that_others_made_is_understood(accounts: Accounts, foreign: str) -> None:
    order = await accounts.shop.order()
    async with httpx.AsyncClient() as client:
        identity = Identity(OpenIdProvider(client, foreign, CLIENT, SECRET))
        async with accounts.visitor(replace(accounts.portal, identity=identity)) as visitor:
            asked = await visitor.get(f"{ROOT}/sign-in?then=/orders/{order.id}")
            opened = await visitor.post(asked.url, data={"sub": "c1"})
    assert (opened.status_code, opened.url.path) == (200, f"{ROOT}/orders/{order.id}")


async def _answers(client: httpx.AsyncClient, address: str) -> bool:
    try:
        return (await client.get(address)).is_success
    except httpx.TransportError:
        return False


async def refused(accounts: Accounts, cause: str, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody is let in, a friendly page says so, and the log says why without saying who."""
    caplog.clear()
    caplog.set_level(logging.DEBUG, "web")
    accounts.issuer.person = dict(ADA)
    async with accounts.visitor() as visitor:
        shown = await visitor.get(f"{ROOT}/sign-in")
        assert shown.status_code == 403
        assert SESSION not in visitor.cookies
    assert "That sign-in didn't work" in shown.text.replace("&#39;", "'")
    assert f"a sign-in was refused: {cause}" in caplog.messages
    assert not any(word in caplog.text for word in ("c1", "a7", "xample.com", "eyJ"))


async def came_back(visitor: httpx.AsyncClient) -> str:
    """Begin to sign in, and stop before what the issuer sends is opened."""
    there = await visitor.get(f"{ROOT}/sign-in", follow_redirects=False)
    back = await visitor.get(there.headers["location"], follow_redirects=False)
    return str(back.headers["location"])


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
