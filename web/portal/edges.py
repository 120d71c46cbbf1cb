"""A friendly page for each way in which a visit can't go on, with the way out."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from http import HTTPStatus as S
from typing import NamedTuple
from urllib.parse import quote
from uuid import uuid4

from asyncpg import PostgresError
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from domain.errors import Maintenance, RescindError, SubjectBusy
from web.portal.resuming import looked_over
from web.portal.visit import PLURALS, FormRefused, Visit, go
from web.portal.visitors import visit_known, visit_of
from web.shared.paths import ROOT

log = logging.getLogger(__name__)


class Edge(NamedTuple):
    """A page of its own; `name` chooses its sentences in the template. `again` is in how many
    seconds it is worth another try."""

    name: str
    status: S
    again: int = 0


_MISSING, _QUOTE_GONE = Edge("missing", S.NOT_FOUND), Edge("quote_gone", S.GONE)
_CHANGED, _ATTENTION = Edge("changed", S.CONFLICT), Edge("attention", S.CONFLICT)
_BY_CODE: Mapping[str, Edge] = {
    "subject_not_found": _MISSING,
    "cancellation_not_found": _MISSING,
    "refund_not_found": _MISSING,
    "credit_note_not_found": _MISSING,
    "evidence_not_found": _MISSING,
    "quote_not_found": _QUOTE_GONE,
    "quote_mismatch": _QUOTE_GONE,
    "line_not_found": _CHANGED,
    "quantity_too_high": _CHANGED,
    "subject_busy": Edge("busy", S.CONFLICT),
    "needs_attention": _ATTENTION,
    "policy_unreadable": _ATTENTION,
    "already_answered": Edge("answered", S.CONFLICT),
    "service_unavailable": Edge("unsent", S.SERVICE_UNAVAILABLE, again=60),
    "too_many_streams": Edge("slower", S.TOO_MANY_REQUESTS, again=60),
}

_BY_STATUS: Mapping[int, Edge] = {
    S.BAD_REQUEST: Edge("unreadable", S.BAD_REQUEST),
    S.NOT_FOUND: _MISSING,
    S.METHOD_NOT_ALLOWED: Edge("method", S.METHOD_NOT_ALLOWED),
    S.REQUEST_ENTITY_TOO_LARGE: Edge("too_large", S.REQUEST_ENTITY_TOO_LARGE),
}

_OF_VISITORS = (FormRefused, RescindError, HTTPException, RequestValidationError)
AWAY = (SQLAlchemyError, OSError, PostgresError)


async def answer(request: Request, error: Exception) -> Response:
    """The page for what went wrong. What nobody foresaw is logged under a number the page shows."""
    visit = await _visit(request, error)
    match error:
        case FormRefused():
            return _show(visit, Edge("form", S.FORBIDDEN))
        case SubjectBusy() if error.cancellation_id:
            return go(f"/cancellations/{error.cancellation_id}")
        case Maintenance():
            edge = Edge("maintenance", S.SERVICE_UNAVAILABLE, again=error.wait)
            return _show(visit, edge, until=error.until, page=await page_again(visit))
        case RescindError() if error.code in _BY_CODE:
            return _show(visit, _BY_CODE[error.code])
        case HTTPException(status_code=404) if _ends_in_a_slash(request):
            return go(_trimmed(request))
        case HTTPException() if error.status_code in _BY_STATUS:
            return _show(visit, _BY_STATUS[error.status_code])
        case RequestValidationError():
            return _show(visit, _MISSING)
        case SQLAlchemyError() | OSError() | PostgresError():
            log.warning("a page can't be shown: %s", type(error).__name__)
            return _show(visit, _away(request), page=await page_again(visit))
    number = uuid4().hex[:12]
    log.error("page error %s", number, exc_info=error)
    return _show(visit, Edge("broken", S.INTERNAL_SERVER_ERROR), number)


async def _visit(request: Request, error: Exception) -> Visit:
    """A visitor's fault leaves them signed in; a fault of ours may be that nobody can be looked
    up."""
    known = visit_known(request)
    if known.customer is None and isinstance(error, _OF_VISITORS):
        with suppress(FormRefused, *AWAY):
            return await visit_of(request)
    return known


def _ends_in_a_slash(request: Request) -> bool:
    path = request.url.path.removeprefix(ROOT)
    return request.method == "GET" and len(path) > 1 and path.endswith("/")


def _trimmed(request: Request) -> str:
    """The same address as it is written by us."""
    path = quote(request.url.path.removeprefix(ROOT).rstrip("/"))
    return f"{path}?{request.url.query}" if request.url.query else path


def _away(request: Request) -> Edge:
    """Without the database nobody can tell whether a form that was just sent came through."""
    name = "away" if request.method == "GET" else "unsure"
    return Edge(name, S.SERVICE_UNAVAILABLE, again=30)


def _show(
    visit: Visit, edge: Edge, number: str = "", until: datetime | None = None, page: str = ""
) -> Response:
    """`page` is where to go on, if not at the page that was asked for."""
    return visit.show(
        "edge.html",
        status=edge.status,
        headers={"Retry-After": str(edge.again)} if edge.again else {},
        edge=edge.name,
        number=number,
        until=until,
        page=page or quote(page_of(visit.request)),
    )


async def page_again(visit: Visit) -> str:
    """The page to send it from once more: what was looked over is still there, at its address."""
    path = quote(visit.request.url.path.removeprefix(ROOT))
    is_confirming = visit.request.method == "POST" and path.endswith("/confirm")
    kept = looked_over(path, await visit.fields()) if is_confirming else ""
    return kept or quote(page_of(visit.request))


def page_of(request: Request) -> str:
    """The page that a form or a part of a page belongs to; of a page, itself."""
    path = request.url.path.removeprefix(ROOT)
    parts = path.split("/")
    if parts[1] == "cancellations" and len(parts) > 3:
        return "/".join(parts[:3])
    if parts[1] in PLURALS.values() and parts[3:] in (["confirm"], ["review"]):
        return "/".join([*parts[:3], "cancel"])
    return path if request.method == "GET" or parts[1] in PLURALS.values() else "/"
