"""Gathers from storage what the mails about a refund without a cancellation have to tell."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from activities.news import one_refund, payback, reader_of
from activities.places import Places
from domain.attention import Waits
from domain.ids import refund_workflow
from domain.lifecycle import RefundState
from domain.reasons import Reason
from notifications.news import Audience, News
from storage import preferences, reasons, refund_requests, refunds
from storage.notifications import NotificationRow
from storage.preferences import PreferencesRow
from storage.refund_requests import RefundRequestRow
from storage.refunds import RefundRow
from storage.subjects import SubjectRow

DEADLINE = "deadline"
"""Who said no where nobody did in time."""


class RequestCase(NamedTuple):
    """A request for a refund with all that its mails may tell, as it stands now."""

    request: RefundRequestRow
    subject: SubjectRow
    reason: Reason | None
    refunds: Sequence[RefundRow]
    refusals: frozenset[str]
    preferences: PreferencesRow | None


async def load_request(session: AsyncSession, request_id: UUID) -> RequestCase:
    request = await refund_requests.get(session, request_id)
    subject = await session.get_one(SubjectRow, request.subject_id)
    rows = await refunds.of_request(session, request_id)
    said = await refund_requests.refusals(session, [row.id for row in rows])
    return RequestCase(
        request=request,
        subject=subject,
        reason=await reasons.find(session, request.reason) if request.reason else None,
        refunds=rows,
        refusals=frozenset(said.values()),
        preferences=await preferences.find(session, subject.customer_ref, subject.customer_email),
    )


def tell_request(row: NotificationRow, case: RequestCase, places: Places) -> News:
    """Say what this mail about a request is to tell."""
    request, is_business = case.request, row.audience == Audience.BUSINESS
    reader = reader_of(row, case.subject, case.preferences, places.language)
    named = next((one for one in case.refunds if str(one.id) == row.data.get("refund")), None)
    going = [one for one in case.refunds if one.state is not RefundState.WAIVED]
    first = named or case.refunds[0]
    return News(
        **reader,
        request_id=request.id,
        requested_at=request.requested_at,
        initiator=request.initiator,
        reason=case.reason.label(reader["language"]) if case.reason else None,
        note=request.note if is_business else None,
        cause=DEADLINE if case.refusals == {DEADLINE} else "staff",
        currency=request.currency,
        asked_minor=request.amount_minor,
        paybacks=tuple(payback(one) for one in going),
        failure=row.data.get("failure"),
        record_url=places.record(f"/v1/refund-requests/{request.id}") if is_business else "",
        page_url="" if is_business else places.page(case.subject.id),
        run_url=places.run(refund_workflow(first.id)) if is_business else "",
        told_at=row.created_at,
        **(one_refund(named) | _awaited(case)),
    )


def _awaited(case: RequestCase) -> dict[str, object]:
    """Until when a yes is awaited, where one is."""
    waiting = [one.answer_by for one in case.refunds if one.attention == Waits.APPROVAL]
    ends = [end for end in waiting if end is not None]
    return {"answer_by": min(ends)} if ends else {}
