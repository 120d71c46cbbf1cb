"""What belongs to a customer, a page at a time, however much that is.

A customer is known by a reference, an address in small letters, or both; each of them has indexes
of its own, so each is asked for its share of a page and the shares are put together.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, false, func, or_, select
from sqlalchemy import tuple_ as together
from sqlalchemy import union as union_of
from sqlalchemy.ext.asyncio import AsyncSession

from domain.lifecycle import SubjectState
from storage.subjects import AHEAD, LISTED, LineRow, SubjectRow

Place = tuple[datetime, UUID]
"""The key of a row in its list."""

Rows = Select[*tuple[Any, ...]]


class Owner(NamedTuple):
    ref: str | None
    email: str | None

    def ways(self) -> Iterator[ColumnElement[bool]]:
        """Each way in which a subject may be theirs. Nobody owns what names no customer."""
        if self.ref:
            yield SubjectRow.customer_ref == self.ref
        if self.email:
            yield func.lower(SubjectRow.customer_email) == self.email

    def owns(self) -> ColumnElement[bool]:
        ways = list(self.ways())
        return or_(*ways) if ways else false()

    def is_also(self, other: "Owner") -> bool:
        """The same as `owns`, asked of whom a row at hand names."""
        has_ref = bool(self.ref) and self.ref == other.ref
        return has_ref or (bool(self.email) and self.email == (other.email or "").lower())


async def ahead(
    session: AsyncSession, owner: Owner, now: datetime, limit: int, after: Place | None = None
) -> list[tuple[SubjectRow, datetime]]:
    """What has yet to happen, the next first, each with its place in the list."""
    key = _key(AHEAD)
    wanted = _is_ahead(now) + ([key > together(*after)] if after else [])
    return await _page(session, owner.ways(), AHEAD, wanted, limit, is_newest_first=False)


async def others(
    session: AsyncSession,
    owner: Owner,
    now: datetime,
    limit: int,
    after: Place | None = None,
    sought: str = "",
) -> list[tuple[SubjectRow, datetime]]:
    """Everything else, the newest first; where something is sought, all that has it."""
    wanted = [_has(sought) if sought else _is_not_ahead(now)]
    if after:
        wanted.append(_key(LISTED) < together(*after))
    ways = [owner.owns()] if sought else owner.ways()
    return await _page(session, ways, LISTED, wanted, limit, is_newest_first=True)


def _is_ahead(now: datetime) -> list[ColumnElement[bool]]:
    return [
        or_(SubjectRow.starts_at.is_not(None), SubjectRow.starts_on.is_not(None)),
        now <= AHEAD,
        SubjectRow.cancellation_state != SubjectState.CANCELLED,
    ]


def _is_not_ahead(now: datetime) -> ColumnElement[bool]:
    is_cancelled = SubjectRow.cancellation_state == SubjectState.CANCELLED
    return or_(AHEAD.is_(None), now > AHEAD, is_cancelled)


def _has(sought: str) -> ColumnElement[bool]:
    """Whether its number, or the title of one of its lines, has these letters."""
    in_title = exists().where(
        LineRow.subject_id == SubjectRow.id, LineRow.title.icontains(sought, autoescape=True)
    )
    return or_(SubjectRow.ref.icontains(sought, autoescape=True), in_title)


def _key(sorted_by: ColumnElement[datetime]) -> Any:
    return together(sorted_by, SubjectRow.id)


async def _page(
    session: AsyncSession,
    ways: Iterable[ColumnElement[bool]],
    sorted_by: ColumnElement[datetime],
    wanted: Sequence[ColumnElement[bool]],
    limit: int,
    *,
    is_newest_first: bool,
) -> list[tuple[SubjectRow, datetime]]:
    """The first rows of every way, put together in the same order, each once."""
    shares = [
        _ordered(
            select(SubjectRow.id.label("id"), sorted_by.label("at")).where(
                way, SubjectRow.order_id.is_(None), *wanted
            ),
            (sorted_by, SubjectRow.id),
            is_newest_first,
        ).limit(limit)
        for way in ways
    ]
    if not shares:
        return []
    found = union_of(*(select(share.subquery()) for share in shares)).subquery()
    rows = await session.execute(
        _ordered(
            select(SubjectRow, found.c.at).join(found, found.c.id == SubjectRow.id),
            (found.c.at, found.c.id),
            is_newest_first,
        ).limit(limit)
    )
    return [(row, at) for row, at in rows]


def _ordered(query: Rows, key: Sequence[Any], is_newest_first: bool) -> Rows:
    return query.order_by(*((each.desc() for each in key) if is_newest_first else key))


async def lines_of(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, list[LineRow]]:
    """The lines of several subjects, in their order."""
    rows = await session.scalars(
        select(LineRow)
        .where(LineRow.subject_id.in_(ids))
        .order_by(LineRow.subject_id, LineRow.position)
    )
    lines: dict[UUID, list[LineRow]] = {}
    for row in rows:
        lines.setdefault(row.subject_id, []).append(row)
    return lines


async def zone_of(session: AsyncSession, owner: Owner) -> str | None:
    """The customer's own time zone, as the newest of theirs that tells one has it."""
    for way in owner.ways():
        zone: str | None = await session.scalar(
            select(SubjectRow.customer_zone)
            .where(way, SubjectRow.order_id.is_(None), SubjectRow.customer_zone.is_not(None))
            .order_by(LISTED.desc(), SubjectRow.id.desc())
            .limit(1)
        )
        if zone:
            return zone
    return None
