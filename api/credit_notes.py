"""Credit notes: as data, on paper, and as a table for bookkeeping."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Response
from fastapi.responses import StreamingResponse

from api.deps import DEFAULT_LIMIT, Ctx, Cursor, Limit, Reader
from api.languages import accepted
from api.subjects import Languages
from domain.credit_notes import CreditNote
from domain.money import digits
from notifications.credit_notes.page import pdf
from use_cases import credit_notes
from use_cases.context import Context
from use_cases.paging import Page

router = APIRouter(tags=["credit notes"])

Number = Annotated[str, Path(pattern=r"^CN-\d{4}-\d{6,12}$", description="Such as CN-2026-000123.")]

_Answers = dict[int | str, dict[str, Any]]
_PDF: _Answers = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}
_CSV: _Answers = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
_COLUMNS = (
    *("number", "date", "kind", "reverses", "subject_kind", "subject", "customer", "refund"),
    *("tax_rate", "net", "tax", "gross", "currency"),
)


@router.get("/refunds/{refund_id}/credit-note", operation_id="getCreditNoteOfRefund")
async def get_note_of_refund(refund_id: UUID, context: Ctx, _: Reader) -> CreditNote:
    """Read the newest credit note of a refund that has landed."""
    return await credit_notes.of_refund(context, refund_id)


@router.get(
    "/refunds/{refund_id}/credit-note.pdf",
    operation_id="getCreditNoteOfRefundAsPdf",
    response_class=Response,
    responses=_PDF,
)
async def get_pdf_of_refund(
    refund_id: UUID, context: Ctx, _: Reader, language: Languages = None
) -> Response:
    """Read it on paper, in the reader's language."""
    note = await credit_notes.of_refund(context, refund_id)
    return await _paper(context, note, accepted(language))


@router.get("/credit-notes", operation_id="listCreditNotes")
async def list_notes(
    context: Ctx, _: Reader, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[CreditNote]:
    """List credit notes and reversals, last issued first."""
    return await credit_notes.list_notes(context, limit, cursor)


@router.get(
    "/credit-notes.csv",
    operation_id="exportCreditNotes",
    response_class=Response,
    responses=_CSV,
)
async def export(context: Ctx, _: Reader, since: date, until: date) -> Response:
    """Export the notes of these days, both included: a row for each tax rate of each note."""
    return StreamingResponse(_table(context, since, until), media_type="text/csv")


@router.get(
    "/credit-notes/{number}.pdf",
    operation_id="getCreditNoteAsPdf",
    response_class=Response,
    responses=_PDF,
)
async def get_pdf(number: Number, context: Ctx, _: Reader, language: Languages = None) -> Response:
    """Read it on paper, in the reader's language."""
    return await _paper(context, await credit_notes.get(context, number), accepted(language))


@router.get("/credit-notes/{number}", operation_id="getCreditNote")
async def get_note(number: Number, context: Ctx, _: Reader) -> CreditNote:
    """Read a credit note or a reversal."""
    return await credit_notes.get(context, number)


async def _paper(context: Context, note: CreditNote, languages: list[str]) -> Response:
    """Written in a thread: it takes a good part of a second."""
    zone = await credit_notes.zone_of(context, note)
    written = await asyncio.to_thread(pdf, note, (languages or ["en"])[0], zone)
    name = {"Content-Disposition": f'inline; filename="{note.number}.pdf"'}
    return Response(written, media_type="application/pdf", headers=name)


async def _table(context: Context, since: date, until: date) -> AsyncIterator[str]:
    yield _written([_COLUMNS])
    async for notes in credit_notes.issued(context, since, until):
        yield _written(row for note in notes for row in _rows(note))


def _rows(note: CreditNote) -> Iterator[tuple[str, ...]]:
    for rate in note.rates:
        amounts = (rate.net_minor, rate.tax_minor, rate.gross_minor)
        yield (
            note.number,
            note.issued_on.isoformat(),
            note.kind,
            note.reverses or "",
            note.subject.kind,
            note.subject.id,
            note.customer or "",
            str(note.refund_id),
            rate.rate or "",
            *(digits(amount, note.currency) for amount in amounts),
            note.currency,
        )


def _written(rows: Iterator[tuple[str, ...]] | list[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
