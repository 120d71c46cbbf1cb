"""The sandbox as a web application."""

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route as WebRoute

from sandbox import refusals
from sandbox.door import Door, told
from sandbox.routes import ROUTES, Route


def make_app(door: Door) -> Starlette:
    routes = [WebRoute("/healthz", _health)]
    routes += [WebRoute(one.path, _asked(door, one), methods=[one.method]) for one in ROUTES]
    return Starlette(routes=routes, exception_handlers={404: _unknown, 405: _unknown})


def _asked(door: Door, route: Route) -> Callable[[Request], Awaitable[Response]]:
    async def ask(request: Request) -> Response:
        return await door.answer(route, request)

    return ask


async def _health(_: Request) -> Response:
    return PlainTextResponse("ok")


async def _unknown(request: Request, _: Exception) -> Response:
    no = refusals.Refused(
        404, f"Unrecognized request URL ({request.method}: {request.url.path}).", kept=False
    )
    return told(no.status, no.body)
