"""One handler that turns errors into problem details (RFC 9457), from one table of codes."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus as S
from typing import Any
from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.exceptions import HTTPException

from domain.errors import InvalidRequest, PartOfOrder, RescindError, SubjectBusy

MEDIA_TYPE = "application/problem+json"

STATUSES: Mapping[str, S] = {
    "invalid_json": S.BAD_REQUEST,
    "invalid_cursor": S.BAD_REQUEST,
    "unauthenticated": S.UNAUTHORIZED,
    "not_allowed": S.FORBIDDEN,
    "second_person_required": S.FORBIDDEN,
    "not_found": S.NOT_FOUND,
    "subject_not_found": S.NOT_FOUND,
    "resource_not_found": S.NOT_FOUND,
    "cancellation_not_found": S.NOT_FOUND,
    "quote_not_found": S.NOT_FOUND,
    "policy_not_found": S.NOT_FOUND,
    "method_not_allowed": S.METHOD_NOT_ALLOWED,
    "part_of_order": S.CONFLICT,
    "subject_busy": S.CONFLICT,
    "idempotency_key_reused": S.CONFLICT,
    "needs_attention": S.CONFLICT,
    "already_answered": S.CONFLICT,
    "choice_not_allowed": S.CONFLICT,
    "quote_outdated": S.CONFLICT,
    "quote_expired": S.CONFLICT,
    "quote_used": S.CONFLICT,
    "cancelled_line_changed": S.CONFLICT,
    "captured_below_returned": S.CONFLICT,
    "slot_taken": S.CONFLICT,
    "illegal_move": S.CONFLICT,
    "body_too_large": S.REQUEST_ENTITY_TOO_LARGE,
    "refund_rejected": S.BAD_GATEWAY,
    "provider_unavailable": S.SERVICE_UNAVAILABLE,
    "service_unavailable": S.SERVICE_UNAVAILABLE,
    "database_unavailable": S.SERVICE_UNAVAILABLE,
    "internal_error": S.INTERNAL_SERVER_ERROR,
}
"""A code not named here is a request that can't be used (422) if its error says so."""

RETRY_AFTER = {"service_unavailable": "5", "database_unavailable": "5"}

log = logging.getLogger(__name__)


class FieldError(BaseModel):
    """`place` is the way to the field, such as `body.lines.0.quantity`."""

    place: str
    code: str
    detail: str


class Problem(BaseModel):
    """Why a request came to nothing. Read `code`; the sentences are for people and may change."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["urn:rescind:problem:subject_busy"])
    title: str = Field(examples=["Subject busy"])
    status: int = Field(examples=[409])
    code: str = Field(examples=["subject_busy"])
    detail: str = Field(examples=["order/1042 is being changed by something else right now"])
    instance: str = Field(examples=["/v1/cancellations"])
    errors: list[FieldError] | None = None
    params: dict[str, Any] = {}


def problem(
    request: Request,
    code: str,
    detail: str,
    *,
    status: int | None = None,
    errors: Sequence[FieldError] | None = None,
    params: Mapping[str, Any] | None = None,
    instance: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Answer with a problem; a status not given is that of the code."""
    status = status or STATUSES.get(code, S.UNPROCESSABLE_ENTITY)
    body = Problem(
        type=f"urn:rescind:problem:{code}",
        title=code.replace("_", " ").capitalize(),
        status=status,
        code=code,
        detail=detail,
        instance=instance or request.url.path,
        errors=list(errors) if errors else None,
        params=jsonable_encoder(params or {}),
    )
    return JSONResponse(
        body.model_dump(mode="json", exclude_none=True),
        status,
        headers=dict(headers or {}) | _retry_after(code),
        media_type=MEDIA_TYPE,
    )


def _retry_after(code: str) -> dict[str, str]:
    return {"Retry-After": RETRY_AFTER[code]} if code in RETRY_AFTER else {}


def status_of(error: RescindError) -> S:
    """An error whose code has no status is a bug of ours, unless it is about the request."""
    unnamed = S.UNPROCESSABLE_ENTITY if isinstance(error, InvalidRequest) else None
    return STATUSES.get(error.code) or unnamed or S.INTERNAL_SERVER_ERROR


async def _known(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RescindError)
    status = status_of(error)
    if status is S.INTERNAL_SERVER_ERROR:
        return await _unexpected(request, error)
    headers = {"WWW-Authenticate": "Bearer"} if status is S.UNAUTHORIZED else None
    params = error.params | _link(error)
    return problem(request, error.code, str(error), status=status, params=params, headers=headers)


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
            detail=fault["msg"],
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
