"""Statuses and the moves between them. Storage refuses any other move."""

from collections.abc import Mapping
from enum import StrEnum


class SubjectState(StrEnum):
    """How far a cancellation has come. The saga owns it; the merchant owns the stage."""

    NONE = "none"
    REQUESTED = "requested"
    CANCELLING = "cancelling"
    PARTLY_CANCELLED = "partly_cancelled"
    CANCELLED = "cancelled"


class CancellationState(StrEnum):
    AWAITING_APPROVAL = "awaiting_approval"
    UNDO_WINDOW = "undo_window"
    WORKING = "working"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    UNDONE = "undone"
    RESTORED = "restored"
    NEEDS_ATTENTION = "needs_attention"


class RefundState(StrEnum):
    OWED = "owed"
    REQUESTED = "requested"
    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    PAID_OTHERWISE = "paid_otherwise"
    WAIVED = "waived"


S, C, R = SubjectState, CancellationState, RefundState

SUBJECT_MOVES: Mapping[SubjectState, frozenset[SubjectState]] = {
    S.NONE: frozenset({S.REQUESTED, S.CANCELLING, S.CANCELLED}),
    S.REQUESTED: frozenset({S.NONE, S.PARTLY_CANCELLED, S.CANCELLING, S.CANCELLED}),
    S.CANCELLING: frozenset({S.NONE, S.PARTLY_CANCELLED, S.CANCELLED}),
    S.PARTLY_CANCELLED: frozenset({S.REQUESTED, S.CANCELLING, S.CANCELLED}),
    S.CANCELLED: frozenset(),
}
"""One put back returns to what it was, or is cancelled where that happened elsewhere."""

CANCELLATION_MOVES: Mapping[CancellationState, frozenset[CancellationState]] = {
    C.AWAITING_APPROVAL: frozenset(
        {C.UNDO_WINDOW, C.WORKING, C.DECLINED, C.UNDONE, C.RESTORED, C.NEEDS_ATTENTION}
    ),
    C.UNDO_WINDOW: frozenset({C.WORKING, C.DECLINED, C.UNDONE, C.RESTORED, C.NEEDS_ATTENTION}),
    C.WORKING: frozenset({C.CANCELLED, C.DECLINED, C.UNDONE, C.RESTORED, C.NEEDS_ATTENTION}),
    C.NEEDS_ATTENTION: frozenset(
        {C.WORKING, C.CANCELLED, C.DECLINED, C.UNDONE, C.RESTORED, C.NEEDS_ATTENTION}
    ),
    C.CANCELLED: frozenset(),
    C.DECLINED: frozenset(),
    C.UNDONE: frozenset(),
    C.RESTORED: frozenset(),
}

REFUND_MOVES: Mapping[RefundState, frozenset[RefundState]] = {
    R.OWED: frozenset({R.REQUESTED, R.SUCCEEDED, R.FAILED, R.PAID_OTHERWISE, R.WAIVED}),
    R.REQUESTED: frozenset({R.PENDING, R.REQUIRES_ACTION, R.SUCCEEDED, R.FAILED}),
    R.PENDING: frozenset({R.REQUIRES_ACTION, R.SUCCEEDED, R.FAILED}),
    R.REQUIRES_ACTION: frozenset({R.PENDING, R.SUCCEEDED, R.FAILED}),
    R.SUCCEEDED: frozenset({R.FAILED}),
    R.FAILED: frozenset({R.OWED, R.REQUESTED, R.SUCCEEDED, R.PAID_OTHERWISE, R.WAIVED}),
    R.PAID_OTHERWISE: frozenset(),
    R.WAIVED: frozenset(),
}
"""Succeeded is not final: a bank may send the money back weeks later."""

CANCELLATION_AT_REST = frozenset({C.CANCELLED, C.DECLINED, C.UNDONE, C.RESTORED})
REFUND_AT_REST = frozenset({R.SUCCEEDED, R.PAID_OTHERWISE, R.WAIVED})
REFUND_ACCEPTED = frozenset({R.PENDING, R.REQUIRES_ACTION, R.SUCCEEDED})
"""A provider has said yes: nothing before it can be undone any more."""
