"""What a purchase was made under: its frozen policy, and the laws as they stand now."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.facts import Facts
from domain.lifecycle import CancellationState
from domain.policy.policy import Policy
from domain.policy.rights.grounds import Law, Rights
from domain.policy.rights.merging import BY_LAW
from storage import facts, policies
from storage.cancellations import CancellationRow
from storage.decisions import DecisionRow
from storage.subjects import SubjectRow

_GONE = (CancellationState.CANCELLED, CancellationState.NEEDS_ATTENTION)


async def load(session: AsyncSession, row: SubjectRow, at: datetime) -> tuple[Facts, Rights]:
    """Read a subject's facts and its rights; the law is that in force `at` the request."""
    known, contract = await facts.load(session, row)
    laws = await laws_of(session, contract, at)
    has_gone = bool(laws) and any(line.quantity_cancelled for line in known.lines)
    gone = await gone_by_law(session, row.id) if has_gone else {}
    return known, Rights(contract, row.policy_version, laws, gone)


async def laws_of(session: AsyncSession, contract: Policy, at: datetime) -> tuple[Law, ...]:
    """The laws that a contract's policy names, each in the newest version in force. Law isn't
    frozen; one that isn't in force yet doesn't count."""
    found = []
    for id_ in contract.document.laws:
        version = await policies.current(session, id_, at)
        if version is not None:
            policy, _ = await facts.frozen_policy(session, id_, version.version)
            found.append(Law(policy, version.version))
    return tuple(found)


async def gone_by_law(session: AsyncSession, subject_id: UUID) -> dict[str, dict[str, int]]:
    """How many units of each line were cancelled by which law before."""
    documents = await session.scalars(
        select(DecisionRow.document)
        .join(CancellationRow, CancellationRow.id == DecisionRow.cancellation_id)
        .where(CancellationRow.subject_id == subject_id, CancellationRow.state.in_(_GONE))
    )
    gone: dict[str, dict[str, int]] = {}
    for document in documents:
        for policy_id, line_id, units in _by_law(document):
            lines = gone.setdefault(policy_id, {})
            lines[line_id] = lines.get(line_id, 0) + units
    return gone


def _by_law(document: dict[str, Any]) -> list[tuple[str, str, int]]:
    units = {line["id"]: line["quantity"] for line in document["lines"]}
    return [
        (finding["params"]["policy"], line, units[line])
        for finding in document["codes"]
        if finding["code"] == BY_LAW
        for line in finding["params"]["lines"]
        if line in units
    ]
