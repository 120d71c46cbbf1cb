"""A declaration of withdrawal that was made: its page, and the receipt to download."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from domain.errors import RescindError
from use_cases import customers, withdrawals
from use_cases.withdrawals import WithdrawalView
from web.portal.visit import Visit
from web.portal.visitors import AnyVisit
from web.portal.withdrawing import papers
from web.shared.pages import HEADERS

router = APIRouter()

_KEPT = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@router.get("/withdrawals/{withdrawal_id}")
async def receipt(withdrawal_id: UUID, visit: AnyVisit) -> Response:
    """The receipt. Who knows its number may read it: that is nowhere but here and in the mail."""
    found = await _found(visit, withdrawal_id)
    return visit.show(
        "withdrawn.html",
        found=found,
        received=papers.exactly(visit.words, found.received_at, visit.portal),
        is_own=await _is_own(visit, found),
    )


@router.get("/withdrawals/{withdrawal_id}/receipt")
async def download(withdrawal_id: UUID, visit: AnyVisit) -> Response:
    found = await _found(visit, withdrawal_id)
    name = papers.file_name(found.id)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    headers |= {"Content-Language": found.language, "Content-Security-Policy": _KEPT}
    return Response(found.receipt, media_type="text/html", headers={**HEADERS, **headers})


async def _found(visit: Visit, withdrawal_id: UUID) -> WithdrawalView:
    found = await withdrawals.find(visit.context, withdrawal_id)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found


async def _is_own(visit: Visit, found: WithdrawalView) -> bool:
    """Whether the visitor may see the cancellation that came of it."""
    if visit.customer is None or found.cancellation_id is None:
        return False
    try:
        await customers.subject_of(visit.context, visit.customer, found.cancellation_id)
    except RescindError:
        return False
    return True
