"""What is a customer's, for their first page: what lies ahead and all else, a page at a time."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.decisions import Change, Decision, Outcome
from domain.facts import Facts
from domain.lifecycle import SubjectState
from domain.policy.rights.best import decide_best
from domain.policy.rights.grounds import Rights
from domain.policy.rights.left_out import some_alone
from domain.requests import Request
from domain.subjects import LineKind
from domain.values import Value
from storage import belongings, many_facts, rights
from storage.many_facts import Lines
from storage.subjects import SubjectRow
from use_cases import subjects
from use_cases.context import Context
from use_cases.customers import Customer
from use_cases.paging import Page, cursor, read_instant_cursor
from use_cases.subject_views import SubjectSummary

TITLES = 2
"""Items that are named; of the others only their number is told."""

SOUGHT = 100
"""Letters of what is looked for; more are cut off."""

Rows = Sequence[tuple[SubjectRow, datetime]]


class Terms(Value):
    """What cancelling all of it comes to now: `is_free` and `is_asked` hold until `until`, where
    there is such a moment. What is neither costs a fee. `is_partly`: only some of it can go."""

    is_free: bool = False
    is_asked: bool = False
    is_partly: bool = False
    until: datetime | None = None


class Belonging(Value):
    """`titles` are those of the first lines, `more` counts the others. `terms` are missing where it
    can't be cancelled now."""

    subject: SubjectSummary
    zone: str
    titles: tuple[str, ...]
    more: int
    terms: Terms | None


async def ahead(
    context: Context, customer: Customer, limit: int, after: str | None = None
) -> Page[Belonging]:
    """What has yet to happen and isn't cancelled, the next first."""
    now, place = context.clock(), read_instant_cursor(after) if after else None
    async with context.sessions() as session:
        rows = await belongings.ahead(session, customer.owner, now, limit + 1, place)
        return await _page(session, rows, limit, now)


async def others(
    context: Context, customer: Customer, limit: int, after: str | None = None, sought: str = ""
) -> Page[Belonging]:
    """All else, the newest first; or, wherever it is, what has these letters in its number or in
    the title of a line."""
    now, place = context.clock(), read_instant_cursor(after) if after else None
    async with context.sessions() as session:
        rows = await belongings.others(
            session, customer.owner, now, limit + 1, place, sought[:SOUGHT]
        )
        return await _page(session, rows, limit, now)


async def zone_of(context: Context, customer: Customer) -> str | None:
    """The customer's own time zone, as the business told it."""
    async with context.sessions() as session:
        return await belongings.zone_of(session, customer.owner)


async def _page(session: AsyncSession, rows: Rows, limit: int, now: datetime) -> Page[Belonging]:
    shown = [row for row, _ in rows[:limit]]
    lines = await belongings.lines_of(session, [row.id for row in shown])
    alive = [row for row in shown if _is_alive(row)]
    terms = await _terms(session, alive, lines, now)
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(
        items=tuple(_belonging(row, lines, terms.get(row.id)) for row in shown),
        next=cursor(last[1].isoformat(), last[0].id) if last else None,
    )


def _is_alive(row: SubjectRow) -> bool:
    return row.cancellation_state in (SubjectState.NONE, SubjectState.PARTLY_CANCELLED)


async def _terms(
    session: AsyncSession, rows: Sequence[SubjectRow], lines: Lines, now: datetime
) -> dict[UUID, Terms | None]:
    """By the best right of each. The laws of a policy are read once, and what went by law before
    only where part of it did go."""
    known, laws, terms = await many_facts.load(session, rows, lines), {}, {}
    for id_, (facts, contract) in known.items():
        named = contract.document.laws
        if named not in laws:
            laws[named] = await rights.laws_of(session, contract, now)
        has_gone = laws[named] and any(line.quantity_cancelled for line in facts.lines)
        gone = await rights.gone_by_law(session, id_) if has_gone else {}
        best = Rights(contract, laws=laws[named], gone=gone)
        terms[id_] = _terms_now(best, facts, Request(requested_at=now))
    return terms


def _terms_now(known: Rights, facts: Facts, request: Request) -> Terms | None:
    decision = decide_best(known, facts, request)
    if decision.is_declined and some_alone(known, facts, request):
        return Terms(is_partly=True)
    return terms_of(decision)


def terms_of(decision: Decision) -> Terms | None:
    if decision.is_declined:
        return None
    is_free = decision.outcome is not Outcome.HAND_OVER and not decision.fee_minor
    is_asked = decision.awaits_person
    whole = len(decision.lines)
    changes = decision.next_changes
    ends = (change.at for change in changes if _is_end(change, whole, is_free, is_asked))
    return Terms(
        is_free=is_free,
        is_asked=is_asked,
        until=next(ends, decision.cancellable_until),
    )


def _is_end(change: Change, whole: int, is_free: bool, is_asked: bool) -> bool:
    """Whether the answer is a worse one from there: dearer, a person's, for less of it, or no."""
    if change.outcome is Outcome.DECLINED or (is_free and change.fee_minor):
        return True
    if change.lines and len(change.lines) < whole:
        return True
    return change.outcome is not Outcome.ALLOWED and not is_asked


def _belonging(row: SubjectRow, lines: Lines, terms: Terms | None) -> Belonging:
    own = lines.get(row.id, ())
    items = [line for line in own if line.kind in (LineKind.GOODS, LineKind.SERVICE)] or own
    titles = [line.title or line.sku for line in items]
    named = list(dict.fromkeys(title for title in titles if title))[:TITLES]
    rest = [title for title in titles if title not in named]
    return Belonging(
        subject=subjects.summary(row),
        zone=row.zone,
        titles=tuple(named),
        more=len(rest),
        terms=terms,
    )
