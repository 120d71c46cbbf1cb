"""What is to be collected on top of what was paid, and who collects it."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple


class DueState(StrEnum):
    """Owed until a held card or the merchant has collected it, or staff waive it."""

    OWED = "owed"
    COLLECTED = "collected"
    WAIVED = "waived"


class Hold(NamedTuple):
    """A card that is held for a subject, and how much of it."""

    tender_id: str
    authorised_minor: int


def takes(due_minor: int, holds: Sequence[Hold]) -> list[int]:
    """How much to capture of each held card, filled in their order; 0 lets one go.

    What no card covers stays due and is the merchant's to collect.
    """
    found = []
    for hold in holds:
        take = min(due_minor, hold.authorised_minor)
        found.append(take)
        due_minor -= take
    return found


def shares(captured_minor: int, outstanding: Sequence[int]) -> list[int]:
    """Spread what a card gave over the dues that are still owed, the oldest first."""
    found = []
    for due in outstanding:
        share = min(captured_minor, due)
        found.append(share)
        captured_minor -= share
    return found
