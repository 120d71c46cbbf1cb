"""Subjects and their lines, as the merchant reported them, with what we cancelled of them."""

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    CheckConstraint,
    ColumnElement,
    DateTime,
    ForeignKey,
    Index,
    ScalarSelect,
    Select,
    UniqueConstraint,
    Uuid,
    bindparam,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.errors import IllegalMove, SubjectNotFound
from domain.lifecycle import SUBJECT_MOVES, SubjectState
from domain.subjects import Kind, LineKind, SubjectRef
from storage.base import Amount, Base, Instant, Json, Key, words

_LISTED = "COALESCE(placed_at, created_at)"
_AHEAD = (
    "COALESCE(starts_at, ((starts_on + 1)::timestamp without time zone AT TIME ZONE 'UTC'::text))"
)
LISTED: ColumnElement[datetime] = literal_column(_LISTED, DateTime(timezone=True))
AHEAD: ColumnElement[datetime] = literal_column(_AHEAD, DateTime(timezone=True))
"""What a customer's lists are sorted by: when it was placed, else when we heard of it; and when it
is, where a civil day lies ahead until it is over."""


def _lists() -> Iterator[Index]:
    """A customer's lists, by each way in which they are known."""
    has_start = "(starts_at IS NOT NULL OR starts_on IS NOT NULL)"
    for name, way in (("ref", "customer_ref"), ("email", "lower(customer_email)")):
        listed = (text(way), text(_LISTED), text("id"))
        top = text("order_id IS NULL")
        yield Index(f"ix_subjects_listed_by_{name}", *listed, postgresql_where=top)
        coming = (text(way), text(_AHEAD), text("id"))
        top = text(f"order_id IS NULL AND {has_start}")
        yield Index(f"ix_subjects_ahead_by_{name}", *coming, postgresql_where=top)


class SubjectRow(Base):
    """An order or an appointment. A start is an instant, or a civil date where only that is known.

    An appointment with an `order_id` is a view of that order's line and is cancelled there.
    """

    __tablename__ = "subjects"
    __table_args__ = (
        UniqueConstraint("kind", "ref"),
        Index(
            "ix_subjects_window",
            "cancellable_until",
            postgresql_where=text("window_closed_at IS NULL AND cancellable_until IS NOT NULL"),
        ),
        Index("ix_subjects_listing", "kind", "created_at", "id"),
        Index("ix_subjects_order_id", "order_id", postgresql_where=text("order_id IS NOT NULL")),
        Index("ix_subjects_customer_email", text("lower(customer_email)")),
        *_lists(),
    )

    id: Mapped[Key]
    kind: Mapped[Kind] = mapped_column(words(Kind))
    ref: Mapped[str]
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("subjects.id"))
    order_line_id: Mapped[str | None]
    stage: Mapped[str]
    cancellation_state: Mapped[SubjectState] = mapped_column(
        words(SubjectState), default=SubjectState.NONE
    )
    cancelled_elsewhere_at: Mapped[Instant | None]
    currency: Mapped[str]
    zone: Mapped[str]
    placed_at: Mapped[Instant | None]
    starts_at: Mapped[Instant | None]
    starts_on: Mapped[date | None]
    ends_at: Mapped[Instant | None]
    ends_on: Mapped[date | None]
    original_starts_at: Mapped[Instant | None]
    original_starts_on: Mapped[date | None]
    delivered_at: Mapped[Instant | None]
    reschedules: Mapped[int] = mapped_column(default=0)
    customer_ref: Mapped[str | None] = mapped_column(index=True)
    customer_name: Mapped[str | None]
    customer_email: Mapped[str | None]
    customer_language: Mapped[str | None]
    customer_zone: Mapped[str | None]
    customer_counters: Mapped[Json] = mapped_column(JSONB, default=dict)
    channel: Mapped[str | None]
    brand: Mapped[str | None]
    place: Mapped[str | None]
    attributes: Mapped[Json] = mapped_column(JSONB, default=dict)
    consents: Mapped[Json] = mapped_column(JSONB, default=dict)
    promotions: Mapped[Json] = mapped_column(JSONB, default=list)
    carried_minor: Mapped[Amount] = mapped_column(default=0)
    policy_id: Mapped[str]
    policy_version: Mapped[int]
    cancellable_until: Mapped[Instant | None]
    terms_change_at: Mapped[Instant | None]
    window_closed_at: Mapped[Instant | None]
    reminded_at: Mapped[Instant | None]
    event_sequence: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]

    @property
    def subject(self) -> SubjectRef:
        return SubjectRef(kind=self.kind, id=self.ref)


class LineRow(Base):
    __tablename__ = "lines"
    __table_args__ = (
        CheckConstraint("quantity >= 1", "quantity"),
        CheckConstraint("quantity_cancelled BETWEEN 0 AND quantity", "quantity_cancelled"),
        CheckConstraint(
            "unit_price_minor >= 0 AND discount_minor >= 0 AND tax_minor >= 0", "price"
        ),
        CheckConstraint("discount_minor <= unit_price_minor * quantity", "discount"),
        CheckConstraint("tax_included_minor >= 0 AND refunded_minor >= 0", "tax_and_refunded"),
    )

    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subjects.id"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    kind: Mapped[LineKind] = mapped_column(words(LineKind))
    sku: Mapped[str]
    title: Mapped[str]
    category: Mapped[str]
    component: Mapped[str]
    quantity: Mapped[int]
    quantity_cancelled: Mapped[int] = mapped_column(default=0)
    unit_price_minor: Mapped[Amount]
    discount_minor: Mapped[Amount] = mapped_column(default=0)
    tax_minor: Mapped[Amount] = mapped_column(default=0)
    tax_included_minor: Mapped[Amount] = mapped_column(default=0)
    tax_rate: Mapped[str | None]
    refunded_minor: Mapped[Amount] = mapped_column(default=0)
    status: Mapped[str | None]
    person: Mapped[str | None]
    starts_at: Mapped[Instant | None]
    starts_on: Mapped[date | None]
    ends_at: Mapped[Instant | None]
    ends_on: Mapped[date | None]
    attributes: Mapped[Json] = mapped_column(JSONB, default=dict)


async def find(session: AsyncSession, subject: SubjectRef) -> SubjectRow | None:
    return await session.scalar(_FIND, {"kind": subject.kind, "ref": subject.id})


_FIND = select(SubjectRow).where(
    SubjectRow.kind == bindparam("kind"), SubjectRow.ref == bindparam("ref")
)


async def get(session: AsyncSession, subject: SubjectRef) -> SubjectRow:
    if row := await find(session, subject):
        return row
    raise SubjectNotFound(f"there is no {subject.kind} {subject.id}")


def locking(subject_id: BindParameter[UUID] | ScalarSelect[UUID]) -> Select[SubjectRow]:
    """The statement that locks a subject's row until the transaction ends and reads it."""
    return (
        select(SubjectRow)
        .where(SubjectRow.id == subject_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


_LOCK = locking(bindparam("subject_id", type_=Uuid()))
_LINES = (
    select(LineRow).where(LineRow.subject_id == bindparam("subject_id")).order_by(LineRow.position)
)


async def lock(session: AsyncSession, subject_id: UUID) -> SubjectRow:
    """Lock a subject's row until the transaction ends: all changes of one subject take turns."""
    row = await session.scalar(_LOCK, {"subject_id": subject_id})
    if row is None:
        raise SubjectNotFound(f"there is no subject {subject_id}")
    return row


async def lines_of(session: AsyncSession, subject_id: UUID) -> list[LineRow]:
    return list(await session.scalars(_LINES, {"subject_id": subject_id}))


async def views_of(session: AsyncSession, order_id: UUID) -> list[SubjectRow]:
    """The appointments that are lines of this order."""
    rows = await session.scalars(select(SubjectRow).where(SubjectRow.order_id == order_id))
    return list(rows)


def move(row: SubjectRow, to: SubjectState, at: datetime) -> None:
    """Set the cancellation state of a locked row. The state it has already is no move."""
    if row.cancellation_state is to:
        return
    if to not in SUBJECT_MOVES[row.cancellation_state]:
        raise IllegalMove(f"{row.subject} can't go from {row.cancellation_state} to {to}")
    row.cancellation_state = to
    row.updated_at = at
