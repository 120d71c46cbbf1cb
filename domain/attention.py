"""Ways out for a step that waits for a person."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from enum import StrEnum

from domain.card_holds import CardHoldState
from domain.errors import ChoiceNotAllowed
from domain.lifecycle import RefundState


class Choice(StrEnum):
    """Skip needs a reason; skipping a refund takes money permission and a second person.

    Of refunds: settle_by_hand says that it has been paid another way, pay_by_hand makes that a
    person's task, store_credit books it in our ledger at once. Approve lets one go out that waits
    for a yes or for being asked for; decline waives it.
    """

    RETRY = "retry"
    SKIP = "skip"
    COMPENSATE = "compensate"
    SETTLE_BY_HAND = "settle_by_hand"
    PAY_BY_HAND = "pay_by_hand"
    STORE_CREDIT = "store_credit"
    APPROVE = "approve"
    DECLINE = "decline"


class Waits(StrEnum):
    """What a refund's `attention` says that it waits for.

    A failure or a silence that somebody must look at; a yes; being asked for; a payment by hand;
    the customer's word on how else they want their money.
    """

    REFUND = "refund"
    APPROVAL = "approval"
    ON_REQUEST = "on_request"
    MANUAL = "manual"
    CUSTOMER = "customer"


CHOOSE_WITHIN = timedelta(days=7)
"""How long a customer has to choose how else they want their money."""

CUSTOMER_CHOICES = frozenset({Choice.STORE_CREDIT, Choice.PAY_BY_HAND})
"""What a customer may answer themselves, and only while the refund waits for them."""

MONEY_CHOICES = frozenset(
    {
        *(Choice.SKIP, Choice.SETTLE_BY_HAND, Choice.PAY_BY_HAND, Choice.STORE_CREDIT),
        *(Choice.APPROVE, Choice.DECLINE),
    }
)
"""What takes permission for money. Skip, decline and settle_by_hand end a refund without a
provider, so that a second person may be asked for."""


_FORWARD = frozenset({Choice.RETRY, Choice.COMPENSATE})
_UNDO = frozenset({Choice.RETRY, Choice.SKIP})

CHOICES: Mapping[str, frozenset[Choice]] = {
    "validate": _FORWARD,
    "confirm_hold": _FORWARD,
    "ask_to_stop": _FORWARD,
    "withdraw_stop": _UNDO,
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
    "card_hold": frozenset({Choice.RETRY, Choice.SKIP, Choice.SETTLE_BY_HAND}),
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


def refund_choices(state: RefundState, waits: str | None = Waits.REFUND) -> frozenset[Choice]:
    """What may be chosen for a refund that waits for this. While its provider may still pay, only
    another look: paying it by hand as well would return the money twice."""
    if state in _WITH_PROVIDER:
        return frozenset({Choice.RETRY})
    return _REFUND_CHOICES.get(waits or Waits.REFUND, _ANOTHER_WAY)


_ANOTHER_WAY = CHOICES["refund"] | CUSTOMER_CHOICES
_REFUND_CHOICES: Mapping[str, frozenset[Choice]] = {
    Waits.REFUND: _ANOTHER_WAY,
    Waits.CUSTOMER: _ANOTHER_WAY,
    Waits.MANUAL: _ANOTHER_WAY - {Choice.PAY_BY_HAND},
    Waits.ON_REQUEST: CHOICES["refund"] | {Choice.APPROVE, Choice.STORE_CREDIT},
    Waits.APPROVAL: frozenset({Choice.APPROVE, Choice.DECLINE}),
}


def card_hold_choices(state: CardHoldState) -> frozenset[Choice]:
    """What a person may choose for a held card. While its provider may still capture, only another
    look: collecting the fee otherwise as well would take it twice."""
    if state is CardHoldState.FAILED:
        return CHOICES["card_hold"]
    return frozenset({Choice.RETRY})


def check_card_hold_choice(state: CardHoldState, choice: Choice) -> None:
    _check("card_hold", choice, card_hold_choices(state))


def check_choice(step: str, choice: Choice, *, sealed: bool) -> None:
    _check(step, choice, choices(step, sealed=sealed))


def check_refund_choice(
    state: RefundState, choice: Choice, waits: str | None = Waits.REFUND
) -> None:
    _check("refund", choice, refund_choices(state, waits))


def _check(step: str, choice: Choice, offered: Collection[Choice]) -> None:
    if choice not in offered:
        ways = ", ".join(sorted(offered))
        raise ChoiceNotAllowed(f"{step} offers {ways}; {choice} is not among them")
