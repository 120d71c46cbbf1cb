"""Cancelling: choose, and see what each choice comes to. Looking it over comes next."""

from http import HTTPStatus

from fastapi import APIRouter
from starlette.responses import Response

from domain.errors import NoteRequired, ReasonRequired
from domain.subjects import Kind, SubjectRef
from domain.values import Ref
from use_cases import quotes, reasons, terms
from use_cases.customers import Customer
from use_cases.quotes import QuoteView
from use_cases.subject_views import SubjectView
from use_cases.terms import Terms
from web.portal import choice
from web.portal.cancelling import quoted
from web.portal.cancelling.following import followed
from web.portal.cancelling.refusing import show_refused
from web.portal.cancelling.ways import has_changed
from web.portal.choice import Choice
from web.portal.explained import lines_why
from web.portal.owned import lead_to, own_subject, running
from web.portal.spoken import speaker_of
from web.portal.visit import Visit, go, path_of
from web.portal.visitors import OwnVisit
from web.portal.waiting import is_ahead
from web.shared.fields import Fields

router = APIRouter()

_UNFINISHED = HTTPStatus.UNPROCESSABLE_ENTITY


@router.get("/{plural}/{ref}/cancel")
async def choose(plural: str, ref: Ref, own: OwnVisit, quote: str = "") -> Response:
    """Show what can be chosen; each change of it is asked again, by the script or by a button.

    Who comes back from a `quote` finds what they had chosen.
    """
    visit, customer = own
    view, subject = await own_subject(visit, customer, plural, ref)
    if elsewhere := _elsewhere(visit, view):
        return elsewhere
    known = await terms.get_terms(visit.context, customer.actor, subject)
    if not choice.open_lines(view, known.left_out):
        return await _refuse(own, view, known)
    fields = await quoted.fields_of(visit, view, subject, quote)
    fields = fields or Fields(visit.request.query_params.multi_items())
    chosen = await choice.read_offered(visit, view, fields, known.left_out)
    return await _show_choice(own, view, known, chosen)


@router.post("/{plural}/{ref}/cancel")
async def look_over(plural: str, ref: Ref, own: OwnVisit) -> Response:
    """Fix the price of what was chosen for a while, and go to where it is shown once more before
    it is done. The customer's own words are kept beside the quote: they belong into no address.

    `again` works the amounts out and stays at the choice, for who has no script.
    """
    visit, customer = own
    await visit.check_form()
    view, subject = await own_subject(visit, customer, plural, ref)
    if elsewhere := _elsewhere(visit, view):
        return elsewhere
    known = await terms.get_terms(visit.context, customer.actor, subject)
    fields = await visit.fields()
    chosen = await choice.read_offered(visit, view, fields, known.left_out)
    if not choice.open_lines(view, known.left_out):
        return await _refuse(own, view, known)
    given = await _quote_or_fault(own, subject, chosen)
    is_again = bool(fields.one("again"))
    if isinstance(given, str):
        return await _show_choice(own, view, known, chosen, None if is_again else given)
    return go(quoted.choice_of(given) if is_again else quoted.page_of(given))


async def _quote_or_fault(
    own: tuple[Visit, Customer], subject: SubjectRef, chosen: Choice
) -> QuoteView | str:
    visit, customer = own
    if not chosen.quantities:
        return "nothing"
    if chosen.odd:
        return "quantity"
    asked = chosen.asked(subject)
    try:
        given = await quotes.quote(visit.context, customer.actor, asked, keeps_note=True)
    except NoteRequired:
        return "note"
    except ReasonRequired:
        return "reason"
    return "declined" if given.decision.is_declined else given


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
    facts = await followed(own, view, known, chosen)
    if visit.is_fragment:
        shown = visit.request.query_params.getlist("way")
        changed = not chosen.odd and has_changed(facts["ways"], shown)
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
