"""Looking over what was chosen at its quoted price, and confirming it: once."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from domain.decisions import Decision
from domain.errors import (
    IdempotencyKeyReused,
    QuoteExpired,
    QuoteOutdated,
    QuoteUsed,
    SubjectBusy,
)
from domain.lifecycle import CancellationState
from domain.values import Ref
from use_cases import cancellations, quotes, reasons, terms
from use_cases.quotes import QuoteView
from use_cases.subject_views import SubjectView
from use_cases.terms import Terms
from web.portal.cancelling import quoted
from web.portal.cancelling.quoted import is_fee_due, quote_of
from web.portal.cancelling.refusing import show_refused
from web.portal.explained import explain
from web.portal.owned import own_subject, running
from web.portal.spoken import speaker_of
from web.portal.visit import Visit, go
from web.portal.visitors import OwnVisit
from web.portal.waiting import answer_by, undo_until
from web.shared.fields import Fields

router = APIRouter()


@router.get("/{plural}/{ref}/review")
async def review(
    plural: str, ref: Ref, own: OwnVisit, quote: str = "", missing: str = "", changed: str = ""
) -> Response:
    """Show what was quoted; who comes back to it after confirming is led to what became of it.

    `missing` and `changed` say how confirming came out: a fee isn't acknowledged, or an older
    quote, the one of this id, no longer held.
    """
    visit, customer = own
    view, subject = await own_subject(visit, customer, plural, ref)
    given = await quote_of(visit, subject, quote)
    if given.used_by:
        return go(f"/cancellations/{given.used_by}")
    met = await quotes.met(visit.context, customer.actor, quoted.key_of(given))
    if met and met.is_same:
        return go(f"/cancellations/{met.cancellation_id}")
    if first := met.cancellation_id if met else _on_its_way(view):
        return visit.show("other_first.html", status=HTTPStatus.CONFLICT, view=view, first=first)
    known = await terms.get_terms(visit.context, customer.actor, subject)
    if given.decision.is_declined:
        speaker = speaker_of(visit.words, view, known.sentences)
        return await show_refused(own, view, speaker, given.decision, HTTPStatus.CONFLICT)
    is_missing = missing == "fee" and is_fee_due(given.decision)
    before = await quote_of(visit, subject, changed) if changed else None
    return await _show(visit, view, given, known, is_missing=is_missing, before=before)


@router.post("/{plural}/{ref}/confirm")
async def confirm(plural: str, ref: Ref, own: OwnVisit) -> Response:
    """Do what was looked over, once: the quote is the key, however often it is sent.

    Whatever comes of it has an address of its own.
    """
    visit, customer = own
    await visit.check_form()
    _, subject = await own_subject(visit, customer, plural, ref)
    fields = await visit.fields()
    given = await quote_of(visit, subject, fields.one("quote"))
    here = quoted.page_of(given)
    if given.used_by:
        return go(here)
    if not _knows_fee(fields, given.decision):
        return go(f"{here}&missing=fee")
    asked = quoted.asked(given, await quotes.note_of(visit.context, given.id))
    try:
        done = await cancellations.request_cancellation(
            visit.context, customer.actor, asked, quoted.key_of(given)
        )
    except QuoteUsed:
        return go(here)
    except SubjectBusy as error:
        if error.cancellation_id is None:
            raise
        return go(here)
    except (QuoteExpired, QuoteOutdated, IdempotencyKeyReused):
        fresh = asked.model_copy(update={"quote_id": None})
        again = await quotes.quote(visit.context, customer.actor, fresh, keeps_note=True)
        return go(f"{quoted.page_of(again)}&changed={given.id}")
    return go(f"/cancellations/{done.id}")


async def _show(
    visit: Visit,
    view: SubjectView,
    given: QuoteView,
    known: Terms,
    *,
    is_missing: bool,
    before: QuoteView | None,
) -> Response:
    """`is_missing` is about the tick that says that the fee is known. `before` no longer held."""
    offered = await reasons.list_reasons(visit.context, view.kind, visit.languages)
    labels = {reason.code: reason.label for reason in offered}
    decision = given.decision
    return visit.show(
        "review.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if is_missing else HTTPStatus.OK,
        is_missing=is_missing,
        is_new=before is not None,
        first=_sent_since(view, before) if before else None,
        view=view,
        given=given,
        note=await quotes.note_of(visit.context, given.id),
        reason=labels.get(given.request.reason or ""),
        wording=known.wording,
        is_fee_due=is_fee_due(decision),
        answer_by=answer_by(visit, view, decision),
        undo_until=undo_until(visit, decision),
        **explain(speaker_of(visit.words, view, known.sentences), decision),
    )


def _knows_fee(fields: Fields, decision: Decision) -> bool:
    """Whether this very fee was ticked; another one, of an older quote, doesn't count."""
    return not is_fee_due(decision) or fields.one("fee") == str(decision.fee_minor)


def _sent_since(view: SubjectView, before: QuoteView) -> UUID | None:
    """What was cancelled after that quote was given, the last of it; None if nothing was."""
    given_at = before.request.requested_at
    done = [one for one in view.cancellations if one.state is CancellationState.CANCELLED]
    since = [one for one in done if given_at and one.requested_at > given_at]
    return max(since, key=lambda one: one.requested_at).id if since else None


def _on_its_way(view: SubjectView) -> UUID | None:
    past = running(view)
    return past.id if past else None
