"""Every error is answered with a problem."""

import logging
from collections.abc import Mapping
from http import HTTPStatus as S
from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.exceptions import HTTPException

from api.problems import STATUSES, FieldError, problem
from domain.errors import (
    InvalidRequest,
    Maintenance,
    PartOfOrder,
    PolicyInvalid,
    RescindError,
    SubjectBusy,
)
from domain.texts import without_prefix

log = logging.getLogger(__name__)


def status_of(error: RescindError) -> S:
    """An error whose code has no status is a bug of ours, unless it is about the request."""
    unnamed = S.UNPROCESSABLE_ENTITY if isinstance(error, InvalidRequest) else None
    return STATUSES.get(error.code) or unnamed or S.INTERNAL_SERVER_ERROR


async def _known(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RescindError)
    status = status_of(error)
    if status is S.INTERNAL_SERVER_ERROR:
        return await _unexpected(request, error)
    headers = {"WWW-Authenticate": "Bearer"} if status is S.UNAUTHORIZED else {}
    if isinstance(error, Maintenance):
        headers = {"Retry-After": str(error.wait)}
    return problem(
        request,
        error.code,
        str(error),
        status=status,
        errors=_places(error),
        params=error.params | _link(error),
        headers=headers,
    )


def _places(error: RescindError) -> list[FieldError]:
    if not isinstance(error, PolicyInvalid):
        return []
    return [
        FieldError(place=place, code=error.code, detail=message)
        for place, message in error.problems
    ]


def _link(error: RescindError) -> dict[str, str]:
    """Where to go instead."""
    match error:
        case PartOfOrder():
            return {"link": f"/v1/orders/{error.order}"}
        case SubjectBusy() if error.cancellation_id:
            return {"link": f"/v1/cancellations/{error.cancellation_id}"}
    return {}


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        return problem(request, "invalid_json", "the body is not JSON")
    errors = [
        FieldError(
            place=".".join(str(part) for part in fault["loc"]),
            code=fault["type"],
            detail=without_prefix(fault["msg"]),
        )
        for fault in faults
    ]
    places = ", ".join(error.place for error in errors)
    return problem(request, "invalid_request", f"these can't be used: {places}", errors=errors)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = _HTTP_CODES.get(error.status_code, "invalid_request")
    return problem(request, code, error.detail, status=error.status_code, headers=error.headers)


_HTTP_CODES: Mapping[int, str] = {
    S.BAD_REQUEST: "invalid_json",
    S.NOT_FOUND: "not_found",
    S.METHOD_NOT_ALLOWED: "method_not_allowed",
    S.REQUEST_ENTITY_TOO_LARGE: "body_too_large",
}


async def _database(request: Request, error: Exception) -> JSONResponse:
    """A value that PostgreSQL can't store is the caller's; a lost connection passes."""
    state = str(getattr(getattr(error, "orig", error), "sqlstate", "") or "")
    if state.startswith("22"):
        return problem(request, "invalid_request", "a value in this request can't be stored")
    if not isinstance(error, DBAPIError) or state[:2] in _OUTAGES or error.connection_invalidated:
        return await _unavailable(request, error)
    return await _unexpected(request, error)


_OUTAGES = ("", "08", "53", "57")
"""Classes of PostgreSQL's codes: connection lost, out of resources, shutting down."""


async def _unavailable(request: Request, error: Exception) -> JSONResponse:
    log.warning("the database can't be reached: %s", type(error).__name__)
    detail = "the database can't be reached; repeat the request with the same idempotency key"
    return problem(request, "database_unavailable", detail)


async def _unstorable(request: Request, _: Exception) -> JSONResponse:
    return problem(request, "invalid_request", "a text in this request is not valid Unicode")


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    """Tell only an id; what happened is in the log under it."""
    incident = uuid4()
    log.error("%s %s failed (%s)", request.method, request.url.path, incident, exc_info=error)
    detail = f"something unexpected happened; it is in the log as {incident}"
    return problem(request, "internal_error", detail, instance=f"urn:uuid:{incident}")


def translate_errors(app: FastAPI) -> None:
    """Answer every error of this app with a problem."""
    app.add_exception_handler(RescindError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(SQLAlchemyError, _database)
    app.add_exception_handler(OSError, _unavailable)
    app.add_exception_handler(UnicodeEncodeError, _unstorable)
    app.add_exception_handler(Exception, _unexpected)
