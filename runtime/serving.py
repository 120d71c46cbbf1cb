"""Serving over HTTP, and stopping at once."""

import socket
import sys
from contextlib import suppress

import uvicorn

END_STREAMS = "end_streams"
"""What the application calls, in the state of its lifespan, the function that ends its streams."""


class Server(uvicorn.Server):
    """Has open streams ended before it waits for open answers to come to an end by themselves."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if end := self.lifespan.state.get(END_STREAMS):
            end()
        await super().shutdown(sockets)


def serve(config: uvicorn.Config) -> None:
    """Serve until a signal ends it, as `uvicorn.run` does. Exits with 3 if it can't start."""
    server = Server(config)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(3)
