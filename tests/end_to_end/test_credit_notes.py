"""Each refund that lands has its credit note, numbered without gaps whatever happens."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from domain.credit_notes import NoteKind
from domain.lifecycle import RefundState
from storage import credit_notes, refunds
from storage.credit_notes import CreditNoteRow
from tests.end_to_end.conftest import Business, a_card, a_gift_card


class RolledBackError(Exception):
    """What makes a transaction come to nothing."""


async def test_the_notes_of_a_cancellation_add_up_to_what_it_returned(business: Business) -> None:
    lines = [
        {"title": "Mug", "unit_price_minor": 2_000, "tax_rate": "19"},
        {"title": "Book", "quantity": 2, "unit_price_minor": 999, "tax_rate": "7"},
        {"kind": "shipping", "title": "Parcel", "unit_price_minor": 490, "tax_rate": "19"},
    ]
    tenders = [a_card(3_000), {"id": "gift", **a_gift_card(1_488)}]
    order = await business.order(lines=lines, tenders=tenders)
    done = await business.ended(await business.cancel(order))
    async with business.sessions() as session:
        notes = [
            note
            for refund in done.refunds
            for note in await credit_notes.of_refund(session, refund.id)
        ]
    assert [note.gross_minor for note in notes] == [one.amount_minor for one in done.refunds]
    taxes = [sum(line.tax_minor for line in note.note_lines) for note in notes]
    assert sum(taxes) == 319 + 131 + 78
    year = notes[0].issued_on.year
    assert sorted(note.number for note in notes) == [f"CN-{year}-000001", f"CN-{year}-000002"]
    assert await business.is_sound()


async def test_numbers_have_no_gaps_though_some_take_one_and_fail(business: Business) -> None:
    ids = [await _refunded(business) for _ in range(3)]
    now = datetime.now(UTC)

    async def move(refund_id: UUID, to: RefundState, *, fails: bool) -> None:
        async with business.sessions.begin() as session:
            await refunds.lock_subject(session, refund_id)
            row = await refunds.find(session, refund_id)
            assert row is not None
            await refunds.move(session, row, to, now)
            if fails:
                raise RolledBackError

    async def play(refund_id: UUID, place: int) -> None:
        with pytest.raises(RolledBackError):
            await move(refund_id, RefundState.FAILED, fails=True)
        await move(refund_id, RefundState.FAILED, fails=False)
        if place % 2:
            await move(refund_id, RefundState.PAID_OTHERWISE, fails=False)

    await asyncio.gather(*(play(refund_id, place) for place, refund_id in enumerate(ids)))
    async with business.sessions() as session:
        rows = list(await session.scalars(select(CreditNoteRow).order_by(CreditNoteRow.position)))
        one = await credit_notes.of_refund(session, ids[1])
    assert [row.position for row in rows] == list(range(1, 8))
    assert [note.kind for note in one] == [
        NoteKind.CREDIT_NOTE,
        NoteKind.REVERSAL,
        NoteKind.CREDIT_NOTE,
    ]
    assert one[1].gross_minor == -one[0].gross_minor
    assert one[1].reverses == one[0].id
    assert await business.is_sound()
    for statement in ("UPDATE credit_notes SET tax_minor = 0", "DELETE FROM credit_notes"):
        with pytest.raises(IntegrityError):
            async with business.sessions.begin() as session:
                await session.execute(text(statement))


async def _refunded(business: Business) -> UUID:
    done = await business.ended(await business.cancel(await business.order()))
    return done.refunds[0].id
