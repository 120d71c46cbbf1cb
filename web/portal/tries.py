"""Tries of strangers are counted, so that nobody finds things by guessing."""

import hashlib
import logging
from datetime import UTC, datetime, timedelta

from storage import portal
from web.portal.visit import Visit

log = logging.getLogger(__name__)

SPAN = timedelta(minutes=15)
"""Tries are counted within spans of this length."""

MOST_FROM_ONE, MOST_FOR_ONE = 20, 5
"""Tries in a span: from one address of the network, and for one order or appointment."""


async def is_too_much(visit: Visit, number: str) -> bool:
    """Count a try, and say whether it is one too many. Whose it was is kept as a hash only."""
    host = visit.request.client.host if visit.request.client else ""
    since = _beginning(visit.context.clock())
    async with visit.context.sessions.begin() as session:
        from_one = await portal.count_try(session, _bucket("from", host), since)
        for_one = await portal.count_try(session, _bucket("for", number.lower()), since)
    if from_one == MOST_FROM_ONE + 1 or for_one == MOST_FOR_ONE + 1:
        log.warning("somebody tries numbers: %d from one address, %d for one", from_one, for_one)
    return from_one > MOST_FROM_ONE or for_one > MOST_FOR_ONE


def _beginning(now: datetime) -> datetime:
    seconds = SPAN.total_seconds()
    return datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)


def _bucket(kind: str, value: str) -> str:
    return f"{kind}:{hashlib.sha256(value.encode()).hexdigest()[:32]}"
