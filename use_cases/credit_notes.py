"""Credit notes as others read them."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.credit_notes import CreditNote, NoteKind, by_rate
from domain.errors import CreditNoteNotFound
from storage import credit_notes
from storage.credit_notes import CreditNoteRow
from storage.refunds import RefundRow
from storage.subjects import SubjectRow
from use_cases.context import Context
from use_cases.paging import Page, cursor, read_instant_cursor


async def of_refund(context: Context, refund_id: UUID) -> CreditNote:
    """The newest credit note of a refund; `reversed_by` says if it no longer counts.

    Raises CreditNoteNotFound until the refund has landed.
    """
    async with context.sessions() as session:
        rows = await credit_notes.of_refund(session, refund_id)
        issued = [row for row in rows if row.kind is NoteKind.CREDIT_NOTE]
        if not issued:
            raise CreditNoteNotFound(f"refund {refund_id} has no credit note")
        return await _note(session, context, issued[-1])


async def get(context: Context, number: str) -> CreditNote:
    """Raises CreditNoteNotFound."""
    async with context.sessions() as session:
        row = await credit_notes.find(session, number)
        if row is None:
            raise CreditNoteNotFound(f"there is no credit note {number}")
        return await _note(session, context, row)


async def list_notes(context: Context, limit: int, after: str | None = None) -> Page[CreditNote]:
    """Notes, last issued first."""
    place = read_instant_cursor(after) if after else None
    async with context.sessions() as session:
        rows = await credit_notes.page(session, limit + 1, place)
        notes = [await _note(session, context, row) for row in rows[:limit]]
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(
        items=tuple(notes), next=cursor(last.issued_at.isoformat(), last.id) if last else None
    )


async def issued(context: Context, since: date, until: date) -> AsyncIterator[Sequence[CreditNote]]:
    """All notes of these days, both included, in the order of their numbers, some at a time."""
    after = None
    while True:
        async with context.sessions() as session:
            rows = await credit_notes.issued(session, since, until, after)
            notes = [await _note(session, context, row) for row in rows]
        if not notes:
            return
        yield notes
        after = (rows[-1].series, rows[-1].position)


async def zone_of(context: Context, note: CreditNote) -> str:
    """Where the purchase is: the note's days are meant there."""
    async with context.sessions() as session:
        refund = await session.get_one(RefundRow, note.refund_id)
        return (await session.get_one(SubjectRow, refund.subject_id)).zone


async def _note(session: AsyncSession, context: Context, row: CreditNoteRow) -> CreditNote:
    subject = await session.get_one(SubjectRow, row.subject_id)
    refund = await session.get_one(RefundRow, row.refund_id)
    others = {one.id: one for one in await credit_notes.of_refund(session, row.refund_id)}
    reversal = next((one for one in others.values() if one.reverses == row.id), None)
    return CreditNote(
        number=row.number,
        kind=row.kind,
        issued_on=row.issued_on,
        reverses=others[row.reverses].number if row.reverses else None,
        reversed_by=reversal.number if reversal else None,
        subject=subject.subject,
        placed_at=subject.placed_at,
        cancellation_id=row.cancellation_id,
        refund_id=row.refund_id,
        customer=subject.customer_ref,
        customer_name=subject.customer_name,
        currency=row.currency,
        lines=row.note_lines,
        rates=by_rate(row.note_lines),
        net_minor=row.net_minor,
        tax_minor=row.tax_minor,
        gross_minor=row.gross_minor,
        method=refund.method,
        form=refund.form,
        business=context.business,
    )
