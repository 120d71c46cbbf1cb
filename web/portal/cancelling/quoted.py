"""A quote as the pages come back to it: whose it is, what it was given for, and its fee."""

from domain.decisions import Decision
from domain.errors import QuoteNotFound
from domain.requests import Right
from domain.subjects import SubjectRef
from use_cases import quotes
from use_cases.intake import Asked, AskedLine
from use_cases.quotes import QuoteView
from use_cases.subject_views import SubjectView
from web.portal.visit import Visit, path_of
from web.shared.fields import Fields, id_told


async def quote_of(visit: Visit, subject: SubjectRef, quote_id: str) -> QuoteView:
    """A quote of this subject. Raises QuoteNotFound, also for what is no id."""
    id_ = id_told(quote_id)
    if id_ is None:
        raise QuoteNotFound("there is no such quote")
    given = await quotes.get_quote(visit.context, id_)
    if given.subject != subject:
        raise QuoteNotFound("that quote is for something else")
    return given


def page_of(given: QuoteView) -> str:
    """Where it is looked over."""
    return f"{path_of(given.subject)}/review?quote={given.id}"


def choice_of(given: QuoteView) -> str:
    """Where it was chosen, with all that was chosen."""
    return f"{path_of(given.subject)}/cancel?quote={given.id}"


def key_of(given: QuoteView) -> str:
    """What makes confirming it a second time the same request."""
    return f"portal/{given.id}"


def asked(given: QuoteView, note: str | None) -> Asked:
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


async def fields_of(
    visit: Visit, view: SubjectView, subject: SubjectRef, quote_id: str
) -> Fields | None:
    """What was on the form of the choice when this quote was given; None if there is none."""
    try:
        given = await quote_of(visit, subject, quote_id)
    except QuoteNotFound:
        return None
    request, note = given.request, await quotes.note_of(visit.context, given.id)
    all_ = {line.id: line.quantity - line.quantity_cancelled for line in view.lines}
    chosen = {line.id: line.quantity for line in request.lines} or all_
    told = {"chosen": "1", "reason": request.reason, "method": request.method, "note": note}
    lines = [("line", id_) for id_ in chosen]
    quantities = [(f"quantity.{id_}", str(n)) for id_, n in chosen.items()]
    return Fields([*told.items(), *lines, *quantities])


def is_fee_due(decision: Decision) -> bool:
    """Whether a fee has to be acknowledged: one that is known, and that isn't the law's."""
    return decision.fee_minor > 0 and decision.right is not Right.LAW
