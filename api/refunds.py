"""Refunds: where they stand, and what people do about them."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import DEFAULT_LIMIT, Canceller, Ctx, Cursor, Limit, Payer, Reader, Resolver
from api.refund_schemas import (
    Nothing,
    PaidRequest,
    PayoutDetails,
    RefundAnswer,
    RefundSummaryAnswer,
    WaiverRequest,
)
from domain.attention import Choice, Waits
from domain.lifecycle import RefundState
from domain.subjects import Kind
from domain.texts import Instant
from domain.values import Code, Ref
from use_cases import payouts, refunds
from use_cases.actors import Actor
from use_cases.context import Context
from use_cases.paging import Page

router = APIRouter(prefix="/refunds", tags=["refunds"])

_ON_ITS_WAY: dict[int | str, dict[str, Any]] = {
    HTTPStatus.ACCEPTED.value: {
        "model": RefundAnswer,
        "description": "On its way, or waiting for somebody: `attention` says for what",
    }
}


async def _answer(
    context: Context, actor: Actor, refund_id: UUID, response: Response
) -> RefundAnswer:
    """202 while it is on its way, 200 once it is at rest."""
    seen = await refunds.get_refund(context, actor, refund_id)
    if not seen.is_at_rest:
        response.status_code = HTTPStatus.ACCEPTED
    return RefundAnswer.of(seen)


@router.get("", operation_id="listRefunds")
async def list_refunds(
    context: Ctx,
    _: Reader,
    state: RefundState | None = None,
    attention: Annotated[Waits | None, Query(description="What it waits for.")] = None,
    waiting: Annotated[
        bool | None, Query(description="Whether it waits for anybody at all.")
    ] = None,
    method: Annotated[Code | None, Query(description="How it was paid.")] = None,
    kind: Kind | None = None,
    subject: Annotated[Ref | None, Query(description="The merchant's id of the subject.")] = None,
    cancellation: UUID | None = None,
    due_before: Annotated[
        Instant | None, Query(description="Not at rest, with a deadline before this instant.")
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[RefundSummaryAnswer]:
    """List refunds, the newest first."""
    page = await refunds.list_refunds(
        context,
        state=state,
        attention=attention,
        waiting=waiting,
        method=method,
        kind=kind,
        subject=subject,
        cancellation_id=cancellation,
        due_before=due_before,
        limit=limit,
        after=cursor,
    )
    return Page(items=tuple(map(RefundSummaryAnswer.of, page.items)), next=page.next)


@router.get("/{refund_id}", operation_id="getRefund")
async def get_refund(refund_id: UUID, context: Ctx, actor: Reader) -> RefundAnswer:
    """Read a refund: where it stands, when it can be expected, what it waits for, its history."""
    return RefundAnswer.of(await refunds.get_refund(context, actor, refund_id))


@router.post("/{refund_id}/pay", operation_id="payRefund", responses=_ON_ITS_WAY)
async def pay(
    refund_id: UUID, body: PaidRequest, context: Ctx, actor: Payer, response: Response
) -> RefundAnswer:
    """Say that it was paid by hand, such as in cash or by transfer.

    Above the limit (`MANUAL_PAYOUT_LIMIT`) the first call is kept as a proposal, under `payout`,
    and another person's key confirms it with the same reference.
    """
    await payouts.pay(context, actor, refund_id, body.reference)
    return await _answer(context, actor, refund_id, response)


@router.post("/{refund_id}/withdraw", operation_id="withdrawPayout", responses=_ON_ITS_WAY)
async def withdraw(
    refund_id: UUID,
    context: Ctx,
    actor: Payer,
    response: Response,
    _: Nothing | None = None,
) -> RefundAnswer:
    """Take back that it was paid by hand, as long as nobody confirmed it."""
    await payouts.withdraw(context, actor, refund_id)
    return await _answer(context, actor, refund_id, response)


@router.put(
    "/{refund_id}/payout-details",
    operation_id="putPayoutDetails",
    status_code=HTTPStatus.NO_CONTENT,
)
async def put_payout_details(
    refund_id: UUID, body: PayoutDetails, context: Ctx, actor: Canceller
) -> None:
    """Keep where the customer wants the money, in their words. Shown to keys with `money` alone.

    Of a refund that waits for the customer's choice this is the choice: a person pays it there.
    """
    await payouts.keep_details(context, actor, refund_id, body.details)


@router.post("/{refund_id}/accept-credit", operation_id="acceptStoreCredit", responses=_ON_ITS_WAY)
async def accept_credit(
    refund_id: UUID,
    context: Ctx,
    actor: Canceller,
    response: Response,
    _: Nothing | None = None,
) -> RefundAnswer:
    """Take the money as store credit: for the customer once they are asked, for staff with the
    scope `money` before that too."""
    await payouts.choose(context, actor, refund_id, Choice.STORE_CREDIT)
    return await _answer(context, actor, refund_id, response)


@router.post("/{refund_id}/retry", operation_id="retryRefund", responses=_ON_ITS_WAY)
async def retry(
    refund_id: UUID,
    context: Ctx,
    actor: Resolver,
    response: Response,
    _: Nothing | None = None,
) -> RefundAnswer:
    """Ask the means of payment again, with a new key where it had said no."""
    await payouts.choose(context, actor, refund_id, Choice.RETRY)
    return await _answer(context, actor, refund_id, response)


@router.post("/{refund_id}/waive", operation_id="waiveRefund", responses=_ON_ITS_WAY)
async def waive(
    refund_id: UUID, body: WaiverRequest, context: Ctx, actor: Payer, response: Response
) -> RefundAnswer:
    """Leave it at that: nothing goes back. By somebody who neither asked for it nor approved it."""
    await payouts.choose(context, actor, refund_id, Choice.SKIP, body.reason)
    return await _answer(context, actor, refund_id, response)
