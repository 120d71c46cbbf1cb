"""Problem details (RFC 9457): their shape, and the one table of codes and statuses."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus as S
from typing import Any

from fastapi import Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

MEDIA_TYPE = "application/problem+json"

STATUSES: Mapping[str, S] = {
    "invalid_json": S.BAD_REQUEST,
    "invalid_cursor": S.BAD_REQUEST,
    "webhook_rejected": S.BAD_REQUEST,
    "unauthenticated": S.UNAUTHORIZED,
    "not_allowed": S.FORBIDDEN,
    "second_person_required": S.FORBIDDEN,
    "not_found": S.NOT_FOUND,
    "subject_not_found": S.NOT_FOUND,
    "resource_not_found": S.NOT_FOUND,
    "cancellation_not_found": S.NOT_FOUND,
    "card_hold_not_found": S.NOT_FOUND,
    "due_not_found": S.NOT_FOUND,
    "quote_not_found": S.NOT_FOUND,
    "refund_not_found": S.NOT_FOUND,
    "refund_request_not_found": S.NOT_FOUND,
    "policy_not_found": S.NOT_FOUND,
    "provider_unknown": S.NOT_FOUND,
    "account_not_found": S.NOT_FOUND,
    "reconciliation_not_found": S.NOT_FOUND,
    "credit_note_not_found": S.NOT_FOUND,
    "evidence_not_found": S.NOT_FOUND,
    "difference_not_found": S.NOT_FOUND,
    "no_longer_held": S.CONFLICT,
    "method_not_allowed": S.METHOD_NOT_ALLOWED,
    "part_of_order": S.CONFLICT,
    "subject_busy": S.CONFLICT,
    "idempotency_key_reused": S.CONFLICT,
    "needs_attention": S.CONFLICT,
    "due_under_way": S.CONFLICT,
    "already_answered": S.CONFLICT,
    "choice_not_allowed": S.CONFLICT,
    "payout_differs": S.CONFLICT,
    "quote_outdated": S.CONFLICT,
    "quote_expired": S.CONFLICT,
    "quote_used": S.CONFLICT,
    "cancelled_line_changed": S.CONFLICT,
    "captured_below_returned": S.CONFLICT,
    "slot_taken": S.CONFLICT,
    "illegal_move": S.CONFLICT,
    "credit_spent": S.CONFLICT,
    "policy_unreadable": S.CONFLICT,
    "body_too_large": S.REQUEST_ENTITY_TOO_LARGE,
    "too_many_streams": S.TOO_MANY_REQUESTS,
    "refund_rejected": S.BAD_GATEWAY,
    "provider_unavailable": S.SERVICE_UNAVAILABLE,
    "maintenance": S.SERVICE_UNAVAILABLE,
    "service_unavailable": S.SERVICE_UNAVAILABLE,
    "database_unavailable": S.SERVICE_UNAVAILABLE,
    "internal_error": S.INTERNAL_SERVER_ERROR,
}
"""A code not named here is a request that can't be used (422) if its error says so."""

RETRY_AFTER = {"service_unavailable": "5", "database_unavailable": "5", "too_many_streams": "5"}


class FieldError(BaseModel):
    """`place` is the way to the field, such as `body.lines.0.quantity`; in a policy document that
    of the document, such as `rules[0].keep`."""

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


class ProblemResponse(JSONResponse):
    """A problem, with the end of line that a terminal wants."""

    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        return super().render(content) + b"\n"


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
) -> ProblemResponse:
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
    return ProblemResponse(
        body.model_dump(mode="json", exclude_none=True),
        status,
        headers=dict(headers or {}) | _retry_after(code),
    )


def _retry_after(code: str) -> dict[str, str]:
    return {"Retry-After": RETRY_AFTER[code]} if code in RETRY_AFTER else {}
