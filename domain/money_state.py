"""Where the money of a cancellation stands, derived from its refunds."""

from collections.abc import Collection
from enum import StrEnum

from domain.lifecycle import RefundState


class MoneyState(StrEnum):
    """Nothing to return; owed, nobody asked yet; on its way; waiting for the customer or for us;
    all of it settled."""

    NONE = "none"
    OWED = "owed"
    ON_ITS_WAY = "on_its_way"
    REQUIRES_ACTION = "requires_action"
    FAILED = "failed"
    SETTLED = "settled"


def money_state(refunds: Collection[RefundState]) -> MoneyState:
    """Sum up several refunds by the one that needs most care."""
    if not refunds:
        return MoneyState.NONE
    for state, means in _BY_CARE:
        if state in refunds:
            return means
    return MoneyState.SETTLED


_BY_CARE = (
    (RefundState.FAILED, MoneyState.FAILED),
    (RefundState.REQUIRES_ACTION, MoneyState.REQUIRES_ACTION),
    (RefundState.OWED, MoneyState.OWED),
    (RefundState.REQUESTED, MoneyState.ON_ITS_WAY),
    (RefundState.PENDING, MoneyState.ON_ITS_WAY),
)
