"""Credit notes: one for each refund that landed, and its reversal if it failed after that.

They are numbered without gaps, year by year, and never changed (migration 0011). A number is taken
in the transaction of the refund's own move, so one that is rolled back was never taken; takers
wait for each other until they commit.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain import credit_notes
from domain.credit_notes import NoteKind, NoteLine
from domain.subjects import Line
from storage import decisions, subjects
from storage.base import Amount, Base, Instant, Json, Key, words
from storage.subjects import LineRow, SubjectRow

if TYPE_CHECKING:
    from storage.refunds import RefundRow


class CreditNoteRow(Base):
    """`series` is the year of issue where the purchase is, `position` its place in it."""

    __tablename__ = "credit_notes"
    __table_args__ = (
        CheckConstraint("(reverses IS NULL) = (kind <> 'reversal')", "reverses"),
        CheckConstraint("net_minor + tax_minor = gross_minor", "sum"),
        UniqueConstraint("series", "position"),
        UniqueConstraint("number"),
        Index("ix_credit_notes_refund_id", "refund_id"),
        Index("ix_credit_notes_listing", "issued_at", "id"),
    )

    id: Mapped[Key]
    series: Mapped[int]
    position: Mapped[int]
    number: Mapped[str]
    kind: Mapped[NoteKind] = mapped_column(words(NoteKind))
    reverses: Mapped[UUID | None] = mapped_column(ForeignKey("credit_notes.id"), unique=True)
    refund_id: Mapped[UUID] = mapped_column(ForeignKey("refunds.id"))
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subjects.id"), index=True)
    cancellation_id: Mapped[UUID | None] = mapped_column(ForeignKey("cancellations.id"))
    issued_at: Mapped[Instant]
    issued_on: Mapped[date]
    currency: Mapped[str]
    net_minor: Mapped[Amount]
    tax_minor: Mapped[Amount]
    gross_minor: Mapped[Amount]
    lines: Mapped[Json] = mapped_column(JSONB)

    @property
    def note_lines(self) -> tuple[NoteLine, ...]:
        return _LINES.validate_python(self.lines)


PAGE = 200
_LINES = TypeAdapter(tuple[NoteLine, ...])


class SeriesRow(Base):
    """The last number taken in each year. Its row is the lock."""

    __tablename__ = "credit_note_series"

    series: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


async def issue(session: AsyncSession, refund: "RefundRow", at: datetime) -> None:
    """Write the note of a refund that has just landed.

    Not safe to repeat: call it in the transaction of the refund's move.
    """
    subject = await session.get_one(SubjectRow, refund.subject_id)
    lines = await _lines(session, refund)
    await _write(session, refund, subject, lines, at, reverses=None)


async def take_back(session: AsyncSession, refund: "RefundRow", at: datetime) -> None:
    """Reverse the note of a refund that failed after it had landed.

    One that landed before there were notes has none. Not safe to repeat, as `issue`.
    """
    note = await _current(session, refund.id)
    if note is not None:
        subject = await session.get_one(SubjectRow, refund.subject_id)
        lines = credit_notes.reversed_lines(note.note_lines)
        await _write(session, refund, subject, lines, at, reverses=note.id)


async def of_refund(session: AsyncSession, refund_id: UUID) -> list[CreditNoteRow]:
    """All notes of a refund, in the order in which they were issued."""
    rows = await session.scalars(
        select(CreditNoteRow)
        .where(CreditNoteRow.refund_id == refund_id)
        .order_by(CreditNoteRow.series, CreditNoteRow.position)
    )
    return list(rows)


async def find(session: AsyncSession, note_number: str) -> CreditNoteRow | None:
    return await session.scalar(select(CreditNoteRow).where(CreditNoteRow.number == note_number))


async def page(
    session: AsyncSession, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[CreditNoteRow]:
    """Notes, last issued first."""
    query = select(CreditNoteRow).order_by(CreditNoteRow.issued_at.desc(), CreditNoteRow.id.desc())
    if after is not None:
        query = query.where(tuple_(CreditNoteRow.issued_at, CreditNoteRow.id) < after)
    return list(await session.scalars(query.limit(limit)))


async def issued(
    session: AsyncSession, since: date, until: date, after: tuple[int, int] | None
) -> list[CreditNoteRow]:
    """Notes of these days, both included, in the order of their numbers, a page at a time."""
    query = (
        select(CreditNoteRow)
        .where(CreditNoteRow.issued_on.between(since, until))
        .order_by(CreditNoteRow.series, CreditNoteRow.position)
        .limit(PAGE)
    )
    if after is not None:
        query = query.where(tuple_(CreditNoteRow.series, CreditNoteRow.position) > after)
    return list(await session.scalars(query))


async def _lines(session: AsyncSession, refund: "RefundRow") -> tuple[NoteLine, ...]:
    lines = [_line(row) for row in await subjects.lines_of(session, refund.subject_id)]
    if refund.cancellation_id is not None:
        kept = await decisions.find(session, refund.cancellation_id)
        if kept is not None:
            return credit_notes.cancelled_lines(
                kept.decision, lines, refund.tender_id, refund.amount_minor
            )
    return credit_notes.reduced_lines(lines, refund.amount_minor)


def _line(row: LineRow) -> Line:
    """What a note needs of a line."""
    return Line.model_construct(
        id=row.id,
        sku=row.sku,
        title=row.title,
        kind=row.kind,
        quantity=row.quantity,
        unit_price_minor=row.unit_price_minor,
        discount_minor=row.discount_minor,
        tax_minor=row.tax_minor,
        tax_included_minor=row.tax_included_minor,
        tax_rate=row.tax_rate,
    )


async def _current(session: AsyncSession, refund_id: UUID) -> CreditNoteRow | None:
    """The note that still counts: the last, unless it is a reversal."""
    notes = await of_refund(session, refund_id)
    return notes[-1] if notes and notes[-1].kind is NoteKind.CREDIT_NOTE else None


async def _write(
    session: AsyncSession,
    refund: "RefundRow",
    subject: SubjectRow,
    lines: Sequence[NoteLine],
    at: datetime,
    reverses: UUID | None,
) -> None:
    day = at.astimezone(ZoneInfo(subject.zone)).date()
    position = await _next_position(session, day.year)
    session.add(
        CreditNoteRow(
            id=uuid4(),
            series=day.year,
            position=position,
            number=credit_notes.number(day.year, position),
            kind=NoteKind.REVERSAL if reverses else NoteKind.CREDIT_NOTE,
            reverses=reverses,
            refund_id=refund.id,
            subject_id=subject.id,
            cancellation_id=refund.cancellation_id,
            issued_at=at,
            issued_on=day,
            currency=refund.currency,
            net_minor=sum(line.net_minor for line in lines),
            tax_minor=sum(line.tax_minor for line in lines),
            gross_minor=sum(line.gross_minor for line in lines),
            lines=[line.model_dump(mode="json") for line in lines],
        )
    )
    await session.flush()


async def _next_position(session: AsyncSession, series: int) -> int:
    taken = insert(SeriesRow).values(series=series, last=1)
    position: int | None = await session.scalar(
        taken.on_conflict_do_update(
            index_elements=[SeriesRow.series], set_={"last": SeriesRow.last + 1}
        ).returning(SeriesRow.last)
    )
    assert position is not None
    return position
