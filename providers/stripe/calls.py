"""The calls that we make to Stripe, each once.

A reference is a payment intent, or a charge where it begins with `ch_` or `py_`.
"""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, cast

from domain.errors import PaymentRejected, RefundRejected
from providers.stripe.client import Stripe

if TYPE_CHECKING:
    from stripe import RequestOptions
    from stripe.params import (
        PaymentIntentCaptureParams,
        RefundCreateParams,
        RefundListParams,
    )

Told = dict[str, Any]

_CHARGES = ("ch_", "py_")
PAGE = 100


def is_charge(ref: str) -> bool:
    return ref.startswith(_CHARGES)


def of_payment(ref: str) -> dict[str, Any]:
    """The parameter that names a payment."""
    return {"charge": ref} if is_charge(ref) else {"payment_intent": ref}


async def create_refund(stripe: Stripe, asked: Told, key: str) -> Told:
    params = cast("RefundCreateParams", asked)
    return await stripe.ask(
        "create a refund",
        lambda client: client.v1.refunds.create_async(params, _under(key)),
        RefundRejected,
    )


async def read_refund(stripe: Stripe, ref: str) -> Told:
    return await stripe.ask(
        "read a refund", lambda client: client.v1.refunds.retrieve_async(ref), RefundRejected
    )


async def list_refunds(stripe: Stripe, by: dict[str, Any]) -> AsyncIterator[Told]:
    """All refunds that match, newest first; every page is a call."""
    wanted = cast("RefundListParams", {**by, "limit": PAGE})
    while True:
        page = await stripe.ask(
            "list refunds", lambda client: client.v1.refunds.list_async(wanted), RefundRejected
        )
        for told in page["data"]:
            yield told
        if not page["has_more"]:
            return
        wanted["starting_after"] = page["data"][-1]["id"]


async def read_payment(stripe: Stripe, ref: str, no: type[PaymentRejected]) -> Told:
    if is_charge(ref):
        return await stripe.ask(
            "read a charge", lambda client: client.v1.charges.retrieve_async(ref), no
        )
    return await stripe.ask(
        "read a payment", lambda client: client.v1.payment_intents.retrieve_async(ref), no
    )


async def cancel_payment(stripe: Stripe, intent: str, key: str) -> Told:
    return await stripe.ask(
        "cancel a payment",
        lambda client: client.v1.payment_intents.cancel_async(intent, options=_under(key)),
    )


async def capture_payment(stripe: Stripe, intent: str, asked: Told, key: str) -> Told:
    params = cast("PaymentIntentCaptureParams", asked)
    return await stripe.ask(
        "capture a payment",
        lambda client: client.v1.payment_intents.capture_async(intent, params, _under(key)),
    )


def _under(key: str) -> "RequestOptions":
    return {"idempotency_key": key}
