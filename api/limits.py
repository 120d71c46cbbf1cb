"""Bodies have a size limit, counted while they arrive."""

import re
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem
from web.shared.paths import ROOT

LIMIT = 1_000_000
"""Bytes. What is streamed has a limit of its own: imports one for each line."""

STREAMED = re.compile(rf"/v1/imports.*|{ROOT}/[^/]+/[^/]+/exception")
"""Imports, and the form with which customers send files: that has a bound of its own."""


class BodyLimit:
    """Answers 413 as soon as a body is known to be too large; for pages while it is read, so that
    the answer is one."""

    def __init__(self, app: ASGIApp, limit: int = LIMIT) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or STREAMED.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
            return
        is_page = scope["path"].startswith(f"{ROOT}/")
        if not is_page and self._announced(scope) > self.limit:
            await self._refuse(scope, receive, send)
            return
        await self.app(scope, self._counted(receive), send)

    def _announced(self, scope: Scope) -> int:
        for name, value in scope["headers"]:
            if name == b"content-length" and value.isdigit():
                return int(value)
        return 0

    def _counted(self, receive: Receive) -> Receive:
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self.limit:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._detail)
            return message

        return counted

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = problem(Request(scope), "body_too_large", self._detail)
        await answer(scope, receive, send)

    @property
    def _detail(self) -> str:
        return f"a body has at most {self.limit} bytes"
