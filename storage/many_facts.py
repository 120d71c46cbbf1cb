"""The facts of several subjects at once, in as many queries as those of one."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import PolicyUnreadable
from domain.facts import Facts
from domain.policy.policy import Policy
from storage import facts
from storage.policies import PolicyRow, PolicyVersionRow
from storage.subjects import LineRow, SubjectRow
from storage.tenders import TenderRow

Lines = Mapping[UUID, Sequence[LineRow]]


class Frozen(NamedTuple):
    policy: Policy
    settings: dict[str, Any]


async def load(
    session: AsyncSession, rows: Sequence[SubjectRow], lines: Lines
) -> dict[UUID, tuple[Facts, Policy]]:
    """The facts of each, and the policy frozen on it; one whose policy can't be read is left out.

    What refunds on record still claim isn't counted: it lowers what goes back, and no fee.
    """
    paid = await _tenders(session, [row.id for row in rows])
    frozen = await _frozen(session, {(row.policy_id, row.policy_version) for row in rows})
    found = ((row, frozen.get((row.policy_id, row.policy_version))) for row in rows)
    return {
        row.id: (
            facts.build(row, list(lines.get(row.id, ())), paid.get(row.id, []), known.settings),
            known.policy,
        )
        for row, known in found
        if known is not None
    }


async def _tenders(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, list[TenderRow]]:
    paid: dict[UUID, list[TenderRow]] = {}
    for row in await session.scalars(
        select(TenderRow)
        .where(TenderRow.subject_id.in_(ids))
        .order_by(TenderRow.subject_id, TenderRow.position)
    ):
        paid.setdefault(row.subject_id, []).append(row)
    return paid


async def _frozen(
    session: AsyncSession, wanted: Collection[tuple[str, int]]
) -> dict[tuple[str, int], Frozen]:
    version = (PolicyVersionRow.policy_id, PolicyVersionRow.version)
    rows = await session.execute(
        select(*version, PolicyVersionRow.document, PolicyRow.settings)
        .join(PolicyRow, PolicyRow.id == PolicyVersionRow.policy_id)
        .where(tuple_(*version).in_(wanted))
    )
    found = {}
    for policy_id, number, document, settings in rows:
        try:
            policy = facts.read_policy(policy_id, number, document)
        except PolicyUnreadable:
            continue
        found[policy_id, number] = Frozen(policy, settings)
    return found
