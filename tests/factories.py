"""Builders that fill in what a test does not care about."""

from typing import Any
from uuid import UUID, uuid4

from domain.contracts import CancelSubject, PlannedRefund, Verdict
from domain.decisions import Outcome
from domain.subjects import Kind, SubjectRef


def a_request(**known: Any) -> CancelSubject:
    values: dict[str, Any] = {
        "cancellation_id": uuid4(),
        "subject": SubjectRef(kind=Kind.ORDER, id=f"o-{uuid4().hex[:12]}"),
        "n": 1,
        "fingerprint": "everything",
    }
    return CancelSubject(**values | known)


def a_verdict(**known: Any) -> Verdict:
    """Allowed, with every step that a mixed order has, and one refund at a provider."""
    values: dict[str, Any] = {
        "outcome": Outcome.ALLOWED,
        "release": True,
        "restock": True,
        "refunds": (a_refund(),),
        "refund_minor": 4_000,
        "currency": "EUR",
        "asked": 3,
        "units": 3,
        "policy": "shop v1",
    }
    return Verdict(**values | known)


def a_refund(refund_id: UUID | None = None) -> PlannedRefund:
    return PlannedRefund(id=refund_id or uuid4(), amount_minor=4_000, currency="EUR", method="card")
