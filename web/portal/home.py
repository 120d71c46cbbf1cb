"""Everything that is a customer's, and what became of what they cancelled."""

from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.responses import Response

from domain.lifecycle import SubjectState
from domain.subjects import Kind
from use_cases import customers
from use_cases.subject_views import SubjectSummary
from web.portal.visit import OwnVisit

router = APIRouter()


@router.get("/")
async def home(own: OwnVisit) -> Response:
    visit, customer = own
    found = await customers.list_own(visit.context, customer)
    now = visit.context.clock()
    orders = [one for one in found if one.kind is Kind.ORDER]
    booked = sorted((one for one in found if one.kind is Kind.APPOINTMENT), key=_start)
    ahead = [one for one in booked if _start(one) >= now and _is_alive(one)]
    past = [one for one in reversed(booked) if one not in ahead]
    return visit.show("home.html", orders=orders, appointments=[*ahead, *past], now=now)


def _is_alive(summary: SubjectSummary) -> bool:
    return summary.state is not SubjectState.CANCELLED


def _start(summary: SubjectSummary) -> datetime:
    """A civil day begins at midnight, wherever; what has no start comes last."""
    start = summary.starts_at
    if start is None:
        return datetime.max.replace(tzinfo=UTC)
    if isinstance(start, datetime):
        return start
    return datetime(start.year, start.month, start.day, tzinfo=UTC)
