"""Server-sent events: the answer that sends them, until they end or the client leaves."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, aclosing

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

RETRY, RETRY_ENDED = 1_000, 60_000
"""Milliseconds until a client comes back; one that comes back to an ended stream has time."""

_UNALTERED = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
"""Proxies that compress what passes would hold it back until they have enough of it."""

_SEND_PATIENCE = 30.0
"""Seconds for a client to make room for more before it is let go."""


class EventStream(Response):
    """Sends pieces as they come, until they end or the client leaves, and frees all at once."""

    media_type = "text/event-stream"

    def __init__(
        self,
        pieces: AsyncGenerator[bytes, None],
        admitted: AbstractContextManager[None],
        status_code: int = 200,
    ) -> None:
        self.status_code = status_code
        self.background = None
        self._pieces = pieces
        self._admitted = admitted
        self.init_headers(dict(_UNALTERED))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What does not let the stream in is raised before anything is sent."""
        with self._admitted:
            writing = asyncio.create_task(self._write(send))
            leaving = asyncio.create_task(_left(receive))
            try:
                await asyncio.wait((writing, leaving), return_when=asyncio.FIRST_COMPLETED)
            finally:
                writing.cancel()
                leaving.cancel()
                written, _ = await asyncio.gather(writing, leaving, return_exceptions=True)
        if isinstance(written, Exception):
            raise written

    async def _write(self, send: Send) -> None:
        headers = self.raw_headers
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        async with aclosing(self._pieces) as pieces:
            async for piece in pieces:
                async with asyncio.timeout(_SEND_PATIENCE):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
