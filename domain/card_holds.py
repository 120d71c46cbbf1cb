"""How a card that was only held is settled: let go of, or captured in part."""

from collections.abc import Mapping
from enum import StrEnum


class CardHoldState(StrEnum):
    """Requested: a provider was asked and may have done it. Failed waits for a person."""

    OWED = "owed"
    REQUESTED = "requested"
    DONE = "done"
    FAILED = "failed"
    WAIVED = "waived"


S = CardHoldState

CARD_HOLD_MOVES: Mapping[CardHoldState, frozenset[CardHoldState]] = {
    S.OWED: frozenset({S.REQUESTED, S.FAILED}),
    S.REQUESTED: frozenset({S.DONE, S.FAILED}),
    S.FAILED: frozenset({S.OWED, S.DONE, S.WAIVED}),
    S.DONE: frozenset(),
    S.WAIVED: frozenset(),
}

CARD_HOLD_AT_REST = frozenset({S.DONE, S.WAIVED})
