"""What every payment provider must offer. Amounts are ours; its own units stay behind it."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from pydantic import AwareDatetime

from domain.lifecycle import RefundState
from domain.money import Money
from domain.values import Value


class Abilities(Value):
    """What a provider can do for one method of payment in one currency.

    `synchronous`: the answer to a create may be the outcome already; without it every create is
    pending. `refund_deadline` counts from capture, None is without end. `minimum_minor` is the
    smallest refund, in our minor units. `exponent` is the number of decimals the provider counts
    in, which may differ from the currency's own; adapters convert, callers only show it.
    `arrives_within` counts business days from a success until the customer sees the money, None
    where nobody can say.
    """

    partial: bool = True
    many_partials: bool = True
    void: bool = False
    capture: bool = False
    synchronous: bool = False
    refund_deadline: timedelta | None = None
    minimum_minor: int = 1
    exponent: int = 2
    arrives_within: int | None = None


class Mender(StrEnum):
    """Who can do something about a refund that failed."""

    CUSTOMER = "customer"
    MERCHANT = "merchant"
    PROVIDER = "provider"
    NOBODY = "nobody"


class ProviderRefundState(StrEnum):
    """Where a refund stands with its provider. Unknown: it answered with a word we don't know."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


REFUND_STATES: Mapping[ProviderRefundState, RefundState] = {
    ProviderRefundState.PENDING: RefundState.PENDING,
    ProviderRefundState.REQUIRES_ACTION: RefundState.REQUIRES_ACTION,
    ProviderRefundState.SUCCEEDED: RefundState.SUCCEEDED,
    ProviderRefundState.FAILED: RefundState.FAILED,
    ProviderRefundState.CANCELLED: RefundState.FAILED,
    ProviderRefundState.UNKNOWN: RefundState.PENDING,
}
"""In our words. A refund in an unknown state exists, so it was accepted; it is read again."""


class ProviderRefund(Value):
    """A refund as its provider tells it.

    `key` is ours, where the provider keeps it. `pending_reason` says what a waiting one waits for,
    `action` what the customer has to do, and where (an address, or a word such as email_sent).
    `failure` is a stable code, open-ended; `retryable` says whether the same tender may be tried
    again after it, `mender` who can mend it. `raw_reason` is the provider's own word, for people
    who read its dashboard.
    """

    provider_ref: str
    state: ProviderRefundState
    amount: Money
    payment_ref: str | None = None
    key: str | None = None
    pending_reason: str | None = None
    action: str | None = None
    failure: str | None = None
    retryable: bool = False
    mender: Mender = Mender.NOBODY
    raw_reason: str | None = None
    created_at: AwareDatetime | None = None

    @property
    def refund_state(self) -> RefundState:
        return REFUND_STATES[self.state]


class ProviderPaymentState(StrEnum):
    HELD = "held"
    PENDING = "pending"
    CAPTURED = "captured"
    VOIDED = "voided"
    UNKNOWN = "unknown"


class ProviderPayment(Value):
    """A payment, as after a void or a capture. Pending: accepted, and the outcome comes later."""

    payment_ref: str
    state: ProviderPaymentState
    captured: Money


class Hint(Value):
    """A webhook's news: this refund may have moved, so read it again. It is never proof.

    `event_id` is the provider's own and comes again with every repeat of the same delivery.
    `state` and `key`, our own, are what it says of the refund, where it says so.
    """

    event_id: str
    provider_ref: str
    state: ProviderRefundState | None = None
    key: str | None = None
    occurred_at: AwareDatetime | None = None


class PaymentProvider(Protocol):
    """A card processor, PayPal and the like: the one way to money that isn't in our ledger.

    A definite no raises PaymentRejected, or RefundRejected where it is about a refund: nothing
    was done and nothing will be. Silence, a time-out, a lost connection and an answer that can't
    be read raise ProviderUnavailable: it may have been done. No call outlasts the adapter's own
    time-out.

    A key names one effect. The same key with the same parameters gives the outcome it had, a
    rejection included, for as long as the provider keeps keys (often a day, so look it up before
    asking again later). The same key with other parameters raises IdempotencyKeyReused.
    """

    def abilities(self, method: str, currency: str) -> Abilities:
        """What can be done with this method of payment in this currency. No call is made."""
        ...

    async def find(self, key: str, payment_ref: str) -> ProviderRefund | None:
        """Look a payment's refund up by our key, also after the provider has forgotten what the
        key meant for its idempotency. None is no proof: it may still be on its way."""
        ...

    async def create(
        self, key: str, payment_ref: str, amount: Money, reason: str | None = None
    ) -> ProviderRefund:
        """Return money to the payment it came from; `reason` is a code, never words of a person."""
        ...

    async def get(self, provider_ref: str) -> ProviderRefund:
        """Read a refund as it is now. One that isn't there is ProviderUnavailable."""
        ...

    def listed(self, since: datetime) -> AsyncIterator[ProviderRefund]:
        """All refunds made at the provider since then, by whomever, newest first, as they are now.

        Reconciliation reads them. Raises ProviderUnavailable on the way.
        """
        ...

    async def payment(self, payment_ref: str) -> ProviderPayment:
        """Read a payment as it is now. One that isn't there is PaymentRejected."""
        ...

    async def void(self, payment_ref: str, key: str) -> ProviderPayment:
        """Let go of a card that is held and not yet captured."""
        ...

    async def capture(self, payment_ref: str, amount: Money, key: str) -> ProviderPayment:
        """Take part or all of what is held, once; the rest is let go."""
        ...

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> tuple[Hint, ...]:
        """Verify a webhook and say what it hints at; names of headers match in any case.

        Raises WebhookRejected when it isn't the provider's, was altered or is too old.
        """
        ...
