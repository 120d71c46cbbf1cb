"""What a customer may reach: their own orders, appointments and cancellations, and nothing else."""

from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import CancellationNotFound, SubjectNotFound
from domain.subjects import SubjectRef
from domain.values import Value
from storage.belongings import Owner
from storage.requests import RequestRow
from storage.subjects import SubjectRow
from use_cases import standings, subjects
from use_cases.actors import Actor, Scope
from use_cases.context import Context
from use_cases.standings import Standing
from use_cases.subject_views import SubjectView


class Customer(Value):
    """Somebody who proved who they are: by a mailbox, or at the merchant's identity provider.

    `ref` is the merchant's own id of them, `email` is in small letters. Either makes a subject
    theirs.
    """

    ref: str | None = None
    email: str | None = None

    @property
    def actor(self) -> Actor:
        """How their acts are kept; never by name or address."""
        known = self.ref or "unnamed"
        return Actor(id=f"customer/{known}", scopes=frozenset({Scope.READ, Scope.CANCEL}))

    @property
    def owner(self) -> Owner:
        return Owner(ref=self.ref, email=self.email)


def customer_of(row: SubjectRow) -> Customer:
    return Customer(ref=row.customer_ref, email=small(row.customer_email))


def small(email: str | None) -> str | None:
    return email.strip().lower() if email and email.strip() else None


async def of_subject(context: Context, subject_id: UUID) -> tuple[Customer, SubjectRef]:
    """Whose a subject is. Raises SubjectNotFound."""
    async with context.sessions() as session:
        row = await session.get(SubjectRow, subject_id)
    if row is None:
        raise SubjectNotFound("there is no such order or appointment")
    return customer_of(row), row.subject


async def get(
    context: Context, customer: Customer, subject: SubjectRef, languages: list[str]
) -> SubjectView:
    """Read what is theirs. Somebody else's is told like one that isn't there: SubjectNotFound."""
    named = SubjectRow.kind == subject.kind, SubjectRow.ref == subject.id
    async with context.sessions() as session:
        return await subjects.of_row(session, await _own(session, customer, *named), languages)


async def subject_of(context: Context, customer: Customer, cancellation_id: UUID) -> SubjectRef:
    """The subject of a cancellation of theirs. Raises CancellationNotFound."""
    async with context.sessions() as session:
        subject_id = select(RequestRow.subject_id).where(RequestRow.id == cancellation_id)
        try:
            row = await _own(session, customer, SubjectRow.id == subject_id.scalar_subquery())
        except SubjectNotFound:
            raise CancellationNotFound(f"there is no cancellation {cancellation_id}") from None
    return row.subject


def check_theirs(customer: Customer, standing: Standing) -> Standing:
    """Somebody else's cancellation is told like one that isn't there: CancellationNotFound."""
    if not customer.owner.is_also(standing.owner):
        raise CancellationNotFound(f"there is no cancellation {standing.seen.id}")
    return standing


async def standing_of(context: Context, customer: Customer, cancellation_id: UUID) -> Standing:
    """Where a cancellation of theirs stands. Raises CancellationNotFound."""
    return check_theirs(customer, await standings.get(context, cancellation_id))


async def find(context: Context, number: str, email: str) -> SubjectRow | None:
    """The order or appointment of this number, if that is its customer's address as well.

    A sign before the number, as in #1042, may belong to it or not, and capitals may be small.
    """
    bare = number.lstrip("# ")
    names = {number, bare, bare.upper(), bare.lower()}
    is_theirs = func.lower(SubjectRow.customer_email) == small(email)
    async with context.sessions() as session:
        row: SubjectRow | None = await session.scalar(
            select(SubjectRow)
            .where(SubjectRow.ref.in_(names), is_theirs)
            .order_by(SubjectRow.ref != number)
            .limit(1)
        )
    return row


async def _own(
    session: AsyncSession, customer: Customer, *wanted: ColumnElement[bool]
) -> SubjectRow:
    row = await session.scalar(select(SubjectRow).where(*wanted, customer.owner.owns()))
    if row is None:
        raise SubjectNotFound("there is no such order or appointment")
    return row
