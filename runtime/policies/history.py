"""A policy over the past cancellations of an installation."""

from collections.abc import Callable

from domain.errors import InvalidRequest
from domain.policy.policy import Policy
from runtime import local
from runtime.policies.simulation import Simulated
from runtime.settings import Settings
from storage.database import make_engine, make_sessions
from use_cases.histories import PastCancellation, past_cancellations


async def simulate(
    settings: Settings,
    new: Policy,
    present: Policy | None,
    *,
    every: bool,
    limit: int | None,
    told: Callable[[int], None],
) -> Simulated:
    """Judge each past cancellation by the new policy, and by the present one: that which is frozen
    on its subject, if none is named. Without `every` only those under a policy of the same name."""
    async with local.database(settings) as url:
        engine = make_engine(url, connections=2)
        try:
            found = Simulated()
            under = None if every else new.id
            async for past in past_cancellations(make_sessions(engine), under):
                if limit is not None and found.rows == limit:
                    break
                found.rows += 1
                _judge(found, new, present or past.policy, past)
                told(found.rows)
            return found
        finally:
            await engine.dispose()


def _judge(found: Simulated, new: Policy, present: Policy | None, past: PastCancellation) -> None:
    if present is None:
        found.refuse(found.rows, f"{past.id}: the policy it has can't be read")
        return
    try:
        found.judge(new, present, past.facts, past.request)
    except InvalidRequest as error:
        found.refuse(found.rows, f"{past.id}: {error.code}: {error}")
