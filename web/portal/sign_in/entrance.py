"""The page that lets people in, and where they wanted to go before they came to it."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from web.portal import resuming
from web.portal.visit import PLURALS, Visit, own_path
from web.portal.visitors import visit_known
from web.shared.paths import ROOT


def show(
    visit: Visit,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    notice: str = "",
    then: str = "",
    number: str = "",
    email: str = "",
    faults: Sequence[str] = (),
) -> HTMLResponse:
    """All ways in. `notice` says why somebody sees them, `then` is where they are to lead."""
    then = wish(then)
    return visit.show(
        "enter.html",
        status=status,
        notice=notice,
        then=then,
        here=with_wish("/enter", then),
        sign_in=with_wish("/sign-in", then),
        number=number or _number_in(then),
        email=email,
        faults=faults,
    )


async def answer_stranger(request: Request, _: Exception) -> Response:
    """The ways in, where somebody wanted what takes a session; they lead to just that."""
    visit = visit_known(request)
    if visit.is_fragment:
        headers = {"HX-Refresh": "true"}
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers=headers)
    notice = "ended" if visit.has_session else ""
    return show(visit, status=HTTPStatus.UNAUTHORIZED, notice=notice, then=await _wanted(request))


def wish(told: str) -> str:
    """A page of ours that somebody wants to see; nothing where it is elsewhere, or home."""
    return own_path(told, "") if 1 < len(told) <= resuming.LONGEST else ""


def with_wish(path: str, then: str, **more: str) -> str:
    """A path that keeps in mind where it is to lead."""
    told: Mapping[str, str] = {**({"then": then} if then else {}), **more}
    return f"{path}?{urlencode(told)}" if told else path


async def _wanted(request: Request) -> str:
    """What was asked for; after a form, the page that it was on, with what was chosen there."""
    if request.method != "GET":
        return await resuming.page_of_form(request)
    path = request.url.path.removeprefix(ROOT)
    return f"{path}?{request.url.query}" if request.url.query else path


def _number_in(then: str) -> str:
    """The number of the order or appointment that a path leads to."""
    parts = then.partition("?")[0].split("/")
    return parts[2] if len(parts) > 2 and parts[1] in PLURALS.values() else ""
