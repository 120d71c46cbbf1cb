"""What the card sandbox tells: a refund, a payment, a call; amounts in its own units."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class CardRefund:
    id: str
    key: str
    ref: str
    amount: int
    currency: str
    reason: str | None
    state: str
    failure: str | None
    retryable: bool


@dataclass(frozen=True)
class CardPayment:
    ref: str
    currency: str
    authorised: int
    captured: int
    refunded: int
    voided: bool


@dataclass(frozen=True)
class Call:
    """One call that arrived, and the scripted behaviour it met."""

    at: datetime
    operation: str
    key: str | None
    ref: str | None
    amount: int | None
    currency: str | None
    behaviour: str | None


@dataclass(frozen=True)
class Sending:
    """One sending of an event. `shaped` says what it met: plain, or as scripted, or a duplicate.

    Without `due_at` it is over: arrived, dropped or given up.
    """

    event_id: str
    type: str
    ref: str
    shaped: str | None
    attempts: int
    status: int | None
    due_at: datetime | None
    sent_at: datetime | None
