"""One order or appointment: what it is, whether it can be cancelled, and what happened to it."""

from collections.abc import Sequence
from typing import NamedTuple

from fastapi import APIRouter
from starlette.responses import Response

from domain.decisions import Decision, Outcome
from domain.errors import InvalidRequest, PartOfOrder
from domain.subjects import Kind, SubjectRef
from domain.values import Ref
from notifications.curve import curve
from use_cases import customers, quotes
from use_cases.customers import Customer
from use_cases.intake import Asked
from use_cases.subject_views import PastCancellation, SubjectView
from web.portal import choice
from web.portal.spoken import speaker_of
from web.portal.visit import OwnVisit, Visit
from web.portal.withdrawing import entry_of

router = APIRouter()

_ON_ITS_WAY = frozenset({"awaiting_approval", "undo_window", "working", "needs_attention"})


class Terms(NamedTuple):
    """What cancelling all of it would come to now: in a sentence for each span of time ahead, and
    why it can't be done where it can't."""

    decision: Decision | None
    later: Sequence[str] = ()
    why: Sequence[str] = ()

    @property
    def is_possible(self) -> bool:
        return self.decision is not None and self.decision.outcome is not Outcome.DECLINED

    @property
    def is_asked(self) -> bool:
        """Whether a person decides, so that it is a request and not an act."""
        return self.decision is not None and self.decision.awaits_person


@router.get("/orders/{order_id}")
async def order(order_id: Ref, own: OwnVisit) -> Response:
    return await _show(SubjectRef(kind=Kind.ORDER, id=order_id), *own)


@router.get("/appointments/{appointment_id}")
async def appointment(appointment_id: Ref, own: OwnVisit) -> Response:
    return await _show(SubjectRef(kind=Kind.APPOINTMENT, id=appointment_id), *own)


async def _show(subject: SubjectRef, visit: Visit, customer: Customer) -> Response:
    view = await customers.get(visit.context, customer, subject, visit.languages)
    terms = await terms_of(visit, customer, view, subject)
    entry = await entry_of(visit, view, subject)
    return visit.show(
        "subject.html", view=view, terms=terms, running=running(view), withdrawal=entry
    )


async def terms_of(
    visit: Visit, customer: Customer, view: SubjectView, subject: SubjectRef
) -> Terms:
    if not choice.open_lines(view) or view.part_of:
        return Terms(None)
    try:
        decision = await quotes.preview(visit.context, customer.actor, Asked(subject=subject))
    except (InvalidRequest, PartOfOrder):
        return Terms(None)
    speaker = speaker_of(visit.words, view)
    why = [speaker.sentence(code) for code in decision.codes]
    return Terms(decision, curve(decision, speaker), [sentence for sentence in why if sentence])


def running(view: SubjectView) -> PastCancellation | None:
    """The cancellation that is on its way, if there is one."""
    return next((past for past in view.cancellations if past.state in _ON_ITS_WAY), None)
