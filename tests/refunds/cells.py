"""The cells of the refund matrix: how a refund goes, and what befalls the news of it."""

from enum import StrEnum
from typing import NamedTuple

from domain.subjects import Kind


class Course(StrEnum):
    """The states that a refund comes through. After each no the ladder is climbed another way."""

    OWED = "owed"
    REQUESTED = "requested"
    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED_FOR_NOW = "failed_for_now"
    FAILED = "failed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    FAILED_LATE = "failed_late"
    PAID_OTHERWISE = "paid_otherwise"
    WAIVED = "waived"


class Fault(StrEnum):
    """The first of them happens to all webhooks about the payment, the others to the call that asks
    for the refund, and once more to the first look at it."""

    NONE = "none"
    DUPLICATE = "duplicate"
    LATE = "late"
    REORDERED = "reordered"
    LOST = "lost"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    RATE_LIMITED = "rate_limited"
    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    CUT_BEFORE = "cut_before"
    CUT_AFTER = "cut_after"


OF_WEBHOOKS = (Fault.NONE, Fault.DUPLICATE, Fault.LATE, Fault.REORDERED, Fault.LOST)
TIMEOUTS = (Fault.TIMEOUT_BEFORE, Fault.TIMEOUT_AFTER)
REFUSALS = (Fault.RATE_LIMITED, Fault.CUT_BEFORE, Fault.CUT_AFTER)
ERRORS = (Fault.ERROR_BEFORE, Fault.ERROR_AFTER)
"""An error 500 stays under its key for a day, so these take a provider whose clock is moved."""

_AFTER = (Fault.TIMEOUT_AFTER, Fault.ERROR_AFTER, Fault.CUT_AFTER)


class Cell(NamedTuple):
    course: Course
    fault: Fault
    kind: Kind

    def __str__(self) -> str:
        return f"{self.course} {self.fault} {self.kind}"

    @property
    def is_silent_at_first(self) -> bool:
        """Whether the provider tells nothing for longer than the cancellation waits for it."""
        lasts = self.fault is Fault.ERROR_BEFORE and self.course is not Course.OWED
        return lasts or self.course is Course.REQUESTED


class Outcome(NamedTuple):
    """How the refund ended, as what the money moved, where it stood to the customer's eyes in
    turn, and the mails that they got, in turn."""

    state: str
    moved: str
    seen: str
    mails: str


def absence(cell: Cell) -> str | None:
    """Why there is no such cell."""
    if cell.course is Course.REFUSED and cell.fault in _AFTER:
        return "a refusal has no effect after which something could happen"
    return None


def documented(cell: Cell) -> Outcome:
    """How it has to end, whatever the fault. An error that stays for a day is the one that lasts
    longer than the cancellation waits, so its refund goes out later and is told of later."""
    state, moved, seen, mails = _ENDS[cell.course]
    if cell.fault is Fault.ERROR_BEFORE and cell.course in _AT_ONCE:
        seen = f"on_its_way → {seen}"
        if cell.course is not Course.REFUSED:
            mails = mails.replace("cancelled", "cancelled, refunded")
    return Outcome(state, moved, seen, mails)


_AT_ONCE = (Course.SUCCEEDED, Course.REFUSED, Course.FAILED_LATE)
"""What the provider answers at once is known when the cancellation stands."""

_ENDS = {
    Course.OWED: (
        *("succeeded", "to the card"),
        *("owed → on_its_way → settled", "cancelled, refunded"),
    ),
    Course.REQUESTED: (
        *("succeeded", "to the card"),
        *("on_its_way → settled", "cancelled, refunded"),
    ),
    Course.PENDING: (
        *("succeeded", "to the card"),
        *("on_its_way → settled", "cancelled, refunded"),
    ),
    Course.REQUIRES_ACTION: (
        *("succeeded", "to the card"),
        *("on_its_way → requires_action → settled", "cancelled, refunded"),
    ),
    Course.SUCCEEDED: ("succeeded", "to the card", "settled", "cancelled"),
    Course.FAILED_FOR_NOW: (
        *("succeeded", "to the card"),
        *("on_its_way → failed → on_its_way → settled", "cancelled, refunded"),
    ),
    Course.FAILED: (
        *("paid_otherwise", "by hand"),
        *("on_its_way → failed → owed → settled", "cancelled, refund_choice, refunded"),
    ),
    Course.REFUSED: (
        *("succeeded", "store credit"),
        *("failed → settled", "cancelled, refund_choice, refunded"),
    ),
    Course.CANCELLED: (
        *("paid_otherwise", "by hand"),
        *("on_its_way → failed → owed → settled", "cancelled, refund_choice, refunded"),
    ),
    Course.FAILED_LATE: (
        *("succeeded", "store credit"),
        *("settled → failed → settled", "cancelled, refund_choice, refunded"),
    ),
    Course.PAID_OTHERWISE: (
        *("paid_otherwise", "by hand"),
        *("on_its_way → failed → settled", "cancelled, refund_choice, refunded"),
    ),
    Course.WAIVED: (
        *("waived", "nothing"),
        *("on_its_way → failed → settled", "cancelled, refund_choice"),
    ),
}


def every(*faults: Fault) -> list[Cell]:
    """The cells there are of these faults."""
    cells = (Cell(course, fault, kind) for fault in faults for course in Course for kind in Kind)
    return [cell for cell in cells if absence(cell) is None]
