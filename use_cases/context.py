"""What every use case works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from use_cases.registry import PaymentRegistry, no_registry
from use_cases.runs import Runs

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Context:
    """Made once by an entry point and handed to each use case. `zone` is the business's own."""

    sessions: async_sessionmaker[AsyncSession]
    runs: Runs
    clock: Clock = utc_now
    quote_life: timedelta = timedelta(minutes=15)
    zone: str = "UTC"
    register: PaymentRegistry = no_registry
