"""Looking for broken promises on a database in use, and finding whose they are."""

import re
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import exists, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from storage.events import EventRow
from storage.invariants import PROMISES, Violation

BROKEN = "invariant_broken"
"""The event by which a subject's history tells of it."""

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_QUERY_CANCELED = "57014"
_OWNERS = text(
    """
    SELECT id, NULL::uuid FROM subjects WHERE id = ANY(:ids)
    UNION SELECT subject_id, id FROM cancellations WHERE id = ANY(:ids)
    UNION SELECT subject_id, cancellation_id FROM refunds WHERE id = ANY(:ids)
    UNION SELECT subject_id, cancellation_id FROM reservations WHERE id = ANY(:ids)
    UNION SELECT subject_id, cancellation_id FROM card_holds WHERE id = ANY(:ids)
    UNION SELECT subject_id, cancellation_id FROM events WHERE id = :event
    """
)


class Owner(NamedTuple):
    subject_id: UUID
    cancellation_id: UUID | None


async def look(
    session: AsyncSession, promise: str, limit: int, patience: timedelta
) -> list[Violation] | None:
    """Find what breaks one promise; None if that takes longer than `patience`.

    One statement sees one moment, so work under way breaks no promise.
    """
    await session.execute(text("SET TRANSACTION READ ONLY"))
    milliseconds = patience // timedelta(milliseconds=1)
    await session.execute(text(f"SET LOCAL statement_timeout = {milliseconds}"))
    try:
        rows = await session.scalars(text(f"{PROMISES[promise]} LIMIT {int(limit)}"))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _QUERY_CANCELED:
            return None
        raise
    return [Violation(promise, where) for where in rows]


async def owners(session: AsyncSession, violation: Violation) -> list[Owner]:
    """The subjects behind a violation, each with the cancellation it is about, if it is about one.

    `where` begins with ids: of a subject, a cancellation, a refund, reservations, or an event.
    """
    ids = [UUID(found) for found in _ID.findall(violation.where)]
    event = int(violation.where) if violation.where.isdecimal() else None
    rows = await session.execute(_OWNERS, {"ids": ids, "event": event})
    return [Owner(*row) for row in rows]


async def is_told(session: AsyncSession, subject_id: UUID, violation: Violation) -> bool:
    """Whether the subject's history tells of it already."""
    told = exists().where(
        EventRow.subject_id == subject_id,
        EventRow.type == BROKEN,
        EventRow.data["promise"].astext == violation.promise,
        EventRow.data["where"].astext == violation.where,
    )
    return bool(await session.scalar(select(told)))
