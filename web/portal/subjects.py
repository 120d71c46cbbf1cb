"""One order or appointment: what it is, whether it can be cancelled, and what happened to it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from fastapi import APIRouter
from starlette.responses import Response

from domain.decisions import Decision
from domain.errors import InvalidRequest, PartOfOrder
from domain.subjects import Kind, SubjectRef
from domain.values import Ref
from notifications.curve import curve
from use_cases import customers, maintenance, terms
from use_cases.customers import Customer
from use_cases.subject_views import SubjectView
from web.portal import choice
from web.portal.cancelling.refusing import ways_out
from web.portal.explained import LineWhy, lines_why, sentences
from web.portal.law import entry_of
from web.portal.owned import running
from web.portal.spoken import speaker_of
from web.portal.visit import Visit
from web.portal.visitors import OwnVisit
from web.portal.waiting import is_ahead

router = APIRouter()


class Shown(NamedTuple):
    """What cancelling all of it would come to now: in a sentence for each span of time ahead, and
    why it can't be done where it can't, as a whole or line by line. `wording` is the policy's."""

    decision: Decision | None
    later: Sequence[str] = ()
    why: Sequence[str] = ()
    lines_why: Mapping[str, LineWhy] = {}
    wording: str | None = None
    is_possible: bool = False
    law_ended_at: datetime | None = None

    @property
    def is_refused(self) -> bool:
        return self.decision is not None and not self.is_possible

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
    shown = await _terms(visit, customer, view, subject)
    facts: dict[str, Any] = {"view": view, "terms": shown, "running": running(view)}
    if shown.is_refused:
        facts |= await ways_out((visit, customer), view)
    else:
        facts |= {
            "withdrawal": await entry_of(visit, view, subject),
            "is_ahead": is_ahead(visit, view),
            "maintenance": await maintenance.find_now(visit.context),
        }
    return visit.show("subject.html", **facts)


async def _terms(visit: Visit, customer: Customer, view: SubjectView, subject: SubjectRef) -> Shown:
    if not choice.open_lines(view) or view.part_of:
        return Shown(None)
    try:
        known = await terms.get_terms(visit.context, customer.actor, subject)
    except (InvalidRequest, PartOfOrder):
        return Shown(None)
    speaker = speaker_of(visit.words, view, known.sentences)
    return Shown(
        known.decision,
        curve(known.decision, speaker),
        sentences(speaker, known.decision.codes),
        lines_why(speaker, known.left_out),
        known.wording,
        bool(choice.open_lines(view, known.left_out)),
        known.law_ended_at,
    )
