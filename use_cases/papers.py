"""What a customer holds of a cancellation: the last mail, credit notes, a declaration's receipt."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.credit_notes import CreditNote, NoteKind
from domain.errors import CreditNoteNotFound
from domain.values import Value
from storage.credit_notes import CreditNoteRow
from storage.notifications import NotificationRow, NotificationState
from storage.requests import RequestRow
from storage.subjects import SubjectRow
from use_cases import credit_notes
from use_cases.context import Context
from use_cases.customers import Customer

_TOLD = (NotificationState.DUE, NotificationState.SENT, NotificationState.PARKED)
_DECLARED = "withdrawal/"
"""How the key of a request begins that was made for a declaration of withdrawal."""


class MailView(Value):
    """The newest mail to the customer. `at` is when it was sent."""

    template: str
    state: NotificationState
    at: datetime | None


class Papers(Value):
    """`notes` are the numbers of credit notes that still count, `withdrawal_id` names the
    declaration it came of."""

    mail: MailView | None
    notes: tuple[str, ...]
    withdrawal_id: UUID | None


async def of_cancellation(context: Context, cancellation_id: UUID) -> Papers:
    async with context.sessions() as session:
        key = await session.scalar(
            select(RequestRow.idempotency_key).where(RequestRow.id == cancellation_id)
        )
        return Papers(
            mail=await _mail(session, cancellation_id),
            notes=tuple(await _notes(session, cancellation_id)),
            withdrawal_id=UUID(key.removeprefix(_DECLARED))
            if key and key.startswith(_DECLARED)
            else None,
        )


async def own_note(context: Context, customer: Customer, number: str) -> CreditNote:
    """A credit note of theirs. Raises CreditNoteNotFound, also for somebody else's."""
    async with context.sessions() as session:
        theirs = await session.scalar(
            select(CreditNoteRow.id)
            .join(SubjectRow, SubjectRow.id == CreditNoteRow.subject_id)
            .where(CreditNoteRow.number == number, customer.owner.owns())
        )
    if theirs is None:
        raise CreditNoteNotFound(f"there is no credit note {number}")
    return await credit_notes.get(context, number)


async def _mail(session: AsyncSession, cancellation_id: UUID) -> MailView | None:
    row = await session.scalar(
        select(NotificationRow)
        .where(
            NotificationRow.cancellation_id == cancellation_id,
            NotificationRow.audience == "customer",
            NotificationRow.state.in_(_TOLD),
        )
        .order_by(NotificationRow.created_at.desc(), NotificationRow.id)
        .limit(1)
    )
    if row is None:
        return None
    return MailView(template=row.template, state=row.state, at=row.sent_at)


async def _notes(session: AsyncSession, cancellation_id: UUID) -> Sequence[str]:
    """Reversed ones and reversals cancel each other out."""
    subject = select(RequestRow.subject_id).where(RequestRow.id == cancellation_id)
    rows = list(
        await session.scalars(
            select(CreditNoteRow)
            .where(
                CreditNoteRow.subject_id == subject.scalar_subquery(),
                CreditNoteRow.cancellation_id == cancellation_id,
            )
            .order_by(CreditNoteRow.series, CreditNoteRow.position)
        )
    )
    reversed_ids = {row.reverses for row in rows if row.reverses}
    return [
        row.number
        for row in rows
        if row.kind is NoteKind.CREDIT_NOTE and row.id not in reversed_ids
    ]
