"""What becomes of a cancellation: the page, the same told live, and taking it back."""

from contextlib import suppress
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from domain.errors import AlreadyAnswered
from use_cases import customers, reasons, replies, subjects
from use_cases.standings import Standing
from web.portal.tracking import evidence
from web.portal.tracking.progress import moving_part, told_live
from web.portal.visit import Visit, go
from web.portal.visitors import OwnVisit
from web.shared.event_stream import EventStream

router = APIRouter(prefix="/cancellations")


@router.get("/{cancellation_id}")
async def show(cancellation_id: UUID, own: OwnVisit) -> Response:
    visit, customer = own
    now = await customers.standing_of(visit.context, customer, cancellation_id)
    if now.seen.joined_id is not None:
        return go(f"/cancellations/{now.seen.joined_id}")
    view = await subjects.get(visit.context, now.seen.subject, visit.languages)
    facts = moving_part(visit.portal, visit.words, now) | {
        "view": view,
        "titles": {line.id: line for line in view.lines},
        "reason": await _reason(visit, now),
        "form_token": visit.form_token,
        "files": await evidence.listed(visit, now.seen),
    }
    return visit.show("status.html", **facts)


@router.get("/{cancellation_id}/live")
async def live(cancellation_id: UUID, own: OwnVisit) -> Response:
    """Send the moving part of the page whenever it changes, until nothing more can."""
    visit, customer = own
    streams = visit.portal.streams
    now = customers.check_theirs(customer, await streams.standing(cancellation_id))
    pieces = told_live(visit, customer, streams.follow_standing(now))
    return EventStream(pieces, streams.admitted(f"session/{visit.session_id}"))


@router.post("/{cancellation_id}/undo")
async def undo(cancellation_id: UUID, own: OwnVisit) -> Response:
    """Take it back. Too late is no fault: the page tells what happened instead."""
    visit, customer = own
    await visit.check_form()
    now = await customers.standing_of(visit.context, customer, cancellation_id)
    with suppress(AlreadyAnswered):
        await replies.undo(visit.context, customer.actor, cancellation_id, now.seen.asker)
    return go(f"/cancellations/{cancellation_id}")


async def _reason(visit: Visit, now: Standing) -> str | None:
    """What was chosen as the reason, in the reader's language."""
    code = now.seen.reason.code
    if code is None:
        return None
    offered = await reasons.list_reasons(visit.context, now.subject.kind, visit.languages)
    return {one.code: one.label for one in offered}.get(code)
