"""How the wire says no: Stripe's error envelope, its types and codes."""

from http import HTTPStatus
from typing import Any


class Refused(Exception):
    """An answer that isn't a 2xx. `kept` under its key: the call had begun to be carried out."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
        kept: bool = True,
        **more: str | None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kept = kept
        told = {"message": message, "type": kind, "code": code, "param": param, **more}
        if code:
            told["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
        self.body: dict[str, Any] = {"error": {k: v for k, v in told.items() if v is not None}}


def invalid(message: str, param: str, code: str | None = None) -> Refused:
    """Parameters that make no sense. Nothing is kept: the call never began."""
    return Refused(HTTPStatus.BAD_REQUEST, message, param=param, code=code, kept=False)


def impossible(message: str, code: str | None = None, param: str | None = None) -> Refused:
    """It makes sense, and can't be done as things stand."""
    return Refused(HTTPStatus.BAD_REQUEST, message, code=code, param=param)


def missing(what: str, id_: str, param: str = "id") -> Refused:
    return Refused(
        HTTPStatus.NOT_FOUND, f"No such {what}: '{id_}'", code="resource_missing", param=param
    )


def declined(failure: str | None, *, retryable: bool) -> Refused:
    """A scripted no: a card error, or a bad request where the word is a code of those."""
    if failure in _REQUEST_CODES:
        return impossible(f"This refund can't be made: {failure}.", code=failure)
    code = failure if failure in _CARD_CODES else "card_declined"
    return Refused(
        HTTPStatus.PAYMENT_REQUIRED,
        "Your card was declined.",
        kind="card_error",
        code=code,
        decline_code=failure or "generic_decline",
        advice_code="try_again_later" if retryable else "do_not_try_again",
    )


_REQUEST_CODES = {
    "balance_insufficient",
    "charge_already_refunded",
    "charge_disputed",
    "charge_not_refundable",
    "refund_disputed_payment",
}
_CARD_CODES = {"expired_card", "incorrect_cvc", "processing_error"}


def rate_limited() -> Refused:
    return Refused(
        HTTPStatus.TOO_MANY_REQUESTS,
        "Request rate limit exceeded.",
        code="rate_limit",
        kept=False,
    )


def locked() -> Refused:
    return Refused(
        HTTPStatus.CONFLICT,
        "This object can't be accessed right now because another request is using it.",
        code="lock_timeout",
        kept=False,
    )


def key_in_use(key: str) -> Refused:
    return Refused(
        HTTPStatus.CONFLICT,
        f"There is currently another in-progress request using the idempotency key {key}.",
        kind="idempotency_error",
        code="idempotency_key_in_use",
        kept=False,
    )


def key_reused(key: str) -> Refused:
    return Refused(
        HTTPStatus.BAD_REQUEST,
        "Keys for idempotent requests can only be used with the same parameters they were first"
        f" used with. Try using a key other than '{key}' if you meant another request.",
        kind="idempotency_error",
        kept=False,
    )


def broken() -> Refused:
    return Refused(
        HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our end.", kind="api_error"
    )
