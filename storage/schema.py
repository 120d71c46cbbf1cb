"""All tables at once, for migrations: importing this fills the metadata."""

from storage import (
    cancellations,
    credit,
    decisions,
    effects,
    events,
    holds,
    keys,
    notifications,
    payouts,
    policies,
    quotes,
    reasons,
    refund_requests,
    refunds,
    requests,
    reservations,
    resources,
    stock,
    subjects,
    tenders,
    webhooks,
)
from storage.base import Base

METADATA = Base.metadata

__all__ = [
    "METADATA",
    "cancellations",
    "credit",
    "decisions",
    "effects",
    "events",
    "holds",
    "keys",
    "notifications",
    "payouts",
    "policies",
    "quotes",
    "reasons",
    "refund_requests",
    "refunds",
    "requests",
    "reservations",
    "resources",
    "stock",
    "subjects",
    "tenders",
    "webhooks",
]
