"""Who comes: looked up once for a request, with what their browser tells of them."""

from dataclasses import replace
from typing import Annotated, cast

from fastapi import Depends, Request

from storage import belongings, portal
from use_cases.customers import Customer
from web.portal.portal import Portal
from web.portal.visit import (
    CLOCK,
    LANGUAGE,
    SCHEME,
    SESSION,
    ZONE,
    FormRefused,
    SignInNeeded,
    Visit,
)
from web.shared import languages
from web.shared.pages import Words


async def visit_of(request: Request) -> Visit:
    """Anybody's visit. A form from another site is refused whoever sends it."""
    if request.method == "POST" and not _is_from_here(request):
        raise FormRefused
    visit = await _signed_in(_stranger(request))
    request.state.visitor = visit
    return visit


def visit_known(request: Request) -> Visit:
    """A visit as far as it was looked up already: for pages that tell of a fault, where nobody is
    refused and the database asked nothing."""
    known: Visit | None = getattr(request.state, "visitor", None)
    return known or _stranger(request)


def _stranger(request: Request) -> Visit:
    """A visit by what the browser tells of itself."""
    portal_ = cast(Portal, request.app.state.portal)
    tags = languages.accepted(request.headers.get("accept-language"))
    language = languages.choose(request.cookies.get(LANGUAGE), *tags)
    zone = request.cookies.get(ZONE) or request.cookies.get(CLOCK)
    words = Words(language, zone, portal_.context.zone, tags)
    scheme = request.cookies.get(SCHEME, "")
    return Visit(portal_, request, words, scheme if scheme in ("light", "dark") else "")


async def _signed_in(visit: Visit) -> Visit:
    """The same visit, as its customer's if its session is one that holds."""
    secret = visit.request.cookies.get(visit.portal.cookie(SESSION))
    if not secret:
        return visit
    async with visit.context.sessions() as session:
        row = await portal.find_session(session, secret, visit.context.clock())
        if row is None:
            return visit
        customer = Customer(ref=row.customer_ref, email=row.email)
        has_chosen = visit.request.cookies.get(ZONE)
        known = None if has_chosen else await belongings.zone_of(session, customer.owner)
    words = visit.words.in_zone(known) if known else visit.words
    return replace(visit, words=words, customer=customer, session_id=row.id)


def _is_from_here(request: Request) -> bool:
    """Browsers say where a form comes from; one that says nothing is judged by its token."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    public_url = cast(Portal, request.app.state.portal).public_url
    is_public = origin is not None and f"{public_url}/".startswith(f"{origin}/")
    host = request.headers.get("host")
    return origin is None or is_public or origin.partition("://")[2] == host


async def _any(request: Request) -> Visit:
    return await visit_of(request)


async def _own(visit: Annotated[Visit, Depends(_any)]) -> tuple[Visit, Customer]:
    if visit.customer is None:
        raise SignInNeeded
    return visit, visit.customer


AnyVisit = Annotated[Visit, Depends(_any)]
OwnVisit = Annotated[tuple[Visit, Customer], Depends(_own)]
