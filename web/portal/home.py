"""Everything that is a customer's: what lies ahead, all else in pages, and what they look for."""

from fastapi import APIRouter
from starlette.responses import Response

from domain.errors import InvalidCursor
from domain.lifecycle import SubjectState
from domain.subjects import Kind
from use_cases import belongings
from use_cases.belongings import Belonging
from use_cases.paging import Page
from web.portal.visit import go
from web.portal.visitors import OwnVisit
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
    orders = [one for one in others.items if _is_current(one) and not sought]
    past = [one for one in others.items if not (_is_current(one) or sought)]
    return visit.show(
        "home.html",
        ahead=ahead,
        others=others,
        orders=orders,
        past=past,
        found=others.items if sought else (),
        sought=sought,
        is_first=is_first and not next_ahead,
    )


def _is_current(one: Belonging) -> bool:
    """Whether it is an order that stands."""
    subject = one.subject
    return subject.kind is Kind.ORDER and subject.state is not SubjectState.CANCELLED
