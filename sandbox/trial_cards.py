"""Cards that do what their names say, as Stripe's test cards do."""

from datetime import timedelta

from sandbox.refusals import Refused, impossible

WAITING = "waiting_refunds"
"""Ours: a card whose refunds wait until they are told what becomes of them."""

AFTER = timedelta(seconds=1)
"""How long such a card's refund stays as it was made."""

_DECLINES = {
    "pm_card_chargeDeclined": ("card_declined", "generic_decline"),
    "pm_card_chargeDeclinedInsufficientFunds": ("card_declined", "insufficient_funds"),
    "pm_card_chargeDeclinedLostCard": ("card_declined", "lost_card"),
    "pm_card_chargeDeclinedExpiredCard": ("expired_card", None),
    "pm_card_chargeDeclinedProcessingError": ("processing_error", None),
}
_LATER = {
    "pm_card_pendingRefund": ("succeeded", None),
    "pm_card_refundFail": ("failed", "expired_or_canceled_card"),
}


def judge(card: str | None) -> None:
    """Raises Refused where nothing can be paid with it."""
    if card is None:
        raise impossible(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
        )
    if decline := _DECLINES.get(card):
        code, why = decline
        raise Refused(
            402, "Your card was declined.", code=code, decline_code=why, kind="card_error"
        )


def lets_refunds_wait(card: str | None) -> bool:
    return card in ("pm_card_pendingRefund", WAITING)


def later(card: str | None) -> tuple[str, str | None] | None:
    """What becomes of its refunds after a while, and why."""
    return _LATER.get(card or "")
