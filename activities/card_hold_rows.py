"""Writing down how the cards that are held for a subject are to be settled."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from domain.card_holds import CARD_HOLD_AT_REST, CardHoldState
from domain.contracts import CardHoldResult
from domain.dues import Hold, takes
from domain.subjects import Handling
from storage import card_holds, dues, events, tenders
from storage.card_holds import CardHoldRow
from storage.tenders import TenderRow


async def write(
    session: AsyncSession, subject_id: UUID, cancellation_id: UUID, at: datetime
) -> list[CardHoldRow]:
    """Settle what is held for a subject of which nothing is left, in the pivot's transaction.

    All that is still due takes part, from earlier cancellations of other lines too: until now the
    card was held for the rest.
    """
    held = [one for one in await tenders.of_subject(session, subject_id) if is_held(one)]
    if not held:
        return []
    due = sum(row.outstanding_minor for row in await dues.of_subject(session, subject_id))
    planned = takes(due, [Hold(one.id, one.authorised_minor) for one in held])
    rows = [
        _row(tender, cancellation_id, take, at) for tender, take in zip(held, planned, strict=True)
    ]
    session.add_all(rows)
    return rows


def is_held(tender: TenderRow) -> bool:
    """Whether there is something to let go of: one that was captured can't be captured again."""
    is_open = tender.authorised_minor > 0 and tender.captured_minor == 0
    return tender.handling is Handling.HELD and is_open and not tender.hold_settled


def _row(tender: TenderRow, cancellation_id: UUID, take: int, at: datetime) -> CardHoldRow:
    return CardHoldRow(
        id=uuid4(),
        subject_id=tender.subject_id,
        cancellation_id=cancellation_id,
        tender_id=tender.id,
        method=tender.method,
        provider=tender.provider,
        payment_ref=tender.payment_ref,
        currency=tender.currency,
        authorised_minor=tender.authorised_minor,
        take_minor=take,
        captured_minor=0,
        state=CardHoldState.OWED,
        attempt=1,
        created_at=at,
        updated_at=at,
    )


def unsettled(rows: list[CardHoldRow]) -> tuple[UUID, ...]:
    """Those that need a run of their own."""
    return tuple(row.id for row in rows if row.state not in CARD_HOLD_AT_REST)


async def settle(
    session: AsyncSession, row: CardHoldRow, captured_minor: int, at: datetime
) -> None:
    """Note that a card is held no more and what was captured, with the dues that this pays.

    One transaction under the subject's lock. From here on it is paid money like any other, so a
    refund without a cancellation can return it.
    """
    tender = await session.get_one(
        TenderRow, (row.subject_id, row.tender_id), populate_existing=True
    )
    tender.authorised_minor = tender.captured_minor = captured_minor
    tender.hold_settled = True
    if captured_minor:
        tender.handling = Handling.PROVIDER
    row.captured_minor = captured_minor
    dues.collect(await dues.of_subject(session, row.subject_id), captured_minor, at)
    card_holds.move(row, CardHoldState.DONE, at)
    await session.flush()


def result_of(row: CardHoldRow) -> CardHoldResult:
    return CardHoldResult(
        hold_id=row.id,
        state=row.state,
        take_minor=row.take_minor,
        captured_minor=row.captured_minor,
        currency=row.currency,
        failure=row.failure,
    )


async def record(
    session: AsyncSession, row: CardHoldRow, name: str, at: datetime, actor: str = "system"
) -> None:
    await events.record(
        session,
        row.subject_id,
        name,
        at,
        actor=actor,
        cancellation_id=row.cancellation_id,
        data={
            "card_hold": str(row.id),
            "tender": row.tender_id,
            "method": row.method,
            "take_minor": row.take_minor,
            "captured_minor": row.captured_minor,
            "currency": row.currency,
            "failure": row.failure,
        },
    )
