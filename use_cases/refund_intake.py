"""Requests for a refund as they come in: checked, decided and written down."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from domain.attention import Waits
from domain.decisions import Outcome
from domain.errors import (
    CancellationNotFound,
    IdempotencyKeyReused,
    InvalidRequest,
    NotAllowed,
    PartOfOrder,
    ReasonRequired,
    SubjectBusy,
)
from domain.lifecycle import CancellationState
from domain.reasons import check_reason
from domain.refund_requests import LineShare
from domain.requests import INSIDE, Initiator
from domain.subjects import SubjectRef
from domain.values import MOST_MINOR, Code, Value
from storage import cancellations, holds, reasons, refund_requests, refunds, subjects
from storage.refunds import RefundRow
from storage.subjects import SubjectRow
from use_cases.actors import Actor, Scope
from use_cases.intake import AskedLine

Positive = Annotated[int, Field(ge=1, le=MOST_MINOR)]


class AskedRefund(Value):
    """A refund somebody asks for, of a cancellation or on its own.

    `note` and `payout_details` are in the customer's own words. `form` is as what the money is
    wanted, `method` which means of payment gets it first.
    """

    subject: SubjectRef
    cancellation_id: UUID | None = None
    lines: tuple[AskedLine, ...] = ()
    amount_minor: Positive | None = None
    reason: Code | None = None
    note: str | None = None
    initiator: Initiator = Initiator.CUSTOMER
    form: Code | None = None
    method: Code | None = None
    asker: str | None = None
    payout_details: str | None = None

    @property
    def is_inside(self) -> bool:
        return self.initiator in INSIDE

    def fingerprint(self) -> str:
        """Hash the whole of it: the same key with another body is a mistake."""
        body = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(body.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Checked:
    """What is asked for, and the refunds of its cancellation that wait for just that."""

    asked: AskedRefund
    subject: SubjectRow
    waiting: list[RefundRow]


@dataclass(frozen=True)
class Terms:
    """What a request comes to: how much, for what, and whether a person has to agree."""

    outcome: Outcome
    amount_minor: int
    form: str | None = None
    lines: tuple[LineShare, ...] = ()


async def check(session: AsyncSession, actor: Actor, asked: AskedRefund) -> Checked:
    """Lock the subject and refuse what can't be meant. Raises SubjectNotFound, PartOfOrder,
    CancellationNotFound, SubjectBusy, NotAllowed, ReasonRequired, ReasonUnknown."""
    _check_permission(actor, asked)
    found = await subjects.get(session, asked.subject)
    subject = await subjects.lock(session, found.id)
    await _check_subject(session, subject)
    reason = await reasons.find(session, asked.reason) if asked.reason else None
    check_reason(reason, asked.reason, asked.subject.kind, asked.note)
    waiting = await _waiting(session, subject, asked.cancellation_id)
    if not waiting and asked.is_inside and asked.reason is None:
        raise ReasonRequired("a refund that nothing decided takes a reason")
    return Checked(asked, subject, waiting)


async def known(
    session: AsyncSession, actor: Actor, asked: AskedRefund, key: str | None
) -> UUID | None:
    """The request that came with this key before. Raises IdempotencyKeyReused."""
    row = await refund_requests.find_by_key(session, actor.id, key) if key else None
    if row is None:
        return None
    if row.body_hash != asked.fingerprint():
        raise IdempotencyKeyReused(f"key {key!r} came with another body before")
    return row.id


async def write(
    session: AsyncSession,
    actor: Actor,
    checked: Checked,
    terms: Terms,
    key: str | None,
    at: datetime,
) -> UUID | None:
    """Write the request down; None if the same key was faster in another call."""
    asked, subject = checked.asked, checked.subject
    return await refund_requests.write(
        session,
        subject_id=subject.id,
        cancellation_id=asked.cancellation_id,
        initiator=asked.initiator,
        actor=actor.id,
        asker=asked.asker or subject.customer_ref or actor.id,
        reason=asked.reason,
        note=asked.note,
        lines=[line.model_dump() for line in terms.lines],
        form=terms.form,
        amount_minor=terms.amount_minor,
        currency=subject.currency,
        outcome=terms.outcome,
        body_hash=asked.fingerprint(),
        idempotency_key=key,
        requested_at=at,
    )


def _check_permission(actor: Actor, asked: AskedRefund) -> None:
    """Staff may give money back of their own accord only with a scope for it."""
    if asked.is_inside and not (actor.can(Scope.MONEY) or actor.can(Scope.GOODWILL)):
        raise NotAllowed(f"this takes the scope {Scope.MONEY}", scope=Scope.MONEY)


async def _check_subject(session: AsyncSession, subject: SubjectRow) -> None:
    if subject.order_id is not None:
        order = await session.get_one(SubjectRow, subject.order_id)
        raise PartOfOrder(order.ref)
    if hold := await holds.find(session, subject.id):
        raise SubjectBusy(str(subject.subject), str(hold.holder_id))


async def _waiting(
    session: AsyncSession, subject: SubjectRow, cancellation_id: UUID | None
) -> list[RefundRow]:
    """Of a cancellation's refunds those that wait to be asked for."""
    if cancellation_id is None:
        return []
    cancellation = await cancellations.get(session, cancellation_id)
    if cancellation.subject_id != subject.id:
        raise CancellationNotFound(f"{subject.subject} has no cancellation {cancellation_id}")
    if cancellation.state is not CancellationState.CANCELLED:
        raise InvalidRequest(f"cancellation {cancellation_id} came to nothing: leave it out")
    rows = await refunds.of_cancellation(session, cancellation_id)
    return [row for row in rows if row.attention == Waits.ON_REQUEST]


def line_wishes(asked: Sequence[AskedLine]) -> list[tuple[str, int | None]]:
    return [(line.id, line.quantity) for line in asked]
