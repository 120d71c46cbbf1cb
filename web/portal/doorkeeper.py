"""Looks after answers that turn somebody away, and shuts the door on who gets too many of them."""

import logging
from contextlib import suppress
from http import HTTPStatus as S

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.portal import limits
from web.portal.edges import AWAY, page_again
from web.portal.limits import LOOKS, MISSES, TooMuch
from web.portal.portal import Portal
from web.portal.visit import FormRefused, Visit
from web.portal.visitors import visit_known, visit_of
from web.shared.paths import ROOT

log = logging.getLogger(__name__)

_TURNED_AWAY = frozenset({S.FORBIDDEN, S.NOT_FOUND, S.GONE})


class Doorkeeper:
    """Around all pages; files of the pages' own look are let through."""

    def __init__(self, app: ASGIApp, portal: Portal) -> None:
        self.app = app
        self.portal = portal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(f"{ROOT}/static/"):
            return await self.app(scope, receive, send)
        request = Request(scope, receive)
        network = limits.network_of(request)
        if wait := limits.wait_of(self.portal, MISSES, network):
            answer = await answer_too_much(request, TooMuch(wait))
            return await answer(scope, receive, send)
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        await self.app(scope, receive, watched)
        was_in = status == S.UNAUTHORIZED and visit_known(request).has_session
        if was_in or status in _TURNED_AWAY:
            await self._note(request, status, network)
        return None

    async def _note(self, request: Request, status: int, network: str) -> None:
        """The log says at which kind of page it was: not which, nor who."""
        route = getattr(request.scope.get("route"), "path", "no page")
        log.info("turned away with %d: %s %s", status, request.method, route)
        try:
            await limits.counted(self.portal, MISSES, network)
        except AWAY as error:
            log.warning("a miss wasn't counted: %s", type(error).__name__)


async def answer_too_much(request: Request, error: Exception) -> Response:
    visit = await _visit(request)
    wait = error.wait if isinstance(error, TooMuch) else 0
    return visit.show(
        "too_much.html",
        status=S.TOO_MANY_REQUESTS,
        headers={"Retry-After": str(wait)},
        minutes=-(-wait // 60),
        page=await page_again(visit),
    )


async def _visit(request: Request) -> Visit:
    """Whoever is turned away keeps their own frame around the page, but for a flood: that is to
    cost the database nothing."""
    known = visit_known(request)
    if known.customer is not None or not known.has_session:
        return known
    if await limits.counted(known.portal, LOOKS, limits.network_of(request)):
        return known
    with suppress(FormRefused, *AWAY):
        return await visit_of(request)
    return known
