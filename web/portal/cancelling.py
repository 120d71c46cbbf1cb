"""Cancelling: choose, and see what each choice comes to. Looking it over comes next."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from domain.errors import NoteRequired, ReasonRequired
from domain.subjects import Kind, SubjectRef
from domain.values import Ref
from use_cases import quotes, reasons, terms
from use_cases.customers import Customer
from use_cases.intake import Asked
from use_cases.subject_views import SubjectView
from use_cases.terms import Terms
from web.portal import choice
from web.portal.choice import Choice
from web.portal.explained import explain, lines_why
from web.portal.owned import lead_to, own_subject, running
from web.portal.refusing import show_refused
from web.portal.reviewing import show_review
from web.portal.spoken import speaker_of
from web.portal.visit import OwnVisit, Visit, go, path_of
from web.portal.waiting import answer_by, is_ahead
from web.portal.ways import chosen_way, has_changed, ways_of
from web.shared.fields import Fields

router = APIRouter()

_UNFINISHED = HTTPStatus.UNPROCESSABLE_ENTITY


@router.get("/{plural}/{ref}/cancel")
async def choose(plural: str, ref: Ref, own: OwnVisit) -> Response:
    """Show what can be chosen; each change of it is asked again, by the script or by a button."""
    visit, customer = own
    view, subject = await own_subject(visit, customer, plural, ref)
    if elsewhere := _elsewhere(visit, view):
        return elsewhere
    known = await terms.get_terms(visit.context, customer.actor, subject)
    if not choice.open_lines(view, known.left_out):
        return await _refuse(own, view, known)
    fields = Fields(visit.request.query_params.multi_items())
    chosen = await choice.read_offered(visit, view, fields, known.left_out)
    return await _show_choice(own, view, known, chosen)


@router.post("/{plural}/{ref}/cancel")
async def look_over(plural: str, ref: Ref, own: OwnVisit) -> Response:
    """Fix the price of what was chosen for a while, and show it once more before it is done.

    That page has an address to come back to, unless there are words of the customer's own on it:
    those belong into no address.
    """
    visit, customer = own
    await visit.check_form()
    view, subject = await own_subject(visit, customer, plural, ref)
    if elsewhere := _elsewhere(visit, view):
        return elsewhere
    known = await terms.get_terms(visit.context, customer.actor, subject)
    chosen = await choice.read_offered(visit, view, await visit.fields(), known.left_out)
    if not choice.open_lines(view, known.left_out):
        return await _refuse(own, view, known)
    if not chosen.quantities:
        return await _show_choice(own, view, known, chosen, "nothing")
    try:
        given = await quotes.quote(visit.context, customer.actor, chosen.asked(subject))
    except NoteRequired:
        return await _show_choice(own, view, known, chosen, "note")
    except ReasonRequired:
        return await _show_choice(own, view, known, chosen, "reason")
    if given.decision.is_declined:
        return await _show_choice(own, view, known, chosen, "declined")
    if chosen.note is None:
        return go(f"{path_of(subject)}/review?quote={given.id}")
    return await show_review(visit, view, given, known, chosen.note)


def _elsewhere(visit: Visit, view: SubjectView) -> Response | None:
    """Where to go instead: the order of a view, what is on its way, or what is over."""
    if view.part_of is not None:
        order = SubjectRef(kind=Kind.ORDER, id=view.part_of.order)
        return lead_to(visit, f"{path_of(order)}/cancel")
    if past := running(view):
        return lead_to(visit, f"/cancellations/{past.id}")
    if not choice.open_lines(view):
        return lead_to(visit, path_of(SubjectRef(kind=view.kind, id=view.id)))
    return None


async def _refuse(own: tuple[Visit, Customer], view: SubjectView, known: Terms) -> Response:
    visit, _ = own
    if visit.is_fragment:
        return lead_to(visit, f"{path_of(SubjectRef(kind=view.kind, id=view.id))}/cancel")
    speaker = speaker_of(visit.words, view, known.sentences)
    return await show_refused(own, view, speaker, known.decision)


async def _show_choice(
    own: tuple[Visit, Customer],
    view: SubjectView,
    known: Terms,
    chosen: Choice,
    fault: str | None = None,
) -> Response:
    visit, _ = own
    facts = await _followed(own, view, known, chosen)
    if visit.is_fragment:
        shown = visit.request.query_params.getlist("way")
        changed = has_changed(facts["ways"], shown)
        return visit.show("following.html", ways_changed=changed, **facts)
    speaker = speaker_of(visit.words, view, known.sentences)
    return visit.show(
        "choose.html",
        status=_UNFINISHED if fault else HTTPStatus.OK,
        fault=fault,
        lines=choice.open_lines(view, known.left_out),
        lines_why=lines_why(speaker, known.left_out),
        reasons=await reasons.list_reasons(visit.context, view.kind, visit.languages),
        is_ahead=is_ahead(visit, view),
        reason_counts=known.reason_counts,
        **facts,
    )


async def _followed(
    own: tuple[Visit, Customer], view: SubjectView, known: Terms, chosen: Choice
) -> dict[str, Any]:
    """All that follows the choice: the answer, its amounts, and the ways to have them back."""
    visit, customer = own
    speaker = speaker_of(visit.words, view, known.sentences)
    facts: dict[str, Any] = {"view": view, "chosen": chosen, "ways": (), "wording": known.wording}
    if not chosen.quantities:
        return facts | explain(speaker, None) | {"answer_by": None}
    asked = _previewed(chosen.asked(SubjectRef(kind=view.kind, id=view.id)))
    found = await terms.refund_methods(visit.context, customer.actor, asked)
    ways = ways_of(found, speaker)
    way = chosen_way(ways, chosen)
    facts |= {"ways": ways, "way": way, "answer_by": answer_by(visit, view, way.decision)}
    return facts | explain(speaker, way.decision)


def _previewed(asked: Asked) -> Asked:
    """A choice in the making: a reason whose note isn't written yet is no fault so far."""
    return asked.model_copy(update={"note": "-" if asked.reason else None})
