"""Stripe's errors, split into a definite no and silence.

| what comes back | what it means | raised |
| --- | --- | --- |
| 400, 402, 404 | not done, and never will be under this key | the caller's rejection |
| idempotency_error | the key came before with other parameters | IdempotencyKeyReused |
| 401, 403 | not done: our key is wrong, a person has to mend it | ProviderUnavailable |
| 409, 429 | not done: the same under the same key is fine, later | ProviderUnavailable |
| 500, none, or another | may have been done; a 500 is kept under the key | ProviderUnavailable |

A wrong key of ours must not end a customer's refund for good, so it is retried like silence, and
said loudly. Stripe's messages may name what a person typed: codes and request ids are all we keep.
"""

import logging
from typing import TYPE_CHECKING, Any

from domain.errors import (
    IdempotencyKeyReused,
    PaymentRejected,
    ProviderUnavailable,
    RescindError,
)
from providers.stripe import failures

if TYPE_CHECKING:
    from stripe import StripeError

log = logging.getLogger(__name__)

_REFUSALS = frozenset({400, 402, 404})
_OUR_FAULT = frozenset({401, 403})


def translate(error: "StripeError", call: str, no: type[PaymentRejected]) -> RescindError:
    """Our error for what Stripe answered to a call; `no` is how a definite no is raised."""
    status, told = error.http_status, _told(error)
    what = f"Stripe's answer to {call} was {status} {told.get('code')}, {error.request_id}"
    if told.get("type") == "idempotency_error" and status in _REFUSALS:
        return IdempotencyKeyReused(what)
    if status in _REFUSALS and told.get("code") != "rate_limit":
        failure = failures.of_answer(told)
        return no(what, failure=failure.code, retryable=failure.retryable)
    if status in _OUR_FAULT:
        log.error("Stripe refuses our API key (%s): look at STRIPE_API_KEY", what)
    return ProviderUnavailable(what if status else f"no answer from Stripe to {call}")


def _told(error: "StripeError") -> dict[str, Any]:
    body = error.json_body
    told = body.get("error") if isinstance(body, dict) else None
    return told if isinstance(told, dict) else {}
