"""Stripe's words for a no, in our codes: why, whether the same card may be tried again, who mends.

Sources: https://docs.stripe.com/error-codes and, for refunds that failed,
https://docs.stripe.com/api/refunds/object#refund_object-failure_reason. Both lists are open-ended:
a word that isn't here is kept as it is, isn't tried again, and nobody is said to mend it.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from providers.ports import Mender


class Failure(NamedTuple):
    code: str
    retryable: bool = False
    mender: Mender = Mender.NOBODY


_OF_REFUNDS = {
    "charge_for_pending_refund_disputed": Failure("payment_disputed"),
    "declined": Failure("declined", mender=Mender.CUSTOMER),
    "expired_or_canceled_card": Failure("expired_card", mender=Mender.CUSTOMER),
    "insufficient_funds": Failure("insufficient_funds", True, Mender.MERCHANT),
    "lost_or_stolen_card": Failure("lost_or_stolen_card", mender=Mender.CUSTOMER),
    "merchant_request": Failure("merchant_request", mender=Mender.MERCHANT),
    "unknown": Failure("unknown", mender=Mender.PROVIDER),
}
"""Refunds that were accepted and then failed. A customer mends by naming another way."""

_OF_ANSWERS = {
    "amount_too_large": Failure("amount_too_large"),
    "amount_too_small": Failure("amount_invalid"),
    "balance_insufficient": Failure("insufficient_funds", True, Mender.MERCHANT),
    "charge_already_captured": Failure("payment_already_captured"),
    "charge_already_refunded": Failure("payment_already_refunded"),
    "charge_disputed": Failure("payment_disputed"),
    "charge_expired_for_capture": Failure("payment_expired"),
    "generic_decline": Failure("declined", mender=Mender.CUSTOMER),
    "insufficient_funds": Failure("insufficient_funds", True, Mender.MERCHANT),
    "parameter_invalid_integer": Failure("amount_invalid"),
    "payment_intent_unexpected_state": Failure("payment_state", mender=Mender.MERCHANT),
    "refund_disputed_payment": Failure("payment_disputed"),
    "resource_missing": Failure("payment_unknown", mender=Mender.MERCHANT),
}
"""What is refused at once, so that nothing was done."""


def of_refund(word: str) -> Failure:
    return _OF_REFUNDS.get(word, Failure(word))


def of_answer(error: Mapping[str, Any]) -> Failure:
    """A decline's own code says more than the general one; no code at all leaves the parameter."""
    word = error.get("decline_code") or error.get("code")
    if not word:
        return Failure("amount_too_large" if error.get("param") == "amount" else "invalid_request")
    failure = _OF_ANSWERS.get(word) or of_refund(word)
    return failure._replace(
        retryable=failure.retryable or error.get("advice_code") == "try_again_later"
    )
