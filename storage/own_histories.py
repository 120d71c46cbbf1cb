"""What customers asked for and declared, over all that is theirs, in one list."""

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    ScalarSelect,
    Select,
    String,
    Text,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from domain.decisions import Outcome
from domain.lifecycle import REFUND_AT_REST, CancellationState, RefundState
from domain.requests import Right
from storage.belongings import Owner, Place
from storage.cancellations import CancellationRow
from storage.refund_requests import RefundRequestRow
from storage.refunds import RefundRow
from storage.requests import RequestRow
from storage.subjects import SubjectRow
from storage.withdrawals import WithdrawalRow


class What(StrEnum):
    CANCELLATION = "cancellation"
    WITHDRAWAL = "withdrawal"
    EXCEPTION = "exception"
    REFUND = "refund"
    DECLARATION = "declaration"


class How(StrEnum):
    """How it stands: going on, done, a no whoever gave it, or taken back by who asked."""

    OPEN = "open"
    DONE = "done"
    NO = "no"
    BACK = "back"


_RIGHTS = {Right.LAW: What.WITHDRAWAL, Right.GOODWILL: What.EXCEPTION}
_STATES = {
    CancellationState.CANCELLED: How.DONE,
    CancellationState.DECLINED: How.NO,
    CancellationState.RESTORED: How.NO,
    CancellationState.UNDONE: How.BACK,
}
_LANDED = (RefundState.SUCCEEDED, RefundState.PAID_OTHERWISE)


async def page(
    session: AsyncSession,
    owner: Owner,
    limit: int,
    how: How | None = None,
    after: Place | None = None,
) -> list[Row[Any]]:
    """The newest first."""
    parts = (_cancellations(owner), _refund_requests(owner), _declarations(owner))
    found = union_all(*parts).subquery()
    wanted: list[ColumnElement[bool]] = [found.c.how == how.value] if how else []
    if after:
        wanted.append(tuple_(found.c.at, found.c.id) < tuple_(*after))
    rows = await session.execute(
        select(found).where(*wanted).order_by(found.c.at.desc(), found.c.id.desc()).limit(limit)
    )
    return list(rows)


async def refunded(session: AsyncSession, owner: Owner) -> list[tuple[str, int, int]]:
    """By currency: what came back, and what is still on its way."""
    amount, is_there = RefundRow.amount_minor, RefundRow.state.in_(_LANDED)
    is_owed = RefundRow.state.not_in(REFUND_AT_REST)
    rows = await session.execute(
        select(
            RefundRow.currency,
            func.coalesce(func.sum(amount).filter(is_there), 0),
            func.coalesce(func.sum(amount).filter(is_owed), 0),
        )
        .join(SubjectRow, SubjectRow.id == RefundRow.subject_id)
        .outerjoin(CancellationRow, CancellationRow.id == RefundRow.cancellation_id)
        .where(
            owner.owns(),
            or_(
                RefundRow.cancellation_id.is_(None),
                CancellationRow.state == CancellationState.CANCELLED,
            ),
        )
        .group_by(RefundRow.currency)
        .order_by(RefundRow.currency)
    )
    return [(currency, int(back), int(owed)) for currency, back, owed in rows]


def _cancellations(owner: Owner) -> Select[*tuple[Any, ...]]:
    row = CancellationRow
    rights = {right.value: what.value for right, what in _RIGHTS.items()}
    states = {state.value: how.value for state, how in _STATES.items()}
    return (
        select(
            case(rights, value=cast(row.right, Text), else_=What.CANCELLATION.value).label("what"),
            row.id.label("id"),
            cast(SubjectRow.kind, Text).label("kind"),
            SubjectRow.ref.label("ref"),
            SubjectRow.zone.label("zone"),
            cast(row.state, Text).label("state"),
            case(states, value=cast(row.state, Text), else_=How.OPEN.value).label("how"),
            (row.refund_minor - _waived()).label("amount"),
            row.currency.label("currency"),
            row.requested_at.label("at"),
            row.id.label("cancellation_id"),
            row.approval_until.is_not(None).label("was_asked"),
        )
        .join(SubjectRow, SubjectRow.id == row.subject_id)
        .where(owner.owns())
    )


def _waived() -> ScalarSelect[int]:
    """What was to go back of a cancellation, and doesn't by somebody's decision."""
    return (
        select(func.coalesce(func.sum(RefundRow.amount_minor), 0))
        .where(
            RefundRow.cancellation_id == CancellationRow.id, RefundRow.state == RefundState.WAIVED
        )
        .correlate(CancellationRow)
        .scalar_subquery()
    )


def _granted() -> ScalarSelect[int]:
    """What of a request for money goes back or still may: a yes can have lowered it."""
    return (
        select(func.coalesce(func.sum(RefundRow.amount_minor), 0))
        .where(RefundRow.request_id == RefundRequestRow.id, RefundRow.state != RefundState.WAIVED)
        .correlate(RefundRequestRow)
        .scalar_subquery()
    )


def _refund_requests(owner: Owner) -> Select[*tuple[Any, ...]]:
    """Those made on their own, after a cancellation or without one."""
    row = RefundRequestRow
    mine = exists().where(RefundRow.request_id == row.id)
    is_open = mine.where(RefundRow.state.not_in(REFUND_AT_REST))
    how = case(
        (row.outcome == Outcome.DECLINED, How.NO.value),
        (is_open, How.OPEN.value),
        (mine.where(RefundRow.state.in_(_LANDED)), How.DONE.value),
        else_=How.NO.value,
    )
    return (
        select(
            literal(What.REFUND.value),
            row.id,
            cast(SubjectRow.kind, Text),
            SubjectRow.ref,
            SubjectRow.zone,
            how,
            how,
            _granted(),
            row.currency,
            row.requested_at,
            row.cancellation_id,
            false(),
        )
        .join(SubjectRow, SubjectRow.id == row.subject_id)
        .where(owner.owns())
    )


def _declarations(owner: Owner) -> Select[*tuple[Any, ...]]:
    """Declarations of withdrawal of which no cancellation has come: a person looks at them."""
    row = WithdrawalRow
    key = func.concat("withdrawal/", cast(row.id, String))
    is_carried_out = exists().where(
        RequestRow.subject_id == row.subject_id, RequestRow.idempotency_key == key
    )
    is_theirs = [owner.owns()]
    if owner.email:
        is_theirs.append(func.lower(row.email) == owner.email)
    return (
        select(
            literal(What.DECLARATION.value),
            row.id,
            func.coalesce(cast(SubjectRow.kind, Text), "order"),
            row.number,
            SubjectRow.zone,
            literal(How.OPEN.value),
            literal(How.OPEN.value),
            null(),
            null(),
            row.received_at,
            null(),
            false(),
        )
        .outerjoin(SubjectRow, SubjectRow.id == row.subject_id)
        .where(or_(*is_theirs), ~is_carried_out)
    )
