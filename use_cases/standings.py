"""Where a cancellation stands, with what is shown beside it: all that its live page is made of."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.lifecycle import SubjectState
from domain.subjects import Kind
from domain.values import Value
from storage.belongings import Owner
from storage.notifications import NotificationState
from storage.subjects import SubjectRow
from use_cases import cases, papers
from use_cases.context import Context
from use_cases.papers import Papers
from use_cases.stream_views import is_over
from use_cases.views import CancellationView


class Contact(Value):
    email: str | None


class SubjectBrief(Value):
    """Of an order or an appointment what is told with its cancellation. `state` is how far that
    has come, `customer` whom its mails go to."""

    kind: Kind
    id: str
    state: SubjectState
    currency: str
    zone: str
    customer: Contact


@dataclass(frozen=True, eq=False)
class Standing:
    """Read at one moment, at this place in the subject's sequence, and shared by all who follow.

    `made` keeps what they make of it, by what that depends on, so that it is made once.
    """

    seen: CancellationView
    subject: SubjectBrief
    papers: Papers
    owner: Owner
    subject_id: UUID
    sequence: int
    made: dict[Hashable, bytes] = field(default_factory=dict)

    @property
    def awaits_mail(self) -> bool:
        """Whether a mail is on its way: nothing announces that it went out."""
        return self.papers.mail is not None and self.papers.mail.state is NotificationState.DUE

    @property
    def is_over(self) -> bool:
        return is_over(self.seen) and not self.awaits_mail


async def get(context: Context, cancellation_id: UUID) -> Standing:
    """Raises CancellationNotFound."""
    async with context.sessions() as session:
        return await read(session, cancellation_id)


async def read(session: AsyncSession, cancellation_id: UUID) -> Standing:
    """Raises CancellationNotFound."""
    case = await cases.get(session, cancellation_id)
    return Standing(
        seen=cases.view(case),
        subject=_brief(case.subject),
        papers=await papers.of_case(session, case),
        owner=Owner(case.subject.customer_ref, case.subject.customer_email),
        subject_id=case.subject.id,
        sequence=case.subject.event_sequence,
    )


def _brief(row: SubjectRow) -> SubjectBrief:
    return SubjectBrief(
        kind=row.kind,
        id=row.ref,
        state=row.cancellation_state,
        currency=row.currency,
        zone=row.zone,
        customer=Contact(email=row.customer_email),
    )
