"""All cancellations, withdrawals, exceptions and requests for money of a customer."""

from contextlib import suppress

from fastapi import APIRouter
from starlette.responses import Response

from domain.errors import InvalidCursor
from use_cases import own_histories
from use_cases.own_histories import How
from web.portal.visit import go
from web.portal.visitors import OwnVisit
from web.shared.fields import Fields

router = APIRouter()

ROWS = 25


@router.get("/history")
async def history(own: OwnVisit) -> Response:
    """Show a page of it. What the address names and isn't there is as if it named nothing."""
    visit, customer = own
    fields = Fields(visit.request.query_params.multi_items())
    how, at = None, fields.one("after")
    with suppress(ValueError):
        how = How(fields.one("state"))
    try:
        page = await own_histories.page(visit.context, customer, ROWS, how, at or None)
    except InvalidCursor:
        return go("/history")
    totals = await own_histories.totals(visit.context, customer)
    return visit.show("history.html", page=page, how=how, totals=totals, is_first=not at)
