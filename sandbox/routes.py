"""What can be asked: each path with its parameters and what does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox import endpoints, event_log, forms, pages, payment_intents, refunds
from sandbox.calls import Asked, Work

Params = Mapping[str, Any]


def _by_id(asked: Asked) -> str | None:
    return asked.id or None


def _by_params(asked: Asked) -> str | None:
    return refunds.ref(asked.params)


def _none(_: Asked) -> str | None:
    return None


def _finds(params: Params) -> str:
    return "listed" if refunds.ref(params) is None else "find"


@dataclass(frozen=True)
class Route:
    """`operation` is the word a script names it by; `ref` and `refund` say what a call is about."""

    method: str
    path: str
    work: Work
    operation: str | Callable[[Params], str]
    fields: Mapping[str, forms.Kind] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    check: Callable[[Params], object] = bool
    ref: Callable[[Asked], str | None] = _none
    refund: Callable[[Asked], str | None] = _none

    def named(self, params: Params) -> str:
        return self.operation if isinstance(self.operation, str) else self.operation(params)


_PI = "/v1/payment_intents"
_ONE = f"{_PI}/{{id}}"
_RE = "/v1/refunds"
_WE = "/v1/webhook_endpoints"

ROUTES = (
    Route(
        *("POST", _PI, payment_intents.create, "make_payment"),
        fields=payment_intents.CREATE,
        required=payment_intents.REQUIRED,
    ),
    Route("GET", _PI, payment_intents.listed, "payments", fields=pages.FIELDS),
    Route(
        *("GET", _ONE, payment_intents.retrieve, "payment"),
        fields=payment_intents.READ,
        ref=_by_id,
    ),
    Route(
        *("POST", f"{_ONE}/confirm", payment_intents.confirm, "make_payment"),
        fields=payment_intents.CONFIRM,
        ref=_by_id,
    ),
    Route(
        *("POST", f"{_ONE}/capture", payment_intents.capture, "capture"),
        fields=payment_intents.CAPTURE,
        ref=_by_id,
    ),
    Route(
        *("POST", f"{_ONE}/cancel", payment_intents.cancel, "void"),
        fields=payment_intents.CANCEL,
        ref=_by_id,
    ),
    Route("GET", "/v1/charges/{id}", payment_intents.retrieve_charge, "charge"),
    Route(
        *("POST", _RE, refunds.create, "create"),
        fields=refunds.CREATE,
        check=refunds.check,
        ref=_by_params,
    ),
    Route("GET", _RE, refunds.listed, _finds, fields=refunds.LIST, ref=_by_params),
    Route("GET", f"{_RE}/{{id}}", refunds.retrieve, "get", refund=_by_id),
    Route("POST", f"{_RE}/{{id}}", refunds.update, "update", fields=refunds.UPDATE, refund=_by_id),
    Route("POST", f"{_RE}/{{id}}/cancel", refunds.cancel, "cancel", refund=_by_id),
    Route("GET", "/v1/events", event_log.listed, "events", fields=event_log.LIST),
    Route("GET", "/v1/events/{id}", event_log.retrieve, "event"),
    Route(
        *("POST", _WE, endpoints.create, "endpoint"),
        fields=endpoints.CREATE,
        required=endpoints.REQUIRED,
    ),
    Route("GET", _WE, endpoints.listed, "endpoints", fields=pages.FIELDS),
    Route("DELETE", f"{_WE}/{{id}}", endpoints.delete, "endpoint"),
)
