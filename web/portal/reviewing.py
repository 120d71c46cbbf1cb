"""Looking over what was chosen at its quoted price, and confirming it: once."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from domain.decisions import Decision
from domain.errors import QuoteExpired, QuoteNotFound, QuoteOutdated, QuoteUsed
from domain.requests import Right
from domain.subjects import SubjectRef
from domain.values import Ref
from use_cases import cancellations, quotes, reasons, terms
from use_cases.intake import Asked, AskedLine
from use_cases.quotes import QuoteView
from use_cases.subject_views import SubjectView
from use_cases.terms import Terms
from web.portal.explained import explain
from web.portal.owned import own_subject
from web.portal.refusing import show_refused
from web.portal.spoken import speaker_of
from web.portal.visit import OwnVisit, Visit, go
from web.portal.waiting import answer_by, undo_until
from web.shared.fields import Fields

router = APIRouter()

_UNFINISHED = HTTPStatus.UNPROCESSABLE_ENTITY


@router.get("/{plural}/{ref}/review")
async def review(plural: str, ref: Ref, own: OwnVisit, quote: str = "") -> Response:
    """Show what was quoted; who comes back to it after confirming is led to what became of it."""
    visit, customer = own
    view, subject = await own_subject(visit, customer, plural, ref)
    given = await _quote(visit, subject, quote)
    if given.used_by:
        return go(f"/cancellations/{given.used_by}")
    known = await terms.get_terms(visit.context, customer.actor, subject)
    return await show_review(visit, view, given, known, None)


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
    known = await terms.get_terms(visit.context, customer.actor, subject)
    if not _knows_fee(fields, given.decision):
        return await show_review(visit, view, given, known, note, fault="fee")
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
        if again.decision.is_declined:
            speaker = speaker_of(visit.words, view, known.sentences)
            return await show_refused(own, view, speaker, again.decision, HTTPStatus.CONFLICT)
        return await show_review(visit, view, again, known, note, before=given.decision)
    return go(f"/cancellations/{done.id}")


async def show_review(
    visit: Visit,
    view: SubjectView,
    given: QuoteView,
    known: Terms,
    note: str | None,
    *,
    before: Decision | None = None,
    fault: str | None = None,
) -> Response:
    """`before` is what an older quote had said. `fault` names the field that is missing."""
    offered = await reasons.list_reasons(visit.context, view.kind, visit.languages)
    labels = {reason.code: reason.label for reason in offered}
    decision = given.decision
    return visit.show(
        "review.html",
        status=_UNFINISHED if fault else HTTPStatus.OK,
        fault=fault,
        view=view,
        given=given,
        note=note,
        before=before,
        reason=labels.get(given.request.reason or ""),
        wording=known.wording,
        is_fee_due=is_fee_due(decision),
        answer_by=answer_by(visit, view, decision),
        undo_until=undo_until(visit, decision),
        **explain(speaker_of(visit.words, view, known.sentences), decision),
    )


def is_fee_due(decision: Decision) -> bool:
    """Whether a fee has to be acknowledged: one that is known, and that isn't the law's."""
    return decision.fee_minor > 0 and decision.right is not Right.LAW


def _knows_fee(fields: Fields, decision: Decision) -> bool:
    """Whether this very fee was ticked; another one, of an older quote, doesn't count."""
    return not is_fee_due(decision) or fields.one("fee") == str(decision.fee_minor)


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
