"""Cancelling, in three steps: choose and see the price, look it over, confirm."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from domain.decisions import Decision, Outcome, adjustment_finding
from domain.errors import (
    NoteRequired,
    QuoteExpired,
    QuoteNotFound,
    QuoteOutdated,
    QuoteUsed,
    ReasonRequired,
)
from domain.requests import Right
from domain.subjects import Kind, SubjectRef
from domain.values import Ref
from notifications.curve import curve
from use_cases import cancellations, customers, quotes, reasons
from use_cases.customers import Customer
from use_cases.intake import Asked, AskedLine
from use_cases.quotes import QuoteView
from use_cases.subject_views import SubjectView
from web.portal import choice, subjects
from web.portal.choice import Choice
from web.portal.spoken import speaker_of
from web.portal.visit import PLURALS, OwnVisit, Visit, go, path_of
from web.shared.fields import Fields

router = APIRouter()

KINDS = {plural: kind for kind, plural in PLURALS.items()}
_UNFINISHED = HTTPStatus.UNPROCESSABLE_ENTITY


@router.get("/{plural}/{ref}/cancel")
async def choose(plural: str, ref: Ref, own: OwnVisit) -> Response:
    """Show what can be chosen; each change of it is asked again, by the script or by a button."""
    visit, customer = own
    view, subject = await own_subject(visit, customer, plural, ref)
    if view.part_of is not None:
        return go(f"{path_of(SubjectRef(kind=Kind.ORDER, id=view.part_of.order))}/cancel")
    if past := subjects.running(view):
        return go(f"/cancellations/{past.id}")
    if not choice.open_lines(view):
        return go(path_of(subject))
    return await _show_choice(
        own, view, choice.read(view, Fields(visit.request.query_params.multi_items()))
    )


@router.post("/{plural}/{ref}/cancel")
async def look_over(plural: str, ref: Ref, own: OwnVisit) -> Response:
    """Fix the price of what was chosen for a while, and show it once more before it is done."""
    visit, customer = own
    await visit.check_form()
    view, subject = await own_subject(visit, customer, plural, ref)
    chosen = choice.read(view, await visit.fields())
    if not chosen.quantities:
        return await _show_choice(own, view, chosen, "nothing")
    try:
        given = await quotes.quote(visit.context, customer.actor, chosen.asked(subject))
    except NoteRequired:
        return await _show_choice(own, view, chosen, "note")
    except ReasonRequired:
        return await _show_choice(own, view, chosen, "reason")
    if given.decision.outcome is Outcome.DECLINED:
        return await _show_choice(own, view, chosen)
    return await _show_review(visit, view, given, chosen.note)


@router.post("/{plural}/{ref}/confirm")
async def confirm(plural: str, ref: Ref, own: OwnVisit) -> Response:
    """Do what was looked over, once: the quote is the key, however often it is sent."""
    visit, customer = own
    await visit.check_form()
    view, subject = await own_subject(visit, customer, plural, ref)
    fields = await visit.fields()
    note = fields.one("note") or None
    given = await _quote(visit, subject, fields.one("quote"))
    if given.used_by:
        return go(f"/cancellations/{given.used_by}")
    asked = _asked(given, note)
    try:
        done = await cancellations.request_cancellation(
            visit.context, customer.actor, asked, f"portal/{given.id}"
        )
    except QuoteUsed as error:
        return go(f"/cancellations/{error.params['cancellation_id']}")
    except (QuoteExpired, QuoteOutdated):
        fresh = asked.model_copy(update={"quote_id": None})
        again = await quotes.quote(visit.context, customer.actor, fresh)
        return await _show_review(visit, view, again, note, before=given.decision)
    return go(f"/cancellations/{done.id}")


async def own_subject(
    visit: Visit, customer: Customer, plural: str, ref: str
) -> tuple[SubjectView, SubjectRef]:
    kind = KINDS.get(plural)
    subject = SubjectRef(kind=kind or Kind.ORDER, id=ref if kind else "-")
    return await customers.get(visit.context, customer, subject, visit.languages), subject


async def _show_choice(
    own: tuple[Visit, Customer], view: SubjectView, chosen: Choice, fault: str | None = None
) -> Response:
    visit, customer = own
    subject = SubjectRef(kind=view.kind, id=view.id)
    decision = None
    if chosen.quantities:
        plain = chosen.asked(subject).model_copy(update={"reason": chosen.reason, "note": "-"})
        decision = await quotes.preview(visit.context, customer.actor, _previewed(plain))
    facts = {
        "view": view,
        "lines": choice.open_lines(view),
        "chosen": chosen,
        "fault": fault,
        **_told(visit, view, decision),
    }
    if visit.is_fragment:
        return visit.show("summary.html", **facts)
    offered = await reasons.list_reasons(visit.context, view.kind, visit.languages)
    status = _UNFINISHED if fault else HTTPStatus.OK
    return visit.show("choose.html", status=status, reasons=offered, **facts)


def _previewed(asked: Asked) -> Asked:
    """A choice in the making: a reason whose note isn't written yet is no fault so far."""
    return asked if asked.reason else asked.model_copy(update={"note": None})


async def _show_review(
    visit: Visit,
    view: SubjectView,
    given: QuoteView,
    note: str | None,
    before: Decision | None = None,
) -> Response:
    offered = await reasons.list_reasons(visit.context, view.kind, visit.languages)
    labels = {reason.code: reason.label for reason in offered}
    titles = {line.id: line for line in view.lines}
    return visit.show(
        "review.html",
        view=view,
        given=given,
        note=note,
        before=before,
        reason=labels.get(given.request.reason or ""),
        titles=titles,
        **_told(visit, view, given.decision),
    )


def _told(visit: Visit, view: SubjectView, decision: Decision | None) -> dict[str, Any]:
    """A decision in sentences: why it is so, and what it comes to later."""
    if decision is None:
        return {"decision": None, "why": [], "later": [], "adjusted_why": []}
    speaker = speaker_of(visit.words, view)
    said = (speaker.sentence(code) for code in decision.codes)
    why: Sequence[str] = list(dict.fromkeys(sentence for sentence in said if sentence))
    adjustments = (adjustment for line in decision.lines for adjustment in line.adjustments)
    adjusted = (speaker.sentence(adjustment_finding(each)) for each in adjustments)
    return {
        "decision": decision,
        "why": why,
        "later": curve(decision, speaker),
        "adjusted_why": list(dict.fromkeys(sentence for sentence in adjusted if sentence)),
    }


def _asked(given: QuoteView, note: str | None) -> Asked:
    """The request that a quote was given for."""
    request = given.request
    return Asked(
        subject=given.subject,
        lines=tuple(AskedLine(id=line.id, quantity=line.quantity) for line in request.lines),
        reason=request.reason,
        note=note,
        right=Right(request.right),
        method=request.method,
        quote_id=given.id,
    )


async def _quote(visit: Visit, subject: SubjectRef, quote_id: str) -> QuoteView:
    """A quote of this subject. Raises QuoteNotFound, also for what is no id."""
    try:
        given = await quotes.get_quote(visit.context, UUID(quote_id))
    except ValueError:
        raise QuoteNotFound("there is no such quote") from None
    if given.subject != subject:
        raise QuoteNotFound("that quote is for something else")
    return given
