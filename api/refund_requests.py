"""Asking for a refund later, or without cancelling anything, and answering who asked."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import Canceller, Ctx, Decider, IdempotencyKey, Reader
from api.refund_schemas import (
    RefundApproval,
    RefundRequestAnswer,
    RefundRequestBody,
    refund_request_link,
)
from api.schemas import DeclineRequest
from use_cases import refund_answers, refund_requests
from use_cases.refund_request_views import RefundRequestView

router = APIRouter(prefix="/refund-requests", tags=["refunds"])

_ON_ITS_WAY: dict[int | str, dict[str, Any]] = {
    HTTPStatus.ACCEPTED.value: {
        "model": RefundRequestAnswer,
        "description": "On its way: accepted, or waiting for approval",
    }
}


def _answer(view: RefundRequestView, response: Response) -> RefundRequestAnswer:
    """202 while any of it is on its way, 200 once all of it is at rest."""
    response.headers["Location"] = refund_request_link(view.id)
    if not view.is_at_rest:
        response.status_code = HTTPStatus.ACCEPTED
    return RefundRequestAnswer.of(view)


@router.post("", operation_id="requestRefund", responses=_ON_ITS_WAY)
async def request_refund(
    body: RefundRequestBody,
    context: Ctx,
    actor: Canceller,
    response: Response,
    key: IdempotencyKey = None,
) -> RefundRequestAnswer:
    """Ask for a refund and learn what was decided. Repeating it with the same key changes nothing.

    What a cancellation left to be asked for goes out at once. Anything else waits for a person's
    yes, unless staff ask for it within the limit of one person (`REFUND_SOLO_LIMIT`).
    """
    view = await refund_requests.request_refund(context, actor, body.asked(), key)
    return _answer(view, response)


@router.get("/{request_id}", operation_id="getRefundRequest")
async def get_refund_request(request_id: UUID, context: Ctx, _: Reader) -> RefundRequestAnswer:
    """Read a request: what was asked, what was answered, the refunds it led to."""
    return RefundRequestAnswer.of(await refund_requests.get_request(context, request_id))


@router.post("/{request_id}/approve", operation_id="approveRefundRequest", responses=_ON_ITS_WAY)
async def approve(
    request_id: UUID,
    context: Ctx,
    actor: Decider,
    response: Response,
    body: RefundApproval | None = None,
) -> RefundRequestAnswer:
    """Say yes to all of it or to a part. The first answer wins."""
    amount = body.amount_minor if body else None
    return _answer(await refund_answers.approve(context, actor, request_id, amount), response)


@router.post("/{request_id}/decline", operation_id="declineRefundRequest", responses=_ON_ITS_WAY)
async def decline(
    request_id: UUID,
    context: Ctx,
    actor: Decider,
    response: Response,
    _: DeclineRequest | None = None,
) -> RefundRequestAnswer:
    """Say no: nothing goes back. The first answer wins."""
    return _answer(await refund_answers.decline(context, actor, request_id), response)
