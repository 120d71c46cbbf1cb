"""What is due on top of what was paid."""

from uuid import UUID

from fastapi import APIRouter

from api.deps import DEFAULT_LIMIT, Ctx, Cursor, Limit, Payer, Reader
from domain.dues import DueState
from use_cases import dues
from use_cases.due_views import DueView
from use_cases.dues import DueSummary, Settled
from use_cases.paging import Page

router = APIRouter(prefix="/dues", tags=["dues"])


@router.get("", operation_id="listDues")
async def list_dues(
    context: Ctx,
    _: Reader,
    state: DueState | None = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[DueSummary]:
    """List what is or was to be collected on top, the oldest first."""
    return await dues.list_dues(context, state=state, limit=limit, after=cursor)


@router.post("/{due_id}/settle", operation_id="settleDue")
async def settle_due(due_id: UUID, body: Settled, context: Ctx, actor: Payer) -> DueView:
    """Say that you have collected what is due, or waive it, and why."""
    return await dues.settle(context, actor, due_id, body)
