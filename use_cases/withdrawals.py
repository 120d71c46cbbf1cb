"""Withdrawing from a contract by law: what can be withdrawn from, and a declaration carried out.

A declaration is no request: it is kept and acknowledged whatever stands in the way. What can't be
carried out by itself is put before a person.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.decisions import Decision
from domain.errors import RescindError
from domain.facts import Facts
from domain.policy.rights.best import decide_best
from domain.policy.rights.grounds import Rights
from domain.requests import Request, Right
from domain.subjects import LineKind, LineQuantity, SubjectRef
from domain.values import Value
from storage import requests, rights, subjects, withdrawal_letters, withdrawals
from storage.requests import RequestRow
from storage.subjects import SubjectRow
from storage.withdrawal_letters import LetterState, Post, WithdrawalLetterRow
from storage.withdrawals import WithdrawalRow
from use_cases import cancellations, status
from use_cases.actors import Actor, Scope
from use_cases.context import Context
from use_cases.customers import customer_of
from use_cases.intake import Asked, AskedLine
from use_cases.views import Status

CUSTOMER, BUSINESS = "customer", "business"
"""Who has a letter about a declaration."""

_ITEMS = (LineKind.GOODS, LineKind.SERVICE)
_GOES_ON = frozenset(
    {
        *(Status.RECEIVED, Status.AWAITING_APPROVAL, Status.UNDO_WINDOW, Status.WORKING),
        *(Status.CANCELLED, Status.NEEDS_ATTENTION),
    }
)


class Statement(Value):
    """What somebody declares. `lines` is what was chosen of a subject of theirs, `part` the same in
    words; neither means all of it."""

    id: UUID
    name: str
    email: str
    number: str
    part: str = ""
    subject: SubjectRef | None = None
    lines: tuple[AskedLine, ...] = ()
    language: str = "en"


class Written(Value):
    """What is kept of a declaration besides: the receipt, and both letters as they will be sent."""

    receipt: bytes
    to_customer: bytes
    to_business: bytes


class WithdrawalView(Value):
    """A declaration and what came of it: a cancellation, or a person looks at it.

    `is_mailed` says whether the receipt went out: None while it is on its way.
    """

    id: UUID
    received_at: datetime
    language: str
    name: str
    email: str
    number: str
    part: str
    subject: SubjectRef | None
    lines: tuple[AskedLine, ...]
    receipt: bytes
    cancellation_id: UUID | None
    is_mailed: bool | None


async def right_of(context: Context, subject: SubjectRef) -> Decision | None:
    """What the law says now of all that is left: None where it lets nothing go."""
    now = context.clock()
    facts, known = await _load(context, subject, now)
    if not _open_items(facts, known):
        return None
    decision = decide_best(known, facts, Request(right=Right.LAW, requested_at=now))
    return None if decision.is_declined else decision


async def covered(context: Context, subject: SubjectRef) -> Sequence[str]:
    """The lines that the law lets go now.

    None of them where the policy names no law, and where all of it is cancelled already.
    """
    now = context.clock()
    facts, known = await _load(context, subject, now)
    return _covered(facts, known, now)


async def _load(context: Context, subject: SubjectRef, at: datetime) -> tuple[Facts, Rights]:
    async with context.sessions() as session:
        return await rights.load(session, await subjects.get(session, subject), at)


def _covered(facts: Facts, known: Rights, at: datetime) -> Sequence[str]:
    """Each line by itself: one that is excepted leaves the others as they are."""
    alone = (
        Request(right=Right.LAW, lines=(line,), requested_at=at)
        for line in _open_items(facts, known)
    )
    return [
        request.lines[0].id
        for request in alone
        if not decide_best(known, facts, request).is_declined
    ]


def _open_items(facts: Facts, known: Rights) -> Sequence[LineQuantity]:
    return [
        LineQuantity(id=line.id, quantity=line.quantity_open)
        for line in (facts.lines if known.laws else ())
        if line.kind in _ITEMS and line.quantity_open
    ]


async def declare(
    context: Context, statement: Statement, received_at: datetime, written: Written
) -> None:
    """Keep a declaration and carry it out. The same id again changes nothing and does nothing new.

    The receipt is due to its customer at once, whatever comes of it.
    """
    async with context.sessions.begin() as session:
        subject_id = await _subject_id(session, statement.subject)
        is_new = await withdrawals.keep(
            session,
            statement.id,
            received_at,
            language=statement.language,
            name=statement.name,
            email=statement.email,
            number=statement.number,
            part=statement.part,
            subject_id=subject_id,
            lines=[line.model_dump(mode="json") for line in statement.lines],
            receipt=written.receipt,
        )
        if is_new:
            for audience, content, state in (
                (CUSTOMER, written.to_customer, LetterState.DUE),
                (BUSINESS, written.to_business, LetterState.HELD),
            ):
                withdrawal_letters.add(session, statement.id, audience, content, state, received_at)
    await _carry_out(context, statement.id)


async def find(context: Context, withdrawal_id: UUID) -> WithdrawalView | None:
    async with context.sessions() as session:
        row = await session.get(WithdrawalRow, withdrawal_id)
        if row is None:
            return None
        subject = await session.get(SubjectRow, row.subject_id) if row.subject_id else None
        asked = await _request(session, row, subject)
        to_customer = await withdrawal_letters.find(session, withdrawal_id, CUSTOMER)
        to_business = await withdrawal_letters.find(session, withdrawal_id, BUSINESS)
    return WithdrawalView(
        id=row.id,
        received_at=row.received_at,
        language=row.language,
        name=row.name,
        email=row.email,
        number=row.number,
        part=row.part,
        subject=subject.subject if subject else None,
        lines=tuple(AskedLine.model_validate(line) for line in row.lines),
        receipt=row.receipt,
        cancellation_id=_came_to(to_business, asked),
        is_mailed=_is_mailed(to_customer),
    )


async def send_letters(context: Context, post: Post, withdrawal_id: UUID) -> None:
    """Send what is due about a declaration; what can't be sent now is tried again later."""
    await withdrawal_letters.send_due(context.sessions, post, context.clock(), withdrawal_id)


async def _carry_out(context: Context, withdrawal_id: UUID) -> None:
    """Start the cancellation that was declared, as of when that came in; else call a person."""
    async with context.sessions() as session:
        row = await session.get_one(WithdrawalRow, withdrawal_id)
        subject = await session.get(SubjectRow, row.subject_id) if row.subject_id else None
    is_done = subject is not None and not row.part and await _start(context, row, subject)
    async with context.sessions.begin() as session:
        state = LetterState.NEEDLESS if is_done else LetterState.DUE
        await withdrawal_letters.release(session, withdrawal_id, state)


async def _start(context: Context, row: WithdrawalRow, subject: SubjectRow) -> bool:
    """Ask for the cancellation under the declaration's own key, and say whether it goes on."""
    async with context.sessions() as session:
        known = await _request(session, row, subject)
        facts, laws = await rights.load(session, subject, row.received_at)
    if known is not None:
        seen = await status.get_cancellation(context, known.joined_id or known.id)
        return seen.state in _GOES_ON
    chosen = tuple(AskedLine.model_validate(line) for line in row.lines)
    lines = chosen or tuple(AskedLine(id=id_) for id_ in _covered(facts, laws, row.received_at))
    if not laws.laws or not lines or subject.order_id is not None:
        return False
    asked = Asked(
        subject=subject.subject, lines=lines, right=Right.LAW, requested_at=row.received_at
    )
    try:
        seen = await cancellations.request_cancellation(
            context, _actor(subject), asked, _key(row.id)
        )
    except RescindError:
        return False
    return seen.state in _GOES_ON


async def _subject_id(session: AsyncSession, subject: SubjectRef | None) -> UUID | None:
    return (await subjects.get(session, subject)).id if subject else None


async def _request(
    session: AsyncSession, row: WithdrawalRow, subject: SubjectRow | None
) -> RequestRow | None:
    """The request that was made for a declaration."""
    if subject is None:
        return None
    return await requests.find_by_key(session, _actor(subject).id, _key(row.id))


def _key(withdrawal_id: UUID) -> str:
    return f"withdrawal/{withdrawal_id}"


def _actor(subject: SubjectRow) -> Actor:
    """The customer, whose declaration counts from when it came in."""
    scopes = frozenset({Scope.READ, Scope.CANCEL, Scope.BACKDATE})
    return Actor(id=customer_of(subject).actor.id, scopes=scopes)


def _came_to(letter: WithdrawalLetterRow | None, request: RequestRow | None) -> UUID | None:
    """The cancellation, unless a person was called."""
    is_called = letter is None or letter.state not in (LetterState.HELD, LetterState.NEEDLESS)
    return None if is_called or request is None else request.joined_id or request.id


def _is_mailed(letter: WithdrawalLetterRow | None) -> bool | None:
    if letter is None or letter.state is LetterState.PARKED:
        return False
    return True if letter.state is LetterState.SENT else None
