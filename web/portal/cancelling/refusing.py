"""A no in words, with what else there is: an exception, the law's way out, somebody to ask."""

from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from domain.decisions import Decision
from domain.errors import InvalidRequest
from domain.requests import Right
from domain.subjects import SubjectRef
from notifications.speaker import Speaker
from use_cases import quotes
from use_cases.customers import Customer
from use_cases.intake import Asked
from use_cases.subject_views import SubjectView
from web.portal.explained import explain
from web.portal.law import entry_of
from web.portal.visit import Visit
from web.portal.waiting import is_ahead


async def show_refused(
    own: tuple[Visit, Customer],
    view: SubjectView,
    speaker: Speaker,
    decision: Decision,
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    """The page of a no. A conflict says that it was a yes when the visitor last looked."""
    facts = await ways_out(own, view)
    return own[0].show(
        "refused.html",
        status=status,
        view=view,
        is_new=status is HTTPStatus.CONFLICT,
        **facts,
        **explain(speaker, decision),
    )


async def ways_out(own: tuple[Visit, Customer], view: SubjectView) -> dict[str, Any]:
    """What else there is where the policy says no."""
    visit, customer = own
    subject = SubjectRef(kind=view.kind, id=view.id)
    return {
        "may_ask": await _may_ask(visit, customer, subject),
        "is_ahead": is_ahead(visit, view),
        "withdrawal": await entry_of(visit, view, subject),
    }


async def _may_ask(visit: Visit, customer: Customer, subject: SubjectRef) -> bool:
    """Whether an exception could be granted at all."""
    asked = Asked(subject=subject, right=Right.GOODWILL)
    try:
        decision = await quotes.preview(visit.context, customer.actor, asked)
    except InvalidRequest:
        return False
    return not decision.is_declined
