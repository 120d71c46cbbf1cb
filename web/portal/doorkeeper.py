"""Looks after answers that turn somebody away, and shuts the door on who gets too many of them."""

import logging
from http import HTTPStatus as S

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.portal import limits
from web.portal.limits import MISSES, TooMuch
from web.portal.visit import SESSION, Portal, visit_of
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
        if status in _TURNED_AWAY or (status == S.UNAUTHORIZED and self._has_session(request)):
            await self._note(request, status, network)
        return None

    def _has_session(self, request: Request) -> bool:
        return self.portal.cookie(SESSION) in request.cookies

    async def _note(self, request: Request, status: int, network: str) -> None:
        """The log says at which kind of page it was: not which, nor who."""
        route = getattr(request.scope.get("route"), "path", "no page")
        log.info("turned away with %d: %s %s", status, request.method, route)
        try:
            await limits.counted(self.portal, MISSES, network)
        except (SQLAlchemyError, OSError) as error:
            log.warning("a miss wasn't counted: %s", type(error).__name__)


async def answer_too_much(request: Request, error: Exception) -> Response:
    visit = await visit_of(request, quiet=True)
    wait = error.wait if isinstance(error, TooMuch) else 0
    return visit.show(
        "too_much.html",
        status=S.TOO_MANY_REQUESTS,
        headers={"Retry-After": str(wait)},
        minutes=-(-wait // 60),
    )
