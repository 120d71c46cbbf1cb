"""Asking for cancellations and answering them."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import (
    DEFAULT_LIMIT,
    Canceller,
    Ctx,
    Cursor,
    Decider,
    IdempotencyKey,
    Limit,
    Reader,
    Recorder,
    Resolver,
)
from api.schemas import (
    ApprovalRequest,
    CancellationAnswer,
    CancellationRequest,
    DeclineRequest,
    ResolutionRequest,
    SummaryAnswer,
    UndoRequest,
    WarehouseAnswer,
    cancellation_link,
)
from domain.lifecycle import CancellationState
from domain.subjects import Kind
from domain.values import Ref
from use_cases import cancellations, replies, resolutions, status, warehouse
from use_cases.paging import Page
from use_cases.views import CancellationView, EventView
from use_cases.warehouse import Answered

router = APIRouter(prefix="/cancellations", tags=["cancellations"])

_ON_ITS_WAY: dict[int | str, dict[str, Any]] = {
    HTTPStatus.ACCEPTED.value: {
        "model": CancellationAnswer,
        "description": "On its way: accepted, waiting for approval, or not decided in time",
    }
}


def _answer(view: CancellationView, response: Response) -> CancellationAnswer:
    """202 while it is on its way, 200 once it is at rest."""
    response.headers["Location"] = cancellation_link(view.id)
    if not view.is_at_rest:
        response.status_code = HTTPStatus.ACCEPTED
    return CancellationAnswer.of(view)


@router.post("", operation_id="requestCancellation", responses=_ON_ITS_WAY)
async def request_cancellation(
    body: CancellationRequest,
    context: Ctx,
    actor: Canceller,
    response: Response,
    key: IdempotencyKey = None,
) -> CancellationAnswer:
    """Ask for a cancellation and learn the decision.

    `outcome` says accepted, needs_approval or declined, `codes` why. It is missing in the state
    `received`: nobody decided in time, so ask again with the same key or follow the link.
    """
    asked = body.asked(quote_id=body.quote)
    view = await cancellations.request_cancellation(context, actor, asked, key)
    return _answer(view, response)


@router.get("", operation_id="listCancellations")
async def list_cancellations(
    context: Ctx,
    _: Reader,
    state: CancellationState | None = None,
    kind: Kind | None = None,
    subject: Annotated[Ref | None, Query(description="The merchant's id of the subject.")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[SummaryAnswer]:
    """List cancellations, the newest request first."""
    page = await status.list_cancellations(
        context, state=state, kind=kind, subject=subject, limit=limit, after=cursor
    )
    return Page(items=tuple(map(SummaryAnswer.of, page.items)), next=page.next)


@router.get("/{cancellation_id}", operation_id="getCancellation")
async def get_cancellation(cancellation_id: UUID, context: Ctx, _: Reader) -> CancellationAnswer:
    """Read a cancellation: its state, the decision with its trace, refunds, deadlines."""
    return CancellationAnswer.of(await status.get_cancellation(context, cancellation_id))


@router.get("/{cancellation_id}/events", operation_id="listCancellationEvents")
async def list_events(cancellation_id: UUID, context: Ctx, _: Reader) -> list[EventView]:
    """Read what happened, in order."""
    return await status.events_of(context, cancellation_id)


@router.post("/{cancellation_id}/undo", operation_id="undoCancellation", responses=_ON_ITS_WAY)
async def undo(
    cancellation_id: UUID,
    context: Ctx,
    actor: Canceller,
    response: Response,
    body: UndoRequest | None = None,
) -> CancellationAnswer:
    """Take a cancellation back before anything is released, as its asker or as staff."""
    asker = body.asker if body else None
    return _answer(await replies.undo(context, actor, cancellation_id, asker), response)


@router.post(
    "/{cancellation_id}/approve", operation_id="approveCancellation", responses=_ON_ITS_WAY
)
async def approve(
    cancellation_id: UUID,
    context: Ctx,
    actor: Decider,
    response: Response,
    body: ApprovalRequest | None = None,
) -> CancellationAnswer:
    """Say yes to a cancellation that waits for approval. The first answer wins."""
    refund = body.refund_minor if body else None
    return _answer(await replies.approve(context, actor, cancellation_id, refund), response)


@router.post(
    "/{cancellation_id}/decline", operation_id="declineCancellation", responses=_ON_ITS_WAY
)
async def decline(
    cancellation_id: UUID,
    context: Ctx,
    actor: Decider,
    response: Response,
    _: DeclineRequest | None = None,
) -> CancellationAnswer:
    """Say no to a cancellation that waits for approval. The first answer wins.

    It takes no words: the customer hears that it was declined, and nobody would pass them on.
    """
    return _answer(await replies.decline(context, actor, cancellation_id), response)


@router.post("/{cancellation_id}/warehouse", operation_id="answerForWarehouse")
async def answer_for_warehouse(
    cancellation_id: UUID, body: WarehouseAnswer, context: Ctx, actor: Recorder
) -> Answered:
    """Say whether the warehouse that was asked to stop has stopped. The first answer counts."""
    return await warehouse.answer(context, actor, cancellation_id, body.answer)


@router.post(
    "/{cancellation_id}/resolve", operation_id="resolveCancellation", responses=_ON_ITS_WAY
)
async def resolve(
    cancellation_id: UUID,
    body: ResolutionRequest,
    context: Ctx,
    actor: Resolver,
    response: Response,
) -> CancellationAnswer:
    """Choose a way out of a step, or a refund, that waits for a person."""
    decided = body.decided()
    return _answer(await resolutions.resolve(context, actor, cancellation_id, decided), response)
