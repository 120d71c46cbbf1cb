"""Past cancellations, each with the policy that is frozen on its subject."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from domain.errors import PolicyUnreadable
from domain.facts import Facts
from domain.policy.policy import Policy
from domain.requests import Request
from storage import histories
from storage.facts import frozen_policy
from storage.histories import Past

_PAGE = 500


@dataclass(frozen=True)
class PastCancellation:
    """What was asked for on what was known then, and the policy that it was decided by; None: that
    can no longer be read, which `rescind doctor` tells of."""

    id: str
    facts: Facts
    request: Request
    policy: Policy | None


async def past_cancellations(
    sessions: async_sessionmaker[AsyncSession], policy_id: str | None = None
) -> AsyncIterator[PastCancellation]:
    """Every cancellation done or declined, oldest first, a page in memory at a time.

    With a policy's id only those of subjects under it, in whatever version.
    """
    after = None
    while True:
        async with sessions() as session:
            page = await histories.page(session, _PAGE, after, policy_id)
            for past in page:
                yield await _with_policy(session, past)
        if len(page) < _PAGE:
            return
        after = page[-1].place


async def _with_policy(session: AsyncSession, past: Past) -> PastCancellation:
    id_ = str(past.place[1])
    try:
        policy, settings = await frozen_policy(session, past.policy_id, past.policy_version)
    except PolicyUnreadable:
        return PastCancellation(id_, past.facts, past.request, None)
    facts = past.facts.model_copy(update={"settings": settings})
    return PastCancellation(id_, facts, past.request, policy)
