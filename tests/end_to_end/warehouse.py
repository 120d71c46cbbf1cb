"""A warehouse behind one address, as a test tells it to behave."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from providers import standard_webhooks
from runtime import ports

SECRET = "whsec_c2VjcmV0IG9mIHRoZSB3YXJlaG91c2U="


class Peer:
    """What it heard, in order, and how it answers: a word for `answer`, or a status that isn't one.

    A question is answered once for each key: a repeat gets the answer of the first time.
    """

    def __init__(self) -> None:
        self.url = ""
        self.answer: str | None = None
        self.statuses: list[int] = []
        self.heard: list[dict[str, Any]] = []
        self._answers: dict[str, str | None] = {}

    @property
    def kinds(self) -> list[str]:
        return [message["type"].removeprefix("warehouse.") for message in self.heard]

    async def hear(self, request: Request) -> Response:
        body = await request.body()
        standard_webhooks.verify(SECRET, request.headers, body)
        message = json.loads(body)
        self.heard.append(message)
        answer = self._answers.setdefault(message["key"], self.answer)
        if self.statuses:
            return Response(status_code=self.statuses.pop(0))
        if message["type"] == "warehouse.withdraw" or answer is None:
            return Response(status_code=202)
        return JSONResponse({"answer": answer})

    def signed(self, key: str, answer: str) -> tuple[dict[str, str], bytes]:
        """An answer that it sends by itself."""
        body = json.dumps({"key": key, "answer": answer}).encode()
        return standard_webhooks.sign(SECRET, f"answer:{key}", datetime.now(UTC), body), body


@asynccontextmanager
async def warehouse() -> AsyncIterator[Peer]:
    """Serve one on loopback."""
    peer = Peer()
    app = Starlette(routes=[Route("/", peer.hear, methods=["POST"])])
    port = ports.any_free()[0]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None))
    serving = asyncio.ensure_future(server.serve())
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    peer.url = f"http://127.0.0.1:{port}/"
    yield peer
    server.should_exit = True
    await serving
