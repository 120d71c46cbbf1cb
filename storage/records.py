"""Subjects with all their parts, locked for a report, and the writing of what it changes."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from domain.lifecycle import SubjectState
from domain.records import Columns, Difference, Parts, Record, booking
from domain.subjects import SubjectRef
from storage import bookings, events
from storage.base import Base
from storage.holds import HoldMode, HoldRow
from storage.reservations import ReservationRow, ReservationState
from storage.subjects import LineRow, SubjectRow
from storage.tenders import TenderRow

Part = TypeVar("Part", LineRow, TenderRow)


@dataclass
class Kept:
    """A locked subject with its lines, tenders, what it has reserved, and who holds it.

    `viewed` are its lines that an appointment is a view of.
    """

    row: SubjectRow
    lines: dict[str, LineRow] = field(default_factory=dict)
    tenders: dict[str, TenderRow] = field(default_factory=dict)
    reservations: list[ReservationRow] = field(default_factory=list)
    hold: HoldRow | None = None
    viewed: frozenset[str] = frozenset()
    is_new: bool = False

    @property
    def is_held_exclusively(self) -> bool:
        return self.hold is not None and self.hold.mode is HoldMode.EXCLUSIVE

    @property
    def is_over(self) -> bool:
        """Whether we cancelled all of it."""
        is_cancelled = self.row.cancellation_state is SubjectState.CANCELLED
        return is_cancelled and self.row.cancelled_elsewhere_at is None

    @property
    def cancelled(self) -> dict[str, int]:
        return {id_: line.quantity_cancelled for id_, line in self.lines.items()}

    def reserved_for(self, line: str) -> list[ReservationRow]:
        return [row for row in self.reservations if row.line_id == line]

    def bookings(self) -> dict[str, Columns]:
        """What is reserved, by line, in a report's terms."""
        by_line: dict[str, Columns] = {}
        for row in self.reservations:
            units = len(self.reserved_for(row.line_id))
            by_line[row.line_id] = booking(row.resource_id, row.starts_at, row.ends_at, units)
        return by_line

    def with_settled_holds(self, told: Record) -> Record:
        """A report, with what we know better: the money of the held cards that we have settled."""
        ours = {
            id_: {name: getattr(row, name) for name in _HELD}
            for id_, row in self.tenders.items()
            if row.hold_settled
        }
        if not ours:
            return told
        tenders = {id_: dict(columns) for id_, columns in told.tenders.items()}
        for id_, columns in ours.items():
            whole = _columns(self.tenders[id_], _TENDER)
            tenders[id_] = {**tenders.get(id_, whole), **columns}
        return replace(told, tenders=tenders)

    def record(self, like: Record) -> Record:
        """What we know, in the columns that a report has."""
        return Record(
            subject={name: getattr(self.row, name) for name in like.subject},
            lines={id_: _columns(row, _LINE) for id_, row in self.lines.items()},
            tenders={id_: _columns(row, _TENDER) for id_, row in self.tenders.items()},
            bookings=self.bookings(),
        )


def _columns(row: Base, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


_LINE = tuple(
    column.key
    for column in LineRow.__table__.columns
    if column.key not in ("subject_id", "id", "quantity_cancelled", "refunded_minor")
)
_HELD = ("handling", "provider", "payment_ref", "authorised_minor", "captured_minor")
_NOT_TOLD = (
    *("subject_id", "id", "currency"),
    *("pending_minor", "returned_minor", "hold_settled"),
)
_TENDER = tuple(column.key for column in TenderRow.__table__.columns if column.key not in _NOT_TOLD)


async def lock(session: AsyncSession, subjects: Collection[SubjectRef]) -> dict[SubjectRef, Kept]:
    """Lock those of these subjects that there are, always in the same order, and read them."""
    rows = await session.scalars(
        select(SubjectRow)
        .where(tuple_(SubjectRow.kind, SubjectRow.ref).in_([(s.kind, s.id) for s in subjects]))
        .order_by(SubjectRow.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    kept = {row.id: Kept(row) for row in rows}
    if kept:
        await _read_parts(session, kept)
    return {one.row.subject: one for one in kept.values()}


async def _read_parts(session: AsyncSession, kept: dict[UUID, Kept]) -> None:
    fresh = {"populate_existing": True}
    lines = select(LineRow).where(LineRow.subject_id.in_(kept)).order_by(LineRow.position)
    for line in await session.scalars(lines, execution_options=fresh):
        kept[line.subject_id].lines[line.id] = line
    tenders = select(TenderRow).where(TenderRow.subject_id.in_(kept)).order_by(TenderRow.position)
    for tender in await session.scalars(tenders, execution_options=fresh):
        kept[tender.subject_id].tenders[tender.id] = tender
    for subject_id, reservations in (await bookings.of_subjects(session, kept)).items():
        kept[subject_id].reservations = reservations
    for hold in await session.scalars(select(HoldRow).where(HoldRow.subject_id.in_(kept))):
        kept[hold.subject_id].hold = hold
    views = select(SubjectRow.order_id, SubjectRow.order_line_id)
    for order_id, viewed in await session.execute(views.where(SubjectRow.order_id.in_(kept))):
        if order_id and viewed:
            kept[order_id].viewed |= {viewed}


@dataclass
class Batch:
    """Writes for many subjects at once: a handful of statements, however many there are."""

    session: AsyncSession
    at: datetime
    actor: str
    parts: list[Base] = field(default_factory=list)
    happenings: list[events.Happening] = field(default_factory=list)

    def add(self, subject: SubjectRef, record: Record, extra: Columns) -> Kept:
        """Make a subject that isn't there yet."""
        row = SubjectRow(
            id=uuid4(),
            kind=subject.kind,
            ref=subject.id,
            **record.subject,
            **extra,
            cancellation_state=SubjectState.NONE,
            reschedules=0,
            carried_minor=0,
            event_sequence=0,
            created_at=self.at,
            updated_at=self.at,
        )
        self.session.add(row)
        return Kept(row, is_new=True)

    async def apply(self, kept: Kept, difference: Difference) -> None:
        """Make a subject as a report tells it, its reservations excepted."""
        for name, value in difference.subject.items():
            setattr(kept.row, name, value)
        await self._apply_parts(kept, LineRow, kept.lines, difference.lines)
        tenders = difference.tenders
        await self._apply_parts(kept, TenderRow, kept.tenders, tenders)
        if not kept.is_new:
            kept.row.updated_at = self.at

    async def _apply_parts(
        self, kept: Kept, table: type[Part], rows: dict[str, Part], parts: Parts
    ) -> None:
        for id_ in parts.dropped:
            await self.session.delete(rows.pop(id_))
        for id_, columns in parts.changed.items():
            for name, value in columns.items():
                setattr(rows[id_], name, value)
        for id_, columns in parts.added.items():
            row = table(subject_id=kept.row.id, id=id_, **columns, **_ours(table, kept.row))
            rows[id_] = row
            self.parts.append(row)

    def release(self, kept: Kept, reservations: Collection[ReservationRow]) -> None:
        """Let go of reservations at once."""
        for row in reservations:
            row.state = ReservationState.RELEASED
            row.updated_at = self.at
        kept.reservations = [row for row in kept.reservations if row not in reservations]

    def reserve(self, kept: Kept, rows: Collection[ReservationRow]) -> None:
        kept.reservations += rows
        self.parts.extend(rows)

    def record(self, kept: Kept, name: str, data: dict[str, Any]) -> None:
        """Record what happened, at the next place in the sequence of the locked subject."""
        kept.row.event_sequence += 1
        happened = events.Happening(kept.row.id, kept.row.event_sequence, name, data)
        self.happenings.append(happened)

    async def write(self) -> None:
        """Send everything gathered so far: subjects first, as their parts refer to them."""
        await self.session.flush()
        self.session.add_all(self.parts)
        await self.session.flush()
        self.parts.clear()
        await events.record_all(self.session, self.happenings, self.at, self.actor)
        self.happenings.clear()


def _ours(table: type[Base], subject: SubjectRow) -> dict[str, Any]:
    """The columns of a new part that no report tells."""
    if table is LineRow:
        return {"quantity_cancelled": 0, "refunded_minor": 0}
    ours = {"pending_minor": 0, "returned_minor": 0, "hold_settled": False}
    return {"currency": subject.currency, **ours}
