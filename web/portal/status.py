"""What becomes of a cancellation: the page, the same told live, and taking it back."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.responses import Response

from domain.contracts import Cause
from domain.errors import AlreadyAnswered
from domain.subjects import SubjectRef
from notifications import catalogue
from notifications.speaker import Speaker
from use_cases import customers, papers, reasons, replies, status
from use_cases.stream_views import Message, Sign, Snapshot
from use_cases.subject_views import SubjectView
from use_cases.views import CancellationView, Status
from web.portal.spoken import speaker_of
from web.portal.timeline import steps
from web.portal.visit import OwnVisit, Visit, go
from web.shared.event_stream import RETRY, RETRY_ENDED, EventStream

router = APIRouter(prefix="/cancellations")

_CAN_BE_UNDONE = frozenset({Status.RECEIVED, Status.AWAITING_APPROVAL, Status.UNDO_WINDOW})


@router.get("/{cancellation_id}")
async def show(cancellation_id: UUID, own: OwnVisit) -> Response:
    visit, customer = own
    subject = await customers.subject_of(visit.context, customer, cancellation_id)
    seen = await status.get_cancellation(visit.context, cancellation_id)
    if seen.joined_id is not None:
        return go(f"/cancellations/{seen.joined_id}")
    view = await customers.get(visit.context, customer, subject, visit.languages)
    return visit.show("status.html", **await _facts(visit, view, seen))


@router.get("/{cancellation_id}/live")
async def live(cancellation_id: UUID, own: OwnVisit) -> Response:
    """Send the moving part of the page whenever it changes, until nothing more can."""
    visit, customer = own
    subject = await customers.subject_of(visit.context, customer, cancellation_id)
    streams = visit.portal.streams
    opening = await streams.open_cancellation(cancellation_id, None)
    pieces = _pieces(own, subject, streams.of_cancellation(opening))
    return EventStream(pieces, streams.admitted(f"session/{visit.session_id}"))


@router.post("/{cancellation_id}/undo")
async def undo(cancellation_id: UUID, own: OwnVisit) -> Response:
    """Take it back. Too late is no fault: the page tells what happened instead."""
    visit, customer = own
    await visit.check_form()
    await customers.subject_of(visit.context, customer, cancellation_id)
    seen = await status.get_cancellation(visit.context, cancellation_id)
    with suppress(AlreadyAnswered):
        await replies.undo(visit.context, customer.actor, cancellation_id, seen.asker)
    return go(f"/cancellations/{cancellation_id}")


async def _pieces(
    own: OwnVisit, subject: SubjectRef, messages: AsyncGenerator[Message, None]
) -> AsyncGenerator[bytes, None]:
    async with aclosing(messages):
        async for message in messages:
            match message:
                case Sign.QUIET:
                    yield KEEPALIVE_COMMENT
                case Sign():
                    retry = RETRY_ENDED if message is Sign.END else RETRY
                    yield format_sse_event(event=message, data_str="-", retry=retry)
                case Snapshot(view=CancellationView() as seen):
                    yield await _progress(own, subject, seen)
                case CancellationView():
                    yield await _progress(own, subject, message)


async def _progress(own: OwnVisit, subject: SubjectRef, seen: CancellationView) -> bytes:
    """The moving part as it is now, with its subject as that became meanwhile."""
    visit, customer = own
    view = await customers.get(visit.context, customer, subject, visit.languages)
    facts = await _facts(visit, view, seen)
    html = visit.portal.pages.render("progress.html", visit.words, visit=visit, **facts)
    return format_sse_event(event="progress", data_str=html, retry=RETRY)


async def _facts(visit: Visit, view: SubjectView, seen: CancellationView) -> dict[str, Any]:
    offered = await reasons.list_reasons(visit.context, view.kind, visit.languages)
    speaker = speaker_of(visit.words, view)
    return {
        "view": view,
        "seen": seen,
        "steps": steps(seen, visit.context.clock()),
        "titles": {line.id: line for line in view.lines},
        "reason": {one.code: one.label for one in offered}.get(seen.reason.code or ""),
        "why": _why(speaker, seen),
        "speaker": speaker,
        "timing": lambda refund: refund.timing and catalogue.timing(speaker.tag, refund.timing),
        "can_undo": seen.state in _CAN_BE_UNDONE,
        "papers": await papers.of_cancellation(visit.context, seen.id),
    }


def _why(speaker: Speaker, seen: CancellationView) -> Sequence[str]:
    """Why it came out so: the rules' own sentences where it was the rules, else the cause."""
    if seen.cause and seen.cause != Cause.RULES:
        return [speaker.word("cause", seen.cause)]
    said = (speaker.sentence(code) for code in seen.codes)
    return list(dict.fromkeys(sentence for sentence in said if sentence))
