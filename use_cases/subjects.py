"""Reading orders and appointments, one by one and in lists."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from domain.lifecycle import SubjectState
from domain.subjects import Kind, SubjectRef
from storage import (
    cancellations,
    card_holds,
    dues,
    events,
    holds,
    reasons,
    refunds,
    requests,
    subjects,
    tenders,
)
from storage.cancellations import CancellationRow
from storage.events import EventRow
from storage.facts import line as line_of
from storage.facts import moment
from storage.facts import tender as tender_of
from storage.refunds import RefundRow
from storage.reservations import ReservationRow
from storage.subjects import LineRow, SubjectRow
from storage.tenders import TenderRow
from use_cases.context import Context
from use_cases.due_views import amount_due, card_hold_view, due_view
from use_cases.paging import Page, cursor, read_instant_cursor
from use_cases.reasons import in_words
from use_cases.subject_views import (
    CustomerView,
    FrozenPolicy,
    LineView,
    OwnerLine,
    PastCancellation,
    PastReason,
    PastRefund,
    ReservationView,
    SubjectSummary,
    SubjectView,
    TenderView,
)
from use_cases.views import EventView


async def get(context: Context, subject: SubjectRef, languages: list[str]) -> SubjectView:
    """Read a subject with all that belongs to it; reasons in the first of these languages."""
    async with context.sessions() as session:
        return await of_row(session, await subjects.get(session, subject), languages)


async def of_row(session: AsyncSession, row: SubjectRow, languages: list[str]) -> SubjectView:
    """The same of a row that was read already."""
    lines = await subjects.lines_of(session, row.id)
    reserved = await _reservations(session, row)
    paid = await tenders.of_subject(session, row.id)
    views = await subjects.views_of(session, row.id)
    refunded = await refunds.of_subject(session, row.id)
    due = await dues.of_subject(session, row.id)
    held = await card_holds.of_subject(session, row.id)
    return SubjectView(
        **_summary(row),
        **_details(row),
        customer=_customer(row),
        part_of=await _part_of(session, row),
        appointments=tuple(sorted(view.ref for view in views)),
        total_minor=sum(line_of(line).total_minor for line in lines),
        lines=tuple(_line(line, reserved) for line in lines),
        tenders=tuple(map(_tender, paid)),
        cancellations=await _cancellations(session, row, languages),
        refunds=tuple(map(_refund, refunded)),
        amount_due_minor=amount_due(due, held),
        dues=tuple(map(due_view, due)),
        card_holds=tuple(map(card_hold_view, held)),
        history=tuple(map(_event, await events.of_subject(session, row.id))),
        held=await holds.find(session, row.id) is not None,
    )


async def events_of(context: Context, subject: SubjectRef, after: int = 0) -> list[EventView]:
    """What happened to a subject, in order, after this place in its sequence."""
    async with context.sessions() as session:
        row = await subjects.get(session, subject)
        return [_event(event) for event in await events.of_subject(session, row.id, after)]


async def list_subjects(
    context: Context,
    kind: Kind,
    *,
    stage: str | None = None,
    state: SubjectState | None = None,
    customer: str | None = None,
    limit: int,
    after: str | None = None,
) -> Page[SubjectSummary]:
    """Subjects of a kind by when they were first told of, the newest first."""
    key = (SubjectRow.created_at, SubjectRow.id)
    wanted: list[ColumnElement[bool]] = [SubjectRow.kind == kind]
    if stage:
        wanted.append(SubjectRow.stage == stage)
    if state:
        wanted.append(SubjectRow.cancellation_state == state)
    if customer:
        wanted.append(SubjectRow.customer_ref == customer)
    if after:
        wanted.append(tuple_(*key) < tuple_(*read_instant_cursor(after)))
    async with context.sessions() as session:
        found = await session.scalars(
            select(SubjectRow)
            .where(*wanted)
            .order_by(*(column.desc() for column in key))
            .limit(limit + 1)
        )
        rows = found.all()
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(
        items=tuple(summary(row) for row in rows[:limit]),
        next=cursor(last.created_at, last.id) if last is not None else None,
    )


def summary(row: SubjectRow) -> SubjectSummary:
    return SubjectSummary(**_summary(row), customer=row.customer_ref)


def _summary(row: SubjectRow) -> dict[str, object]:
    return {
        "kind": row.kind,
        "id": row.ref,
        "stage": row.stage,
        "state": row.cancellation_state,
        "currency": row.currency,
        "placed_at": row.placed_at,
        "starts_at": moment(row.starts_at, row.starts_on),
        "cancellable_until": row.cancellable_until,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


_SAME = (
    *("zone", "reschedules", "delivered_at", "channel", "brand", "place", "attributes", "consents"),
    *("terms_change_at", "window_closed_at", "cancelled_elsewhere_at"),
    *("promotions", "carried_minor"),
)


def _details(row: SubjectRow) -> dict[str, object]:
    return {
        **{name: getattr(row, name) for name in _SAME},
        "ends_at": moment(row.ends_at, row.ends_on),
        "original_starts_at": moment(row.original_starts_at, row.original_starts_on),
        "policy": FrozenPolicy(id=row.policy_id, version=row.policy_version),
    }


def _customer(row: SubjectRow) -> CustomerView:
    names = CustomerView.model_fields
    return CustomerView.model_validate({name: getattr(row, f"customer_{name}") for name in names})


async def _part_of(session: AsyncSession, row: SubjectRow) -> OwnerLine | None:
    if row.order_id is None or row.order_line_id is None:
        return None
    order = await session.scalar(select(SubjectRow.ref).where(SubjectRow.id == row.order_id))
    return OwnerLine(order=order or "", line=row.order_line_id)


async def _reservations(session: AsyncSession, row: SubjectRow) -> list[ReservationRow]:
    found = await session.scalars(
        select(ReservationRow)
        .where(ReservationRow.subject_id == row.id)
        .order_by(ReservationRow.starts_at, ReservationRow.unit)
    )
    return list(found)


def _line(row: LineRow, reserved: Sequence[ReservationRow]) -> LineView:
    line = line_of(row)
    return LineView(
        **dict(line),
        total_minor=line.total_minor,
        reservations=tuple(_reservation(one) for one in reserved if one.line_id == row.id),
    )


def _reservation(row: ReservationRow) -> ReservationView:
    return ReservationView(
        resource=row.resource_id,
        unit=row.unit,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        state=row.state,
    )


def _tender(row: TenderRow) -> TenderView:
    tender = tender_of(row)
    return TenderView(**dict(tender), refundable_minor=tender.refundable_minor)


def _refund(row: RefundRow) -> PastRefund:
    return PastRefund(
        id=row.id,
        cancellation_id=row.cancellation_id,
        request_id=row.request_id,
        tender=row.tender_id,
        amount_minor=row.amount_minor,
        state=row.state,
    )


def _event(row: EventRow) -> EventView:
    return EventView(
        sequence=row.sequence, type=row.type, at=row.at, actor=row.actor, data=row.data
    )


async def _cancellations(
    session: AsyncSession, row: SubjectRow, languages: list[str]
) -> tuple[PastCancellation, ...]:
    return tuple(
        [
            _cancellation(past, await _reason(session, past, languages))
            for past in await cancellations.of_subject(session, row.id)
        ]
    )


async def _reason(session: AsyncSession, past: CancellationRow, languages: list[str]) -> PastReason:
    request = await requests.find(session, past.id)
    reason = await reasons.find(session, past.reason) if past.reason else None
    return PastReason(
        code=past.reason,
        label=in_words(reason, languages).label if reason else None,
        note=request.note if request else None,
    )


def _cancellation(row: CancellationRow, reason: PastReason) -> PastCancellation:
    return PastCancellation(
        id=row.id,
        n=row.n,
        state=row.state,
        cause=row.cause,
        reason=reason,
        refund_minor=row.refund_minor,
        fee_minor=row.fee_minor,
        due_minor=row.due_minor,
        requested_at=row.requested_at,
        ended_at=row.ended_at,
    )
