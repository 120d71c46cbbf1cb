"""What the merchant's words for a stage mean."""

from collections.abc import Collection, Mapping
from enum import StrEnum

from domain.policy.words import fold
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
        " reserved scheduled rescheduled upcoming confirmed paid unpaid part_paid deposit_paid"
        " authorised authorized unfulfilled unshipped awaiting_payment backordered preordered ready"
        " submitted received queued ordered purchased sold issued ticketed valid active current"
        " live unused registered enrolled subscribed trial waitlisted",
        Meaning.IN_PROGRESS: "in_progress started ongoing running preparing cooking processing"
        " processed in_production printing packed partly_shipped partially_shipped"
        " partly_delivered partially_delivered shipped has_tracking dispatched in_transit"
        " out_for_delivery en_route on_the_way checked_in in_stay in_house boarded arrived seated"
        " late in_use part_used partly_used partially_used part_refunded partly_refunded"
        " partially_refunded",
        Meaning.FINISHED: "finished done complete completed closed delivered fulfilled picked_up"
        " attended checked_out no_show noshow missed departed flown travelled traveled played used"
        " scanned redeemed returned refunded expired lapsed ended",
        Meaning.CANCELLED: "cancelled canceled voided",
    }
    return {word: meaning for meaning, line in words.items() for word in line.split()}


_COMMON = _table()


def meaning(word: str, own: Mapping[str, Stage]) -> Meaning | None:
    """What a word means: by the merchant's own table, else a common one.

    None: nobody said.
    """
    if word in own:
        return Meaning(own[word].value)
    word = fold(word)
    for each, stage in own.items():
        if fold(each) == word:
            return Meaning(stage.value)
    return _COMMON.get(word)


def is_among(word: str, means: Meaning | None, stages: Collection[str]) -> bool:
    """Whether a list of stages, all folded, names this word or what it means."""
    return fold(word) in stages or (means is not None and means.value in stages)
