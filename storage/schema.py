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
    policies,
    quotes,
    reasons,
    refunds,
    requests,
    reservations,
    resources,
    stock,
    subjects,
    tenders,
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
    "policies",
    "quotes",
    "reasons",
    "refunds",
    "requests",
    "reservations",
    "resources",
    "stock",
    "subjects",
    "tenders",
]
