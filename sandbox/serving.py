"""Running the sandbox: in a process of its own, or inside a test's."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import uvicorn

from sandbox import delivery, endpoints
from sandbox.app import make_app
from sandbox.cards import Cards
from sandbox.door import Door
from sandbox.line import Line


@dataclass(frozen=True)
class Running:
    """A sandbox that answers at `address`; `cards` is its database, to script it and look in."""

    address: str
    cards: Cards


@asynccontextmanager
async def running(
    database_url: str,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    webhook_url: str | None = None,
    webhook_secret: str | None = None,
    connections: int = 10,
) -> AsyncIterator[Running]:
    """Serve until left, on any free port if none is named. What is left hanging is cut off."""
    async with Cards.open(database_url, connections) as cards:
        if webhook_url and webhook_secret:
            async with cards.pool.acquire() as connection:
                await endpoints.keep(connection, webhook_url, webhook_secret, ["*"])
        door = Door(cards)
        listener = _listen(host, port)
        async with _sending(cards), _answering(door, listener):
            yield Running(f"http://{host}:{listener.getsockname()[1]}", cards)


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(
        socket.AF_INET6 if ":" in host else socket.AF_INET, proto=socket.IPPROTO_TCP
    )  # the protocol by name, or asyncio leaves small packets to wait for each other
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener


@asynccontextmanager
async def _answering(door: Door, listener: socket.socket) -> AsyncIterator[None]:
    """Without uvicorn's own loop, which wakes every tenth of a second and takes the signals."""
    config = uvicorn.Config(
        make_app(door),
        http=Line,
        lifespan="off",
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=2,
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    try:
        yield
    finally:
        door.closing.set()
        await server.shutdown(sockets=[listener])


@asynccontextmanager
async def _sending(cards: Cards) -> AsyncIterator[None]:
    sender = asyncio.create_task(delivery.run(cards))
    try:
        yield
    finally:
        sender.cancel()
        with suppress(asyncio.CancelledError):
            await sender
