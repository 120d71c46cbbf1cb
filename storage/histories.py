"""Cancellations that are over, each with its subject as it stood before it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from domain.facts import Facts
from domain.lifecycle import CancellationState, RefundState, SubjectState
from domain.requests import Request
from domain.subjects import Line, Tender
from storage import facts
from storage.cancellations import CancellationRow
from storage.refunds import RefundRow
from storage.requests import RequestRow
from storage.subjects import LineRow, SubjectRow
from storage.tenders import TenderRow

Place = tuple[datetime, UUID]
"""Where in the list a cancellation stands; the next page begins after it."""

_OVER = (CancellationState.CANCELLED, CancellationState.DECLINED)
_NOT_MOVED = (RefundState.OWED, RefundState.FAILED, RefundState.WAIVED)


@dataclass(frozen=True)
class Past:
    """What was asked for, and what was known then, as far as it is still known: the merchant's
    stage is today's. `facts` lack the settings of a policy."""

    place: Place
    facts: Facts
    request: Request
    policy_id: str
    policy_version: int


async def page(
    session: AsyncSession, size: int, after: Place | None = None, policy_id: str | None = None
) -> list[Past]:
    """Cancellations done or declined, oldest first; only of subjects under that policy, if any."""
    query = (
        select(CancellationRow, SubjectRow, RequestRow)
        .join(SubjectRow, SubjectRow.id == CancellationRow.subject_id)
        .join(RequestRow, RequestRow.id == CancellationRow.id)
        .where(CancellationRow.state.in_(_OVER))
        .order_by(CancellationRow.requested_at, CancellationRow.id)
        .limit(size)
    )
    if after is not None:
        query = query.where(tuple_(CancellationRow.requested_at, CancellationRow.id) > after)
    if policy_id is not None:
        query = query.where(SubjectRow.policy_id == policy_id)
    found = (await session.execute(query)).all()
    parts = await _parts(session, {subject.id for _, subject, _ in found})
    return [_past(parts, *each) for each in found]


@dataclass
class _Parts:
    """Of some subjects, by their id: all there is now."""

    lines: dict[UUID, list[LineRow]] = field(default_factory=lambda: defaultdict(list))
    tenders: dict[UUID, list[TenderRow]] = field(default_factory=lambda: defaultdict(list))
    done: dict[UUID, list[CancellationRow]] = field(default_factory=lambda: defaultdict(list))
    refunds: dict[UUID, list[RefundRow]] = field(default_factory=lambda: defaultdict(list))


async def _parts(session: AsyncSession, subjects: Collection[UUID]) -> _Parts:
    parts = _Parts()
    lines = select(LineRow).where(LineRow.subject_id.in_(subjects)).order_by(LineRow.position)
    for line in await session.scalars(lines):
        parts.lines[line.subject_id].append(line)
    paid = select(TenderRow).where(TenderRow.subject_id.in_(subjects)).order_by(TenderRow.position)
    for tender in await session.scalars(paid):
        parts.tenders[tender.subject_id].append(tender)
    done = select(CancellationRow).where(
        CancellationRow.subject_id.in_(subjects),
        CancellationRow.state == CancellationState.CANCELLED,
    )
    for row in await session.scalars(done):
        parts.done[row.subject_id].append(row)
    for refund in await session.scalars(
        select(RefundRow).where(RefundRow.subject_id.in_(subjects))
    ):
        parts.refunds[refund.subject_id].append(refund)
    return parts


def _past(
    parts: _Parts, cancellation: CancellationRow, subject: SubjectRow, asked: RequestRow
) -> Past:
    since = [row for row in parts.done[subject.id] if row.n >= cancellation.n]
    ids = {row.id for row in since}
    refunds = [row for row in parts.refunds[subject.id] if row.cancellation_id in ids]
    known = facts.build(subject, parts.lines[subject.id], parts.tenders[subject.id], {})
    before = {
        "state": SubjectState.NONE,
        "carried_minor": 0,
        "lines": tuple(_line_before(line, since) for line in known.lines),
        "tenders": tuple(_tender_before(tender, refunds) for tender in known.tenders),
    }
    return Past(
        place=(cancellation.requested_at, cancellation.id),
        facts=known.model_copy(update=before),
        request=asked.request.model_copy(update={"requested_at": asked.requested_at}),
        policy_id=subject.policy_id,
        policy_version=subject.policy_version,
    )


def _line_before(line: Line, since: Sequence[CancellationRow]) -> Line:
    """Without what this cancellation and later ones took."""
    parts = [part for row in since for part in row.lines if part["id"] == line.id]
    taken = sum(part["quantity"] for part in parts)
    back = sum(part["refund_minor"] for part in parts)
    before = {
        "quantity_cancelled": max(0, line.quantity_cancelled - taken),
        "refunded_minor": max(0, line.refunded_minor - back),
    }
    return line.model_copy(update=before)


def _tender_before(tender: Tender, refunds: Sequence[RefundRow]) -> Tender:
    """With what this cancellation and later ones gave back."""
    back = sum(
        row.amount_minor
        for row in refunds
        if row.tender_id == tender.id and row.state not in _NOT_MOVED
    )
    returned = max(0, tender.pending_minor + tender.returned_minor - back)
    return tender.model_copy(update={"pending_minor": 0, "returned_minor": returned})
