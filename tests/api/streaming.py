"""An application served over HTTP, and a reader of its streams."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

import httpx
import uvicorn
from fastapi import FastAPI

from api.app import make_app
from runtime import ports
from runtime.serving import END_STREAMS, Server
from storage import keys
from storage.feed import PENDING, Feed
from use_cases.actors import Scope
from use_cases.context import Context
from use_cases.streams import Streams

PATIENCE = 10
FAR = timedelta(hours=1)
"""So late that nothing comes by it in a test."""


class Told(NamedTuple):
    name: str
    id: str | None
    data: Any


class Following:
    """An open stream, read event by event."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def line(self) -> str:
        async with asyncio.timeout(PATIENCE):
            return await anext(self._lines)

    async def next(self) -> Told:
        """The next event; comments are left out."""
        fields: dict[str, str] = {}
        while True:
            line = await self.line()
            if not line and "event" in fields:
                return Told(fields["event"], fields.get("id"), json.loads(fields["data"]))
            name, _, value = line.partition(": ")
            fields[name] = value

    async def rest(self) -> list[Told]:
        """All events until the server ends the stream."""
        told = []
        while True:
            try:
                told.append(await self.next())
            except StopAsyncIteration:
                return told


@dataclass
class Served:
    """`followed` are all connections' worth of streams that are open."""

    context: Context
    url: str
    streams: Streams
    clients: AsyncExitStack

    async def client(self, *scopes: Scope) -> httpx.AsyncClient:
        secret = keys.new_secret()
        async with self.context.sessions.begin() as session:
            await keys.keep(session, secret[:12], secret, scopes, self.context.clock())
        return await self.anonymous(Authorization=f"Bearer {secret}")

    async def anonymous(self, **headers: str) -> httpx.AsyncClient:
        limits = httpx.Limits(max_connections=None)
        caller = httpx.AsyncClient(
            base_url=self.url, headers=headers, timeout=PATIENCE, limits=limits
        )
        return await self.clients.enter_async_context(caller)


@asynccontextmanager
async def following(
    client: httpx.AsyncClient, link: str, last: int | None = None
) -> AsyncIterator[Following]:
    headers = {} if last is None else {"Last-Event-ID": str(last)}
    async with client.stream("GET", f"{link}/stream", headers=headers) as answer:
        assert answer.status_code == 200, await answer.aread()
        yield Following(answer)


@asynccontextmanager
async def served(
    context: Context,
    database: str,
    *,
    pending: int = PENDING,
    look_every: timedelta = FAR,
    heartbeat: timedelta = FAR,
    per_actor: int | None = None,
    pages: Callable[[FastAPI, Streams], None] | None = None,
) -> AsyncIterator[Served]:
    """`pages` puts pages beside the API."""
    feed = Feed(context.sessions, pending=pending, look_every=look_every)
    streams = Streams(context, feed, heartbeat=heartbeat, per_actor=per_actor)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[Mapping[str, Any]]:
        async with feed.running(database):
            yield {END_STREAMS: feed.close}

    port = ports.any_free()[0]
    app = make_app(context, lifespan, streams)
    if pages:
        pages(app, streams)
    server = Server(uvicorn.Config(app, port=port, log_config=None))
    serving = asyncio.ensure_future(server.serve())
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    async with AsyncExitStack() as clients:
        yield Served(context, f"http://127.0.0.1:{port}", streams, clients)
        server.should_exit = True
        await asyncio.wait_for(serving, PATIENCE)
