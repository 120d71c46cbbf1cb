"""Workflow ids and idempotency keys: the same thing asked twice has the same name."""

import re
from uuid import UUID, uuid5

from domain.subjects import SubjectRef

_REFUNDS = UUID("b9a3c1de-5f3c-4b8b-9a55-6f1d0a6d2f10")
_REFUND_KEY = re.compile(
    r"refund:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):(\d{1,9})", re.ASCII
)


def cancellation_workflow(subject: SubjectRef, n: int) -> str:
    """Name a subject's n-th cancellation, n being one more than those at rest."""
    return f"cancellation/{subject.kind}/{subject.id}/{n}"


def refund_workflow(refund_id: UUID | str) -> str:
    return f"refund/{refund_id}"


def refund_id(cancellation_id: UUID, tender_id: str) -> UUID:
    """Name the refund of one tender in one cancellation, however often it is asked for."""
    return uuid5(_REFUNDS, f"{cancellation_id}/{tender_id}")


def refund_key(refund: UUID | str, attempt: int) -> str:
    """The key a provider sees. The attempt rises only after a definite no, never after silence."""
    return f"refund:{refund}:{attempt}"


def card_hold_workflow(hold_id: UUID | str) -> str:
    return f"hold/{hold_id}"


def card_hold_key(hold_id: UUID | str, attempt: int) -> str:
    """The key a provider sees. The attempt rises only after a definite no, never after silence."""
    return f"hold:{hold_id}:{attempt}"


def read_refund_key(key: str) -> tuple[UUID, int] | None:
    """The refund and the attempt that a key names; None if it isn't one of ours."""
    found = _REFUND_KEY.fullmatch(key)
    return (UUID(found[1]), int(found[2])) if found else None


def refund_of_key(key: str | None) -> UUID | None:
    """Whose refund a key is; None where it isn't one of ours."""
    kind, _, rest = (key or "").partition(":")
    try:
        return UUID(rest.partition(":")[0]) if kind == "refund" else None
    except ValueError:
        return None
