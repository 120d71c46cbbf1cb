"""What every use case works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from domain.credit_notes import NOBODY, Business
from domain.limits import USUAL, Limits
from domain.reports import DEFAULT_PROVIDER
from use_cases.hints import StopAnswerReader, WebhookReader, no_warehouse, no_webhooks
from use_cases.registry import PaymentRegistry, no_registry
from use_cases.runs import Runs

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Context:
    """Made once by an entry point and handed to each use case. `zone` is the business's own.

    Up to `refund_limit` one person may give money back that no policy owes, up to `payout_limit`
    one may say alone that a refund was paid by hand. `provider` has the payments of which nobody
    says through whom they went. Files that customers send are kept for `evidence_kept` after the
    decision.
    """

    sessions: async_sessionmaker[AsyncSession]
    runs: Runs
    clock: Clock = utc_now
    quote_life: timedelta = timedelta(minutes=15)
    zone: str = "UTC"
    business: Business = NOBODY
    provider: str = DEFAULT_PROVIDER
    register: PaymentRegistry = no_registry
    read_webhook: WebhookReader = no_webhooks
    read_stop_answer: StopAnswerReader = no_warehouse
    refund_limit: Limits = USUAL
    payout_limit: Limits = USUAL
    evidence_kept: timedelta = timedelta(days=90)
