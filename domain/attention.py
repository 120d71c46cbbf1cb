"""Ways out for a step that waits for a person."""

from collections.abc import Collection, Mapping
from enum import StrEnum

from domain.errors import ChoiceNotAllowed
from domain.lifecycle import RefundState


class Choice(StrEnum):
    """Skip needs a reason; skipping a refund takes money permission and a second person."""

    RETRY = "retry"
    SKIP = "skip"
    COMPENSATE = "compensate"
    SETTLE_BY_HAND = "settle_by_hand"


_FORWARD = frozenset({Choice.RETRY, Choice.COMPENSATE})
_UNDO = frozenset({Choice.RETRY, Choice.SKIP})

CHOICES: Mapping[str, frozenset[Choice]] = {
    "validate": _FORWARD,
    "confirm_hold": _FORWARD,
    "release_slots": _FORWARD,
    "restock": _FORWARD,
    "trigger_refunds": _FORWARD,
    "reserve_slots": _UNDO,
    "unrestock": _UNDO,
    "drop_refunds": _UNDO,
    "restore_status": frozenset({Choice.RETRY}),
    "update_status": frozenset({Choice.RETRY}),
    "send_notifications": _UNDO,
    "refund": frozenset({Choice.RETRY, Choice.SKIP, Choice.SETTLE_BY_HAND}),
    "run": frozenset({Choice.RETRY}),
}
"""`run` is a whole run that was closed before its row came to rest: retried, it goes forward if it
was sealed and else back."""

_WITH_PROVIDER = frozenset(
    {RefundState.REQUESTED, RefundState.PENDING, RefundState.REQUIRES_ACTION}
)


def choices(step: str, *, sealed: bool) -> frozenset[Choice]:
    """What a person may choose for this step. Compensating ends at the point of no return."""
    offered = CHOICES.get(step, frozenset({Choice.RETRY}))
    return offered - {Choice.COMPENSATE} if sealed else offered


def refund_choices(state: RefundState) -> frozenset[Choice]:
    """What a person may choose for a refund. While its provider may still pay, only another look:
    paying it by hand as well would return the money twice."""
    if state in _WITH_PROVIDER:
        return frozenset({Choice.RETRY})
    return CHOICES["refund"]


def check_choice(step: str, choice: Choice, *, sealed: bool) -> None:
    _check(step, choice, choices(step, sealed=sealed))


def check_refund_choice(state: RefundState, choice: Choice) -> None:
    _check("refund", choice, refund_choices(state))


def _check(step: str, choice: Choice, offered: Collection[Choice]) -> None:
    if choice not in offered:
        ways = ", ".join(sorted(offered))
        raise ChoiceNotAllowed(f"{step} offers {ways}; {choice} is not among them")
