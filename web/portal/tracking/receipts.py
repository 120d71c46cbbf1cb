"""The receipt of a cancellation, to print or as PDF, and its credit notes."""

import asyncio
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from notifications.credit_notes.page import pdf
from use_cases import credit_notes, customers, papers, subjects
from use_cases.views import Status
from web.portal.tracking import receipt_paper
from web.portal.tracking.receipt_facts import Receipt, receipt_of
from web.portal.visit import Visit, go
from web.portal.visitors import OwnVisit
from web.shared.pages import HEADERS

router = APIRouter()


@router.get("/cancellations/{cancellation_id}/receipt")
async def show(cancellation_id: UUID, own: OwnVisit) -> Response:
    receipt = await _receipt(own, cancellation_id)
    if receipt is None:
        return go(f"/cancellations/{cancellation_id}")
    return own[0].show("cancellation_receipt.html", receipt=receipt, id=cancellation_id)


@router.get("/cancellations/{cancellation_id}/receipt.pdf")
async def download(cancellation_id: UUID, own: OwnVisit) -> Response:
    visit, _ = own
    receipt = await _receipt(own, cancellation_id)
    if receipt is None:
        return go(f"/cancellations/{cancellation_id}")
    content = await asyncio.to_thread(receipt_paper.pdf, receipt, visit.words)
    return _file(visit, content, f"cancellation-{str(cancellation_id)[:8]}.pdf")


@router.get("/credit-notes/{number}.pdf")
async def credit_note(number: str, own: OwnVisit) -> Response:
    visit, customer = own
    note = await papers.own_note(visit.context, customer.owner, number)
    zone = await credit_notes.zone_of(visit.context, note)
    content = await asyncio.to_thread(pdf, note, visit.words.language, zone)
    return _file(visit, content, f"{note.number}.pdf")


async def _receipt(own: OwnVisit, cancellation_id: UUID) -> Receipt | None:
    """Of a cancellation of theirs; None for as long as nothing is cancelled."""
    visit, customer = own
    standing = await customers.standing_of(visit.context, customer, cancellation_id)
    if standing.seen.state is not Status.CANCELLED:
        return None
    view = await subjects.get(visit.context, standing.seen.subject, visit.languages)
    return receipt_of(visit, view, standing.seen, standing.papers.notes)


def _file(visit: Visit, content: bytes, name: str) -> Response:
    headers = {
        **HEADERS,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Language": visit.words.language,
    }
    return Response(content, HTTPStatus.OK, headers, media_type="application/pdf")
