"""HEAD is answered as GET is, by every route."""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

_ENDLESS = re.compile(r"/v1/.+/stream|/my/.+/live")
"""Streams never end, so their heads can't be had without them."""


class HeadAsGet:
    """Routes see a GET; the server knows better and leaves the body out."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD" and not _is_endless(scope):
            scope = {**scope, "method": "GET"}
        await self.app(scope, receive, send)


def _is_endless(scope: Scope) -> bool:
    return _ENDLESS.fullmatch(scope["path"]) is not None
