"""Asking for an exception where the policy says no: a favour, which a person grants or doesn't."""

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID, uuid4, uuid5

from fastapi import APIRouter
from starlette.responses import Response

from domain.decisions import Decision
from domain.errors import EvidenceFull, InvalidRequest, SubjectBusy
from domain.evidence import MOST_FILES
from domain.requests import Right
from domain.subjects import SubjectRef
from domain.values import Ref
from use_cases import cancellations, quotes
from use_cases.customers import Customer
from use_cases.evidence import SentFile
from use_cases.intake import Asked
from use_cases.subject_views import SubjectView
from web.portal import choice
from web.portal.cancelling import uploads
from web.portal.cancelling.uploads import Faulty, Upload
from web.portal.choice import Choice
from web.portal.owned import own_subject, running
from web.portal.visit import FormRefused, Visit, go, path_of
from web.portal.visitors import OwnVisit
from web.portal.waiting import answer_by
from web.shared.fields import Fields

router = APIRouter()

Own = tuple[Visit, Customer]

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
    async with uploads.received(visit.request) as upload:
        await visit.check_form(upload.fields)
        view, subject = await own_subject(visit, customer, plural, ref)
        chosen = await choice.read_offered(visit, view, upload.fields)
        faults = [*_faults(chosen), *await upload.faults()]
        if not faults:
            try:
                return await _request(own, chosen, subject, upload)
            except EvidenceFull:
                faults = [Faulty("full")]
            except SubjectBusy as busy:
                return _sent_first(visit, view, busy)
        return await _show(own, view, chosen, subject, faults, had_files=upload.has_files)


async def _request(own: Own, chosen: Choice, subject: SubjectRef, upload: Upload) -> Response:
    """That files came along is a fact that policies may ask for: `evidence.files`, how many."""
    visit, customer = own
    files = await upload.sent()
    asked = chosen.asked(subject, Right.GOODWILL)
    if files:
        asked = asked.model_copy(update={"evidence": {"files": len(files)}})
    key = _key(upload.fields, asked, files)
    done = await cancellations.request_cancellation(
        visit.context, customer.actor, asked, f"exception/{key}", files
    )
    return go(f"/cancellations/{done.id}")


def _sent_first(visit: Visit, view: SubjectView, busy: SubjectBusy) -> Response:
    """Another tab was faster, with something else: nothing of this one is kept."""
    if busy.cancellation_id is None:
        raise busy
    status, first = HTTPStatus.CONFLICT, busy.cancellation_id
    return visit.show("other_first.html", status=status, view=view, first=first)


async def _show(
    own: Own,
    view: SubjectView,
    chosen: Choice,
    subject: SubjectRef,
    faults: Sequence[Faulty] = (),
    *,
    had_files: bool = False,
) -> Response:
    visit, _ = own
    decision = await _decision(own, view, chosen, subject, Right.GOODWILL)
    if decision is None or (not faults and decision.is_declined):
        return go(path_of(subject))
    return visit.show(
        "exception.html",
        status=_UNFINISHED if faults else HTTPStatus.OK,
        view=view,
        lines=choice.open_lines(view),
        chosen=chosen,
        faults=faults,
        faulty={fault.code for fault in faults},
        had_files=had_files,
        key=uuid4(),
        until=answer_by(visit, view, decision),
        most_files=MOST_FILES,
        days_kept=max(1, visit.context.evidence_kept.days),
    )


async def _decision(
    own: Own,
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


def _faults(chosen: Choice) -> list[Faulty]:
    if not chosen.quantities:
        return [Faulty("nothing")]
    found = [Faulty("quantity")] if chosen.odd else []
    return found if chosen.note else [*found, Faulty("note")]


def _key(fields: Fields, asked: Asked, files: Sequence[SentFile]) -> UUID:
    """What makes a second click the same request; with other words or files it is another one.
    Raises FormRefused for a form that isn't ours."""
    told = "/".join([asked.fingerprint(), *(file.digest for file in files)])
    try:
        return uuid5(UUID(fields.one("key")), told)
    except ValueError:
        raise FormRefused from None
