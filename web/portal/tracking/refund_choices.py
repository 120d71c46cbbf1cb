"""What a customer may say about their own refunds: that they want one that waits to be asked for,
and how one comes that could not go back as it was paid."""

from contextlib import suppress
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from domain.attention import Choice
from domain.errors import AlreadyAnswered, ChoiceNotAllowed, RefundNotFound
from use_cases import customers, payouts, refund_requests, status
from use_cases.refund_intake import AskedRefund
from use_cases.views import CancellationView
from web.portal.visit import go
from web.portal.visitors import OwnVisit

router = APIRouter(prefix="/cancellations/{cancellation_id}/refunds")

ACCOUNT_LENGTH = 500

_SETTLED = (AlreadyAnswered, ChoiceNotAllowed)
"""Somebody was quicker: the page tells how it stands."""


@router.post("/ask")
async def ask(cancellation_id: UUID, own: OwnVisit) -> Response:
    """Have what was left to be asked for sent. Asking again changes nothing."""
    visit, customer = own
    seen = await _own(own, cancellation_id)
    asked = AskedRefund(subject=seen.subject, cancellation_id=cancellation_id)
    with suppress(*_SETTLED):
        await refund_requests.request_refund(
            visit.context, customer.actor, asked, f"portal/{cancellation_id}"
        )
    return go(f"/cancellations/{cancellation_id}")


@router.post("/{refund_id}/credit")
async def take_credit(cancellation_id: UUID, refund_id: UUID, own: OwnVisit) -> Response:
    visit, customer = own
    await _own(own, cancellation_id, refund_id)
    with suppress(*_SETTLED):
        await payouts.choose(visit.context, customer.actor, refund_id, Choice.STORE_CREDIT)
    return go(f"/cancellations/{cancellation_id}")


@router.post("/{refund_id}/account")
async def name_account(cancellation_id: UUID, refund_id: UUID, own: OwnVisit) -> Response:
    """Keep where the money is wanted: a person sends it there."""
    visit, customer = own
    await _own(own, cancellation_id, refund_id)
    account = (await visit.fields()).one("account").strip()[:ACCOUNT_LENGTH]
    if account:
        with suppress(*_SETTLED):
            await payouts.keep_details(visit.context, customer.actor, refund_id, account)
    return go(f"/cancellations/{cancellation_id}")


async def _own(
    own: OwnVisit, cancellation_id: UUID, refund_id: UUID | None = None
) -> CancellationView:
    """The cancellation, if it and the refund are theirs and the form is of this session."""
    visit, customer = own
    await visit.check_form()
    await customers.subject_of(visit.context, customer, cancellation_id)
    seen = await status.get_cancellation(visit.context, cancellation_id)
    if refund_id is not None and refund_id not in {refund.id for refund in seen.refunds}:
        raise RefundNotFound(f"there is no refund {refund_id}")
    return seen
