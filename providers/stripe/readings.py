"""What Stripe's refunds, payments and events mean to us. They come as plain mappings."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from providers.ports import (
    Hint,
    Mender,
    ProviderPayment,
    ProviderPaymentState,
    ProviderRefund,
    ProviderRefundState,
)
from providers.stripe import failures
from providers.stripe.exponents import from_units

KEY = "rescind_key"
"""Where our key stands in the metadata of a refund or a capture: it outlives Stripe's memory."""

HINTS = frozenset({"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"})
"""The events about a refund; all others are for somebody else."""

_REFUNDS = {
    "pending": ProviderRefundState.PENDING,
    "requires_action": ProviderRefundState.REQUIRES_ACTION,
    "succeeded": ProviderRefundState.SUCCEEDED,
    "failed": ProviderRefundState.FAILED,
    "canceled": ProviderRefundState.CANCELLED,
}
_INTENTS = {
    "requires_capture": ProviderPaymentState.HELD,
    "processing": ProviderPaymentState.PENDING,
    "succeeded": ProviderPaymentState.CAPTURED,
    "canceled": ProviderPaymentState.VOIDED,
}
_CANCELLED = failures.Failure("cancelled", mender=Mender.MERCHANT)


def refund(told: Mapping[str, Any]) -> ProviderRefund:
    state = _refund_state(told)
    failure = _failure(told, state)
    return ProviderRefund(
        provider_ref=told["id"],
        state=state,
        amount=from_units(told["amount"], told["currency"]),
        payment_ref=_id(told.get("payment_intent")) or _id(told.get("charge")),
        key=_key(told),
        pending_reason=told.get("pending_reason"),
        action=_action(told),
        failure=failure.code if failure else None,
        retryable=failure.retryable if failure else False,
        mender=failure.mender if failure else Mender.NOBODY,
        raw_reason=told.get("failure_reason"),
        created_at=datetime.fromtimestamp(told["created"], UTC),
    )


def payment(told: Mapping[str, Any], ref: str) -> ProviderPayment:
    """`told` is a payment intent, or a charge of old."""
    if told["object"] == "charge":
        state = ProviderPaymentState.CAPTURED if told["captured"] else _uncaptured(told)
        taken = told["amount_captured"]
    else:
        state = _INTENTS.get(told["status"], ProviderPaymentState.UNKNOWN)
        taken = told["amount_received"]
    return ProviderPayment(
        payment_ref=ref, state=state, captured=from_units(taken, told["currency"])
    )


def terms(told: Mapping[str, Any], *, returns_fee: bool) -> dict[str, bool]:
    """What a refund has to say of a payment in which a connected account has its part.

    Unasked, Stripe takes the whole of it from the platform, and leaves the platform its fee.
    """
    terms = {}
    if told.get("transfer_data") or told.get("transfer"):
        terms["reverse_transfer"] = True
    if returns_fee and told.get("application_fee_amount"):
        terms["refund_application_fee"] = True
    return terms


def hint(event: Mapping[str, Any]) -> Hint:
    told = event["data"]["object"]
    return Hint(
        event_id=event["id"],
        provider_ref=told["id"],
        state=_refund_state(told),
        key=_key(told),
        occurred_at=datetime.fromtimestamp(event["created"], UTC),
    )


def _refund_state(told: Mapping[str, Any]) -> ProviderRefundState:
    return _REFUNDS.get(told.get("status") or "", ProviderRefundState.UNKNOWN)


def _failure(told: Mapping[str, Any], state: ProviderRefundState) -> failures.Failure | None:
    if state is ProviderRefundState.CANCELLED:
        return _CANCELLED
    if state is ProviderRefundState.FAILED:
        return failures.of_refund(told.get("failure_reason") or "unknown")
    return None


def _action(told: Mapping[str, Any]) -> str | None:
    """A word for what the customer has to do. Their address, which stands beside it, stays out."""
    action = told.get("next_action")
    if not action:
        return None
    details = action.get("display_details") or {}
    return "email_sent" if details.get("email_sent") else str(action["type"])


def _uncaptured(charge: Mapping[str, Any]) -> ProviderPaymentState:
    if charge.get("status") != "succeeded":
        return ProviderPaymentState.UNKNOWN
    return ProviderPaymentState.VOIDED if charge.get("refunded") else ProviderPaymentState.HELD


def _key(told: Mapping[str, Any]) -> str | None:
    key = (told.get("metadata") or {}).get(KEY)
    return str(key) if key else None


def _id(told: Mapping[str, Any] | str | None) -> str | None:
    """An object's id, whether it came as that or whole."""
    return str(told["id"]) if isinstance(told, Mapping) else told
