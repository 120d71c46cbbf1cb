"""Everything that is a customer's: what lies ahead, all else in pages, and what they look for."""

from fastapi import APIRouter
from starlette.responses import Response

from domain.errors import InvalidCursor
from use_cases import belongings
from use_cases.belongings import Belonging
from use_cases.paging import Page
from web.portal.visit import OwnVisit, go
from web.shared.fields import Fields

router = APIRouter()

AHEAD, OTHERS = 12, 24
"""Cards on a page."""

_NOTHING: Page[Belonging] = Page(items=())


@router.get("/")
async def home(own: OwnVisit) -> Response:
    """Show a page of it. A page that is no page of this list is the first."""
    visit, customer = own
    fields = Fields(visit.request.query_params.multi_items())
    sought, at, next_ahead = (fields.one(name).strip() for name in ("q", "after", "ahead"))
    is_first = not (sought or at)
    try:
        ahead, others = _NOTHING, _NOTHING
        if is_first:
            ahead = await belongings.ahead(visit.context, customer, AHEAD, next_ahead or None)
        if not next_ahead:
            others = await belongings.others(visit.context, customer, OTHERS, at or None, sought)
    except InvalidCursor:
        return go("/")
    return visit.show(
        "home.html",
        ahead=ahead,
        others=others,
        sought=sought,
        is_first=is_first and not next_ahead,
    )
