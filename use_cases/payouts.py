"""What people do about one refund: pay it by hand, try again, waive it, give store credit."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.attention import (
    CUSTOMER_CHOICES,
    MONEY_CHOICES,
    Choice,
    Waits,
    check_refund_choice,
)
from domain.contracts import Settlement
from domain.errors import (
    AlreadyAnswered,
    ChoiceNotAllowed,
    InvalidRequest,
    NotAllowed,
    PayoutDiffers,
    RefundNotFound,
    SecondPersonRequired,
    SubjectNotFound,
)
from storage import events, payouts, refund_requests, refunds, requests
from storage.payouts import PayoutRow
from storage.refunds import RefundRow
from storage.subjects import SubjectRow
from use_cases import settling
from use_cases.actors import Actor, Scope
from use_cases.context import Context

_ENDS = frozenset({Choice.SKIP, Choice.DECLINE})
"""What leaves the customer without their money."""


async def pay(context: Context, actor: Actor, refund_id: UUID, reference: str) -> bool:
    """Say that a refund was paid by hand, and whether that settles it.

    Above the limit the first person proposes and a second one confirms the same reference; the
    first may put theirs right until then. Raises AlreadyAnswered, ChoiceNotAllowed, PayoutDiffers,
    SecondPersonRequired.
    """
    actor.require(Scope.MONEY)
    async with context.sessions.begin() as session:
        _, row = await _waiting(session, refund_id, Choice.SETTLE_BY_HAND)
        known = await payouts.find(session, row.id)
        if not _is_done(context, actor, row, known, reference):
            now = context.clock()
            await payouts.propose(session, row.id, reference, actor.id, now)
            await _record(session, context, row, "refund_payout_proposed", actor)
            return False
        await payouts.confirm(session, row.id, reference, actor.id, context.clock())
        await _record(session, context, row, "refund_payout_confirmed", actor)
    await _tell(context, refund_id, Choice.SETTLE_BY_HAND, actor.id)
    return True


def _is_done(
    context: Context, actor: Actor, row: RefundRow, known: PayoutRow | None, reference: str
) -> bool:
    """Whether this person's word is enough, alone or as the second."""
    if context.payout_limit.allow(row.amount_minor, row.currency):
        return True
    if known is None or known.proposed_by is None:
        return False
    if known.confirmed_by is not None:
        return True
    if known.reference == reference and known.proposed_by != actor.id:
        return True
    if known.proposed_by != actor.id:
        raise PayoutDiffers("the first person named another reference: one of them is wrong")
    if known.reference == reference:
        raise SecondPersonRequired("another person confirms this payout, with the same reference")
    return False


async def keep_details(context: Context, actor: Actor, refund_id: UUID, details: str) -> None:
    """Keep where the customer wants their money. Of one that waits for their choice that is the
    choice: a person pays it there. Raises AlreadyAnswered once it is paid."""
    async with context.sessions.begin() as session:
        _, row = await _lock(session, refund_id)
        if row.settled_at is not None:
            raise AlreadyAnswered(f"refund {refund_id} is {row.state} already", state=row.state)
        await payouts.keep_details(session, refund_id, details)
        is_choice = row.attention == Waits.CUSTOMER
    if is_choice:
        await choose(context, actor, refund_id, Choice.PAY_BY_HAND)


async def withdraw(context: Context, actor: Actor, refund_id: UUID) -> None:
    """Take back that it was paid by hand, which nobody has confirmed. Raises AlreadyAnswered."""
    actor.require(Scope.MONEY)
    async with context.sessions.begin() as session:
        _, row = await _waiting(session, refund_id, Choice.SETTLE_BY_HAND)
        if await payouts.withdraw(session, refund_id):
            await _record(session, context, row, "refund_payout_withdrawn", actor)


async def choose(
    context: Context, actor: Actor, refund_id: UUID, choice: Choice, reason: str | None = None
) -> None:
    """Choose a way out for a refund that waits. Raises AlreadyAnswered, ChoiceNotAllowed,
    NotAllowed, SecondPersonRequired, and InvalidRequest for a waiver without a reason."""
    async with context.sessions.begin() as session:
        subject, row = await _waiting(session, refund_id, choice)
        who = _person(actor, subject, row, choice)
        await _check_unpaid(session, row)
        if choice in _ENDS:
            await _check_end(session, actor, row, reason)
        if choice is Choice.SETTLE_BY_HAND:
            _check_alone(context, row)
        data = {"step": "refund", "choice": choice} | ({"reason": reason} if reason else {})
        await _record(session, context, row, "resolution_chosen", actor, **data)
    await _tell(context, refund_id, choice, who)


async def _check_unpaid(session: AsyncSession, row: RefundRow) -> None:
    """Refuse another way while somebody says that the money was handed over: it would go twice."""
    known = await payouts.find(session, row.id)
    if known is not None and known.proposed_by is not None:
        raise ChoiceNotAllowed(
            f"refund {row.id} was paid by hand, somebody says: another person confirms it, "
            "or it is withdrawn first"
        )


def _check_alone(context: Context, row: RefundRow) -> None:
    if not context.payout_limit.allow(row.amount_minor, row.currency):
        raise SecondPersonRequired(
            f"two people say that it was paid: POST /v1/refunds/{row.id}/pay", refund_id=row.id
        )


def _person(actor: Actor, subject: SubjectRow, row: RefundRow, choice: Choice) -> str:
    """Who says so: somebody with a scope for it, or the customer whom a refund waits for."""
    if choice in CUSTOMER_CHOICES and not actor.can(Scope.MONEY):
        actor.require(Scope.CANCEL)
        if row.attention != Waits.CUSTOMER:
            raise NotAllowed("the customer isn't asked how they want this one", scope=Scope.MONEY)
        return f"customer/{subject.customer_ref or subject.id}"
    actor.require(Scope.MONEY if choice in MONEY_CHOICES else Scope.RESOLVE)
    return actor.id


async def _check_end(
    session: AsyncSession, actor: Actor, row: RefundRow, reason: str | None
) -> None:
    """Waiving takes a reason and somebody who neither asked for the refund nor approved it."""
    if not (reason and reason.strip()):
        raise InvalidRequest("waiving a refund takes a reason")
    if actor.id in await _involved(session, row):
        raise SecondPersonRequired("who asked for or approved this may not waive its refund")


async def _involved(session: AsyncSession, row: RefundRow) -> set[str]:
    people = set((await refund_requests.approvals(session, [row.id])).values())
    if row.request_id is not None:
        people.add((await refund_requests.get(session, row.request_id)).actor)
    if row.cancellation_id is not None:
        people.add((await requests.get(session, row.cancellation_id)).actor)
        history = await events.of_cancellation(session, row.cancellation_id)
        people |= {event.actor for event in history if event.type == "cancellation_approved"}
    return people


async def _lock(session: AsyncSession, refund_id: UUID) -> tuple[SubjectRow, RefundRow]:
    try:
        subject = await refunds.lock_subject(session, refund_id)
    except SubjectNotFound:
        raise RefundNotFound(f"there is no refund {refund_id}") from None
    row = await refunds.find(session, refund_id)
    assert row is not None
    return subject, row


async def _waiting(
    session: AsyncSession, refund_id: UUID, choice: Choice
) -> tuple[SubjectRow, RefundRow]:
    """Lock a refund that waits for somebody and offers this. Raises AlreadyAnswered."""
    subject, row = await _lock(session, refund_id)
    if row.attention is None:
        raise AlreadyAnswered(f"refund {refund_id} waits for nobody", state=row.state)
    check_refund_choice(row.state, choice, row.attention)
    return subject, row


async def _record(
    session: AsyncSession, context: Context, row: RefundRow, name: str, actor: Actor, **data: str
) -> None:
    await events.record(
        session,
        row.subject_id,
        name,
        context.clock(),
        actor=actor.id,
        cancellation_id=row.cancellation_id,
        data={"refund": str(row.id)} | data,
    )


async def _tell(context: Context, refund_id: UUID, choice: Choice, who: str) -> None:
    await settling.tell(context, Settlement(refund_id=refund_id, choice=choice, actor=who))
