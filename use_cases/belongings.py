"""What is a customer's, for their first page: what lies ahead and all else, a page at a time."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from domain.decisions import Decision, Outcome
from domain.facts import Facts
from domain.lifecycle import SubjectState
from domain.policy.policy import Policy
from domain.policy.rights.best import decide_best
from domain.policy.rights.grounds import Rights
from domain.requests import Request
from domain.subjects import LineKind
from domain.values import Value
from storage import belongings, many_facts
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
    there is such a moment."""

    is_free: bool
    is_asked: bool
    until: datetime | None


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


async def _page(session: AsyncSession, rows: Rows, limit: int, now: datetime) -> Page[Belonging]:
    shown = [row for row, _ in rows[:limit]]
    lines = await belongings.lines_of(session, [row.id for row in shown])
    known = await many_facts.load(session, [row for row in shown if _is_alive(row)], lines)
    terms = {id_: terms_of(_decide(facts, policy, now)) for id_, (facts, policy) in known.items()}
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(
        items=tuple(_belonging(row, lines, terms.get(row.id)) for row in shown),
        next=cursor(last[1].isoformat(), last[0].id) if last else None,
    )


def _is_alive(row: SubjectRow) -> bool:
    return row.cancellation_state in (SubjectState.NONE, SubjectState.PARTLY_CANCELLED)


def _decide(facts: Facts, policy: Policy, now: datetime) -> Decision:
    """By the contract alone: what is free by it is free by any right."""
    return decide_best(Rights(policy), facts, Request(requested_at=now))


def terms_of(decision: Decision) -> Terms | None:
    if decision.is_declined:
        return None
    is_free = decision.outcome is not Outcome.HAND_OVER and not decision.fee_minor
    ends = (
        change.at
        for change in decision.next_changes
        if change.outcome is Outcome.DECLINED or (is_free and change.fee_minor)
    )
    return Terms(
        is_free=is_free,
        is_asked=decision.awaits_person,
        until=next(ends, decision.cancellable_until),
    )


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
