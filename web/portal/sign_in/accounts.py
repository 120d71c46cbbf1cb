"""Signing in at the merchant's identity provider, and coming back from there.

A browser carries a secret of its own meanwhile. Nonce and verifier are made of it and of the way's
number, so that a way can be ended by the browser alone that began it, and nothing is kept here.
"""

import hashlib
import hmac
import logging
import secrets
from http import HTTPStatus
from typing import NamedTuple, Self

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from domain.errors import IdentityRefused, ProviderUnavailable
from web.portal.identity import Identity
from web.portal.sign_in import entrance
from web.portal.sign_in.entering import sign_in
from web.portal.visit import Visit
from web.portal.visitors import AnyVisit
from web.shared.pages import HEADERS
from web.shared.paths import ROOT
from web.shared.signing import WAY_LIFE

log = logging.getLogger(__name__)
router = APIRouter()

COOKIE, PATH = "sign-in", "/sign-in"
BACK = f"{PATH}/back"


class Way(NamedTuple):
    """One try to sign in. `browser` is the secret of the browser that began it."""

    browser: str
    number: str
    then: str

    @classmethod
    def read(cls, visit: Visit, state: str) -> Self:
        """Raises IdentityRefused for a way this browser didn't begin, or that took too long."""
        told = visit.portal.signing.read_way(state)
        browser = visit.request.cookies.get(visit.portal.cookie(COOKIE), "")
        if told is None or not browser or not hmac.compare_digest(told[0], _hashed(browser)):
            raise IdentityRefused("state")
        return cls(browser, told[1], told[2])

    def state(self, visit: Visit) -> str:
        return visit.portal.signing.way([_hashed(self.browser), self.number, self.then])

    def derived(self, visit: Visit, purpose: str) -> str:
        return visit.portal.signing.derive(purpose, f"{self.browser}/{self.number}")


@router.get(PATH)
async def begin(visit: AnyVisit) -> Response:
    """Send somebody to the provider. It asks them nothing if they are signed in there."""
    identity = _identity(visit)
    then = entrance.wish(visit.request.query_params.get("then", ""))
    browser = visit.request.cookies.get(visit.portal.cookie(COOKIE)) or secrets.token_urlsafe(32)
    way = Way(browser, secrets.token_urlsafe(16), then)
    nonce, verifier = way.derived(visit, "nonce"), way.derived(visit, "verifier")
    try:
        address = await identity.provider.begin(_back(visit), way.state(visit), nonce, verifier)
    except ProviderUnavailable as error:
        return _unavailable(visit, error, then)
    answer = RedirectResponse(address, HTTPStatus.SEE_OTHER, headers=HEADERS)
    visit.portal.leave_secret(answer, COOKIE, browser, WAY_LIFE, PATH)
    return answer


@router.get(BACK)
async def come_back(visit: AnyVisit) -> Response:
    """Begin a session of who signed in, and go where they wanted to."""
    identity, told, then = _identity(visit), visit.request.query_params, ""
    try:
        way = Way.read(visit, told.get("state", ""))
        then = way.then
        if "error" in told:
            log.info("no sign-in: the provider sent somebody back without a code")
            return entrance.show(visit, notice="not_signed_in", then=then)
        nonce, verifier = way.derived(visit, "nonce"), way.derived(visit, "verifier")
        claims = await identity.provider.redeem(
            told.get("code", ""), _back(visit), nonce, verifier, told.get("iss")
        )
        customer = identity.customer_of(claims)
    except IdentityRefused as error:
        log.warning("a sign-in was refused: %s", error.cause)
        return entrance.show(visit, status=HTTPStatus.FORBIDDEN, notice="refused", then=then)
    except ProviderUnavailable as error:
        return _unavailable(visit, error, then)
    answer = await sign_in(visit, customer, then or "/")
    answer.delete_cookie(
        visit.portal.cookie(COOKIE), path=f"{ROOT}{PATH}", secure=visit.portal.is_secure
    )
    return answer


def _identity(visit: Visit) -> Identity:
    if visit.portal.identity is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return visit.portal.identity


def _back(visit: Visit) -> str:
    """Where the provider sends people back to: never what a request's header says of us."""
    return f"{visit.portal.public_url}{ROOT}{BACK}"


def _unavailable(visit: Visit, error: ProviderUnavailable, then: str) -> Response:
    log.warning("nobody can sign in: %s", error)
    status = HTTPStatus.SERVICE_UNAVAILABLE
    return entrance.show(visit, status=status, notice="unavailable", then=then)


def _hashed(browser: str) -> str:
    return hashlib.sha256(browser.encode()).hexdigest()
