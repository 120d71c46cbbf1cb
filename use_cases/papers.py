"""What a customer holds of a cancellation: the last mail, credit notes, a declaration's receipt."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.credit_notes import CreditNote, NoteKind
from domain.errors import CreditNoteNotFound
from domain.lifecycle import CancellationState
from domain.values import Value
from storage.belongings import Owner
from storage.cancellations import CancellationRow
from storage.credit_notes import CreditNoteRow
from storage.notifications import NotificationRow, NotificationState
from storage.subjects import SubjectRow
from use_cases import credit_notes
from use_cases.cases import Case
from use_cases.context import Context

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


async def of_case(session: AsyncSession, case: Case) -> Papers:
    row, key = case.cancellation, case.request.idempotency_key or ""
    is_cancelled = row is not None and row.state is CancellationState.CANCELLED
    return Papers(
        mail=await _mail(session, row.id) if row else None,
        notes=tuple(await _notes(session, row)) if row and is_cancelled else (),
        withdrawal_id=UUID(key.removeprefix(_DECLARED)) if key.startswith(_DECLARED) else None,
    )


async def own_note(context: Context, owner: Owner, number: str) -> CreditNote:
    """A credit note of theirs. Raises CreditNoteNotFound, also for somebody else's."""
    async with context.sessions() as session:
        theirs = await session.scalar(
            select(CreditNoteRow.id)
            .join(SubjectRow, SubjectRow.id == CreditNoteRow.subject_id)
            .where(CreditNoteRow.number == number, owner.owns())
        )
    if theirs is None:
        raise CreditNoteNotFound(f"there is no credit note {number}")
    return await credit_notes.get(context, number)


async def _mail(session: AsyncSession, cancellation_id: UUID) -> MailView | None:
    found = await session.execute(_LAST_MAIL, {"cancellation_id": cancellation_id})
    mail = found.one_or_none()
    return mail and MailView(template=mail.template, state=mail.state, at=mail.sent_at)


_LAST_MAIL = (
    select(NotificationRow.template, NotificationRow.state, NotificationRow.sent_at)
    .where(
        NotificationRow.cancellation_id == bindparam("cancellation_id"),
        NotificationRow.audience == "customer",
        NotificationRow.state.in_(_TOLD),
    )
    .order_by(NotificationRow.created_at.desc(), NotificationRow.id)
    .limit(1)
)


async def _notes(session: AsyncSession, row: CancellationRow) -> Sequence[str]:
    """Reversed ones and reversals cancel each other out."""
    found = await session.execute(_NOTES, {"subject_id": row.subject_id, "cancellation_id": row.id})
    notes = found.all()
    reversed_ids = {note.reverses for note in notes if note.reverses}
    return [
        note.number
        for note in notes
        if note.kind is NoteKind.CREDIT_NOTE and note.id not in reversed_ids
    ]


_NOTES = (
    select(CreditNoteRow.id, CreditNoteRow.number, CreditNoteRow.kind, CreditNoteRow.reverses)
    .where(
        CreditNoteRow.subject_id == bindparam("subject_id"),
        CreditNoteRow.cancellation_id == bindparam("cancellation_id"),
    )
    .order_by(CreditNoteRow.series, CreditNoteRow.position)
)
