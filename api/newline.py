"""JSON ends with a line end, so that a terminal's prompt stands on a line of its own."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

JSON = "application/json"


class LineEnd:
    """Adds it to what routes answer; problems bring their own, and streams go through."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_json = False

        async def ending(message: Message) -> None:
            nonlocal is_json
            if message["type"] == "http.response.start":
                is_json = _lengthened(MutableHeaders(scope=message))
            elif is_json and not message.get("more_body"):
                message["body"] = message.get("body", b"") + b"\n"
            await send(message)

        await self.app(scope, receive, ending if scope["type"] == "http" else send)


def _lengthened(headers: MutableHeaders) -> bool:
    """Make room for one more byte in an answer whose length is known, and say whether it is one."""
    length = headers.get("content-length", "")
    if headers.get("content-type") != JSON or not length.isdigit():
        return False
    headers["content-length"] = str(int(length) + 1)
    return True
