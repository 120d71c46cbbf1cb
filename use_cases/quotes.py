"""Quotes: what a cancellation would come to, promised against the clock for a while."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from domain.decisions import Decision, Quote
from domain.errors import QuoteNotFound
from domain.policy.rights.best import decide_best
from domain.requests import Request
from domain.subjects import SubjectRef
from domain.values import Value
from storage import quotes, requests, rights
from storage.requests import RequestRow, RequestState
from storage.subjects import SubjectRow
from use_cases import intake
from use_cases.actors import Actor
from use_cases.context import Context
from use_cases.intake import Asked


class QuoteView(Value):
    """A quote with the subject it is for. It is good for one request that says the same."""

    id: str
    subject: SubjectRef
    asker: str
    request: Request
    decision: Decision
    expires_at: datetime
    used_by: str | None = None


class Met(Value):
    """The cancellation that a request met when it came: the same one, or another one."""

    cancellation_id: UUID
    is_same: bool


async def quote(
    context: Context, actor: Actor, asked: Asked, *, keeps_note: bool = False
) -> QuoteView:
    """Decide without doing anything, and keep the decision. Raises what `intake.check` raises.

    Where `keeps_note`, the words that were asked with stay beside it, for `note_of`.
    """
    now = context.clock()
    note = asked.note if keeps_note else None
    async with context.sessions.begin() as session:
        checked = await intake.check(session, actor, asked, now)
        subject, request, asker = checked.subject, checked.request, checked.asker
        return await _give(context, session, subject, request, asker, now, note)


async def preview(context: Context, actor: Actor, asked: Asked) -> Decision:
    """Decide as a quote would, and keep nothing: for a page that shows what a choice comes to."""
    now = context.clock()
    async with context.sessions() as session:
        checked = await intake.check(session, actor, asked, now)
        facts, known = await rights.load(session, checked.subject, now)
    return decide_best(known, facts, checked.request)


async def get_quote(context: Context, quote_id: UUID) -> QuoteView:
    async with context.sessions() as session:
        row = await quotes.find(session, quote_id)
        if row is None:
            raise QuoteNotFound(f"there is no quote {quote_id}")
        subject = await session.get_one(SubjectRow, row.subject_id)
        return _view(subject.subject, row.quote)


async def note_of(context: Context, quote_id: str) -> str | None:
    """What the customer wrote beside a quote. It is in no view, so that it gets nowhere else."""
    async with context.sessions() as session:
        row = await quotes.find(session, UUID(quote_id))
        return row.note if row else None


async def met(context: Context, actor: Actor, key: str) -> Met | None:
    """What kept the request of this key from becoming a cancellation; None if nothing did."""
    async with context.sessions() as session:
        row = await requests.find_by_key(session, actor.id, key)
    if row is None or row.joined_id is None:
        return None
    return Met(cancellation_id=row.joined_id, is_same=row.state is RequestState.JOINED)


async def renew(
    context: Context, session: AsyncSession, subject: SubjectRow, asked: RequestRow
) -> QuoteView:
    """Give a new quote for a request whose own one the facts have outrun."""
    now = context.clock()
    fresh = asked.request.model_copy(update={"quote_id": None, "requested_at": now})
    return await _give(context, session, subject, fresh, asked.asker, now)


async def _give(
    context: Context,
    session: AsyncSession,
    subject: SubjectRow,
    request: Request,
    asker: str,
    now: datetime,
    note: str | None = None,
) -> QuoteView:
    """Decide on the facts as they are now and keep that as a quote."""
    facts, known = await rights.load(session, subject, request.requested_at or now)
    decision = decide_best(known, facts, request)
    given = Quote(
        id=str(uuid4()),
        request=request,
        decision=decision,
        asker=asker,
        expires_at=_expiry(decision, now, context.quote_life),
    )
    quotes.keep(session, subject.id, given, now, note)
    return _view(subject.subject, given)


def _expiry(decision: Decision, now: datetime, life: timedelta) -> datetime:
    """A quote lives its time, at most to a cutoff that still lies ahead."""
    end, cutoff = now + life, decision.cancellable_until
    return cutoff if cutoff is not None and now < cutoff < end else end


def _view(subject: SubjectRef, given: Quote) -> QuoteView:
    return QuoteView(
        id=given.id,
        subject=subject,
        asker=given.asker,
        request=given.request,
        decision=given.decision,
        expires_at=given.expires_at,
        used_by=given.used_by,
    )
