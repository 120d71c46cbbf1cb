"""Requests as they come in: checked against the subject, then written down."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import (
    IdempotencyKeyReused,
    InvalidRequest,
    LineNotFound,
    LineRepeated,
    PartOfOrder,
    QuantityTooHigh,
    QuoteExpired,
    QuoteMismatch,
    QuoteNotFound,
    QuoteUsed,
    ReasonRequired,
    RequestedInFuture,
)
from domain.reasons import check_reason
from domain.requests import Initiator, Overrides, Request, Right
from domain.subjects import LineKind, LineQuantity, SubjectRef
from domain.texts import Instant, Json
from domain.values import Code, Quantity, Ref, Value
from storage import quotes, reasons, requests, subjects
from storage.subjects import LineRow, SubjectRow
from use_cases.actors import Actor, Scope

CLOCK_SKEW = timedelta(minutes=2)
"""How far ahead of ours a caller's clock may be."""

_INSIDE = (Initiator.STAFF, Initiator.BUSINESS)
_ITEMS = (LineKind.GOODS, LineKind.SERVICE)


class AskedLine(Value):
    """So many of one line; no quantity means all that is still open of it."""

    id: Ref
    quantity: Quantity | None = None


class Asked(Value):
    """A cancellation somebody asks for. `asker` is who it is for, the customer if nobody else."""

    subject: SubjectRef
    lines: tuple[AskedLine, ...] = Field(default=(), max_length=1_000)
    reason: Code | None = None
    note: str | None = None
    initiator: Initiator = Initiator.CUSTOMER
    right: Right = Right.CONTRACT
    method: Code | None = None
    quote_id: str | None = None
    evidence: Json = Field(default={})
    overrides: Overrides = Overrides()
    requested_at: Instant | None = None
    asker: str | None = None

    def fingerprint(self) -> str:
        """Hash the whole of it: the same key with another body is a mistake."""
        body = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(body.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Checked:
    """What was asked, made exact against the subject as it stands."""

    subject: SubjectRow
    request: Request
    asker: str
    summary: str


async def check(session: AsyncSession, actor: Actor, asked: Asked, now: datetime) -> Checked:
    """Find the subject and refuse what can't be meant: SubjectNotFound, InvalidRequest."""
    _check_permission(actor, asked)
    subject = await subjects.get(session, asked.subject)
    await _check_own(session, subject)
    lines = await subjects.lines_of(session, subject.id)
    wanted = _exact(asked.lines, lines)
    await _check_reason(session, asked)
    request = Request(
        initiator=asked.initiator,
        right=asked.right,
        lines=wanted,
        reason=asked.reason,
        evidence=asked.evidence,
        method=asked.method,
        quote_id=asked.quote_id,
        overrides=asked.overrides,
        requested_at=_requested_at(asked, now),
    )
    asker = asked.asker or subject.customer_ref or actor.id
    return Checked(subject, request, asker, _summary(asked.subject, wanted, lines))


async def check_quote(session: AsyncSession, checked: Checked) -> None:
    """Refuse a quote that isn't for this request. Its facts are looked at when it is decided."""
    request = checked.request
    if request.quote_id is None:
        return
    row = await quotes.find(session, _quote_id(request.quote_id))
    if row is None:
        raise QuoteNotFound(f"there is no quote {request.quote_id}")
    if row.subject_id != checked.subject.id or not row.quote.binds(request, checked.asker):
        raise QuoteMismatch(f"quote {request.quote_id} was given for another request")
    if row.used_by is not None:
        raise QuoteUsed(f"quote {request.quote_id} has been used", cancellation_id=row.used_by)
    if request.requested_at and request.requested_at > row.expires_at:
        raise QuoteExpired(f"quote {request.quote_id} has expired", expired_at=row.expires_at)


async def known(session: AsyncSession, actor: Actor, asked: Asked, key: str | None) -> UUID | None:
    """The request that came with this key before. Raises IdempotencyKeyReused."""
    row = await requests.find_by_key(session, actor.id, key) if key else None
    if row is None:
        return None
    if row.body_hash != asked.fingerprint():
        raise IdempotencyKeyReused(f"key {key!r} came with another body before")
    return row.id


async def write(
    session: AsyncSession,
    actor: Actor,
    asked: Asked,
    checked: Checked,
    key: str | None,
    now: datetime,
) -> UUID | None:
    """Write the request down; None if the same key was faster in another call."""
    return await requests.write(
        session,
        subject_id=checked.subject.id,
        body=checked.request.model_dump(mode="json"),
        body_hash=asked.fingerprint(),
        note=asked.note,
        actor=actor.id,
        asker=checked.asker,
        idempotency_key=key,
        requested_at=checked.request.requested_at,
        received_at=now,
    )


def _check_permission(actor: Actor, asked: Asked) -> None:
    if asked.overrides.restock is not None:
        actor.require(Scope.RECORDS)
        if asked.initiator not in _INSIDE:
            raise InvalidRequest("only staff or the business says what goes back to stock")
        if asked.reason is None:
            raise ReasonRequired("saying what goes back to stock takes a reason")
    if asked.overrides.is_favour:
        actor.require(Scope.GOODWILL)
        if asked.right is not Right.GOODWILL or asked.initiator not in _INSIDE:
            raise InvalidRequest("only staff or the business can set rules aside, as goodwill")
        if asked.reason is None:
            raise ReasonRequired("setting rules aside takes a reason")
    if asked.requested_at is not None:
        actor.require(Scope.BACKDATE)
    if asked.right is Right.GOODWILL and asked.initiator is not Initiator.CUSTOMER:
        actor.require(Scope.DECIDE)


async def _check_own(session: AsyncSession, subject: SubjectRow) -> None:
    if subject.order_id is not None:
        order = await session.get_one(SubjectRow, subject.order_id)
        raise PartOfOrder(order.ref)


def _exact(asked: Sequence[AskedLine], rows: Sequence[LineRow]) -> tuple[LineQuantity, ...]:
    """Name each line once, in the order of their ids, so that equal requests look equal."""
    found = {row.id: row for row in rows}
    exact: dict[str, LineQuantity] = {}
    for line in asked:
        if line.id in exact:
            raise LineRepeated(f"line {line.id} is named twice", line=line.id)
        if line.id not in found:
            raise LineNotFound(f"there is no line {line.id}", line=line.id)
        exact[line.id] = _quantity(line, found[line.id])
    return tuple(exact[id_] for id_ in sorted(exact))


def _quantity(line: AskedLine, row: LineRow) -> LineQuantity:
    left = row.quantity - row.quantity_cancelled
    wanted = left if line.quantity is None else line.quantity
    if left == 0 or wanted > left:
        raise QuantityTooHigh(f"line {line.id} has {left} left to cancel", line=line.id, left=left)
    return LineQuantity(id=line.id, quantity=wanted)


async def _check_reason(session: AsyncSession, asked: Asked) -> None:
    reason = await reasons.find(session, asked.reason) if asked.reason else None
    check_reason(reason, asked.reason, asked.subject.kind, asked.note)


def _requested_at(asked: Asked, now: datetime) -> datetime:
    if asked.requested_at is None:
        return now
    if asked.requested_at > now + CLOCK_SKEW:
        raise RequestedInFuture("requested_at lies in the future")
    return min(asked.requested_at, now)


def _quote_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise QuoteNotFound(f"there is no quote {text}") from error


def _summary(subject: SubjectRef, wanted: Sequence[LineQuantity], rows: Sequence[LineRow]) -> str:
    """Such as "order 1042, 2 of 3 items": what ops read in a list of runs."""
    items = {row.id: row for row in rows if row.kind in _ITEMS}
    bought = sum(row.quantity for row in items.values())
    if wanted:
        count = sum(line.quantity for line in wanted if line.id in items)
    else:
        count = sum(row.quantity - row.quantity_cancelled for row in items.values())
    return f"{subject.kind} {subject.id}, {count} of {bought} items"
