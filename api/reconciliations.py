"""Comparing our refunds with the providers', and what doesn't agree."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter

from api.deps import DEFAULT_LIMIT, Ctx, Cursor, Limit, Payer, Reader, Resolver
from domain.reconciliation import DifferenceState
from domain.texts import Instant
from domain.values import Value
from use_cases import reconciliations
from use_cases.paging import Page
from use_cases.reconciliations import DifferenceView, ReconciliationView

router = APIRouter(tags=["reconciliation"])


class ReconciliationRequest(Value):
    """`since`: refunds that providers have made from then on; a week if it isn't said."""

    since: Instant | None = None


@router.post(
    "/reconciliations", status_code=HTTPStatus.ACCEPTED, operation_id="startReconciliation"
)
async def start_reconciliation(
    body: ReconciliationRequest, context: Ctx, actor: Resolver
) -> ReconciliationView:
    """Start comparing our refunds with those that providers list. It also runs every night."""
    return await reconciliations.start(context, actor, body.since)


@router.get("/reconciliations/{reconciliation_id}", operation_id="getReconciliation")
async def get_reconciliation(
    reconciliation_id: UUID, context: Ctx, _: Reader
) -> ReconciliationView:
    """Read how a comparison stands."""
    return await reconciliations.get(context, reconciliation_id)


@router.get("/differences", operation_id="listDifferences")
async def list_differences(
    context: Ctx,
    _: Reader,
    state: DifferenceState | None = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[DifferenceView]:
    """List what doesn't agree, last found first."""
    return await reconciliations.list_differences(context, state, limit, cursor)


@router.post("/differences/{difference_id}/adopt", operation_id="adoptDifference")
async def adopt_difference(difference_id: UUID, context: Ctx, actor: Payer) -> DifferenceView:
    """Record money that left without us as returned elsewhere. Repeating it changes nothing."""
    return await reconciliations.adopt(context, actor, difference_id)


@router.post("/differences/{difference_id}/dismiss", operation_id="dismissDifference")
async def dismiss_difference(difference_id: UUID, context: Ctx, actor: Payer) -> DifferenceView:
    """Say that nothing is to be done about a difference. Repeating it changes nothing."""
    return await reconciliations.dismiss(context, actor, difference_id)
