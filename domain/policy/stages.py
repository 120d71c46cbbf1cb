"""What the merchant's words for a stage mean."""

from collections.abc import Collection, Mapping
from enum import StrEnum

from domain.subjects import Stage


class Meaning(StrEnum):
    """A stage, or cancelled already by somebody else's record."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    FINISHED = "finished"
    CANCELLED = "cancelled"


def _table() -> dict[str, Meaning]:
    words = {
        Meaning.OPEN: "open new created placed pending on_hold requested accepted approved booked"
        " reserved scheduled confirmed paid unpaid unfulfilled awaiting_payment backordered ready",
        Meaning.IN_PROGRESS: "in_progress started preparing processing processed packed"
        " partly_shipped partially_shipped shipped has_tracking in_transit out_for_delivery"
        " checked_in arrived seated late",
        Meaning.FINISHED: "finished done complete completed closed delivered fulfilled picked_up"
        " attended checked_out no_show returned refunded expired",
        Meaning.CANCELLED: "cancelled canceled voided",
    }
    return {word: meaning for meaning, line in words.items() for word in line.split()}


_COMMON = _table()


def meaning(word: str, own: Mapping[str, Stage]) -> Meaning | None:
    """What a word means: by the merchant's own table, else a common one in any spelling.

    None: nobody said.
    """
    if word in own:
        return Meaning(own[word].value)
    known = _COMMON.get(word)
    if known is not None:
        return known
    return _COMMON.get(word.strip().lower().replace(" ", "_").replace("-", "_"))


def is_among(word: str, means: Meaning | None, stages: Collection[str]) -> bool:
    """Whether a list of stages names this word or what it means."""
    return word in stages or (means is not None and means.value in stages)
