"""The policies that are kept: whether each version can still be read."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import PolicyUnreadable
from runtime.doctor.findings import Finding, broken, counted, fine
from storage.facts import frozen_policy
from storage.policies import PolicyVersionRow

_SHOWN = 3
_REMEDY = "Put their documents in policy_versions right, from a backup or from who wrote them."


async def check(session: AsyncSession) -> Finding:
    """Read them as a decision does."""
    of_all = select(PolicyVersionRow.policy_id, PolicyVersionRow.version)
    rows = await session.execute(of_all.order_by(*of_all.selected_columns))
    versions = [(policy_id, version) for policy_id, version in rows]
    unreadable = [one for one in versions if not await _is_readable(session, *one)]
    if not unreadable:
        return fine("policies", f"{counted(len(versions), 'version')} can be read.")
    names = ", ".join(f"{id_} version {version}" for id_, version in unreadable[:_SHOWN])
    more = len(unreadable) - _SHOWN
    others = f" and {more} more" if more > 0 else ""
    says = f"Can't be read, so nothing can be decided by it: {names}{others}."
    return broken("policies", says, _REMEDY)


async def _is_readable(session: AsyncSession, policy_id: str, version: int) -> bool:
    try:
        await frozen_policy(session, policy_id, version)
    except PolicyUnreadable:
        return False
    return True
