"""Serving over HTTP, and stopping at once."""

import socket
import sys
from contextlib import suppress

import uvicorn

from runtime.settings import Settings

END_STREAMS = "end_streams"
"""What the application calls, in the state of its lifespan, the function that ends its streams."""


class Server(uvicorn.Server):
    """Has open streams ended before it waits for open answers to come to an end by themselves."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if end := self.lifespan.state.get(END_STREAMS):
            end()
        await super().shutdown(sockets)


def api_config(settings: Settings) -> uvicorn.Config:
    """Where a caller comes from is told by headers of trusted proxies, and of nobody else."""
    return uvicorn.Config(
        "api.app:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=3,
    )


def serve(config: uvicorn.Config) -> None:
    """Serve until a signal ends it, as `uvicorn.run` does. Exits with 3 if it can't start."""
    server = Server(config)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(3)
