"""A friendly page for each way in which a visit can't go on, with the way out."""

import logging
from collections.abc import Mapping
from http import HTTPStatus as S
from typing import NamedTuple
from uuid import uuid4

from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from domain.errors import RescindError, SubjectBusy
from web.portal.visit import FormRefused, Visit, go, visit_of

log = logging.getLogger(__name__)


class Edge(NamedTuple):
    """A page of its own; `name` chooses its sentences in the template."""

    name: str
    status: S


_MISSING, _AWAY = Edge("missing", S.NOT_FOUND), Edge("away", S.SERVICE_UNAVAILABLE)
_BY_CODE: Mapping[str, Edge] = {
    "subject_not_found": _MISSING,
    "cancellation_not_found": _MISSING,
    "refund_not_found": _MISSING,
    "quote_not_found": Edge("quote_gone", S.GONE),
    "quote_mismatch": Edge("quote_gone", S.GONE),
    "line_not_found": Edge("changed", S.CONFLICT),
    "quantity_too_high": Edge("changed", S.CONFLICT),
    "subject_busy": Edge("busy", S.CONFLICT),
    "needs_attention": Edge("attention", S.CONFLICT),
    "policy_unreadable": Edge("attention", S.CONFLICT),
    "already_answered": Edge("answered", S.CONFLICT),
    "service_unavailable": _AWAY,
    "too_many_streams": Edge("slower", S.TOO_MANY_REQUESTS),
}


async def answer(request: Request, error: Exception) -> Response:
    """The page for what went wrong. What nobody foresaw is logged under a number the page shows."""
    visit = await visit_of(request, quiet=True)
    match error:
        case FormRefused():
            return _show(visit, Edge("form", S.FORBIDDEN))
        case SubjectBusy() if error.cancellation_id:
            return go(f"/cancellations/{error.cancellation_id}")
        case RescindError() if error.code in _BY_CODE:
            return _show(visit, _BY_CODE[error.code])
        case RequestValidationError():
            return _show(visit, _MISSING)
        case HTTPException(status_code=404 | 405):
            return _show(visit, _MISSING)
        case SQLAlchemyError() | OSError():
            log.warning("a page can't be shown: %s", type(error).__name__)
            return _show(visit, _AWAY)
    number = uuid4().hex[:12]
    log.error("page error %s", number, exc_info=error)
    return _show(visit, Edge("broken", S.INTERNAL_SERVER_ERROR), number)


def _show(visit: Visit, edge: Edge, number: str = "") -> Response:
    return visit.show("edge.html", status=edge.status, edge=edge.name, number=number)
