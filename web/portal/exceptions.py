"""Asking for an exception where the policy says no: a favour, which a person grants or doesn't."""

from http import HTTPStatus
from uuid import UUID, uuid4

from fastapi import APIRouter
from starlette.responses import Response

from domain.decisions import Decision
from domain.errors import InvalidRequest
from domain.requests import Right
from domain.subjects import SubjectRef
from domain.values import Ref
from use_cases import cancellations, quotes
from use_cases.customers import Customer
from use_cases.intake import Asked
from use_cases.subject_views import SubjectView
from web.portal import choice
from web.portal.choice import Choice
from web.portal.owned import own_subject, running
from web.portal.visit import FormRefused, OwnVisit, Visit, go, path_of
from web.portal.waiting import answer_by
from web.shared.fields import Fields

router = APIRouter()

_UNFINISHED = HTTPStatus.UNPROCESSABLE_ENTITY


@router.get("/{plural}/{ref}/exception")
async def ask(plural: str, ref: Ref, own: OwnVisit) -> Response:
    """Ask for a few words. Where nothing stands in the way, there is nothing to be excepted."""
    visit, customer = own
    view, subject = await own_subject(visit, customer, plural, ref)
    if past := running(view):
        return go(f"/cancellations/{past.id}")
    told = Fields(visit.request.query_params.multi_items())
    chosen = await choice.read_offered(visit, view, told)
    decision = await _decision(own, view, chosen, subject, Right.CONTRACT)
    if decision is None or not decision.is_declined:
        return go(path_of(subject))
    return await _show(own, view, chosen, subject)


@router.post("/{plural}/{ref}/exception")
async def send(plural: str, ref: Ref, own: OwnVisit) -> Response:
    """Ask once, however often the page is sent, and go to where the answer will stand."""
    visit, customer = own
    await visit.check_form()
    view, subject = await own_subject(visit, customer, plural, ref)
    fields = await visit.fields()
    chosen = await choice.read_offered(visit, view, fields)
    if fault := _fault(chosen):
        return await _show(own, view, chosen, subject, fault)
    asked = chosen.asked(subject, Right.GOODWILL)
    done = await cancellations.request_cancellation(
        visit.context, customer.actor, asked, f"exception/{_key(fields)}"
    )
    return go(f"/cancellations/{done.id}")


async def _show(
    own: tuple[Visit, Customer],
    view: SubjectView,
    chosen: Choice,
    subject: SubjectRef,
    fault: str | None = None,
) -> Response:
    visit, _ = own
    decision = await _decision(own, view, chosen, subject, Right.GOODWILL)
    if decision is None or (not fault and decision.is_declined):
        return go(path_of(subject))
    return visit.show(
        "exception.html",
        status=_UNFINISHED if fault else HTTPStatus.OK,
        view=view,
        lines=choice.open_lines(view),
        chosen=chosen,
        fault=fault,
        key=uuid4(),
        until=answer_by(visit, view, decision),
    )


async def _decision(
    own: tuple[Visit, Customer],
    view: SubjectView,
    chosen: Choice,
    subject: SubjectRef,
    right: Right,
) -> Decision | None:
    """What this right would say of the choice, of all of it where nothing is chosen."""
    visit, customer = own
    if not choice.open_lines(view) or view.part_of is not None:
        return None
    asked = chosen.asked(subject, right) if chosen.quantities else Asked(subject=subject)
    plain = asked.model_copy(update={"right": right, "note": None})
    try:
        return await quotes.preview(visit.context, customer.actor, plain)
    except InvalidRequest:
        return None


def _fault(chosen: Choice) -> str | None:
    if not chosen.quantities:
        return "nothing"
    return None if chosen.note else "note"


def _key(fields: Fields) -> UUID:
    """What makes a second click the same request. Raises FormRefused for what is none."""
    try:
        return UUID(fields.one("key"))
    except ValueError:
        raise FormRefused from None
