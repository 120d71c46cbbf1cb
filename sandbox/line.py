"""A line that can be cut: the connection under a request, closed without an answer."""

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LINE = "line"


class Line(HttpToolsProtocol):
    """Hands the connection on to the application."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"][LINE] = self.transport


class Cut(Response):
    """Not an answer: the connection ends here."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"][LINE].abort()
        while (await receive())["type"] != "http.disconnect":
            pass
