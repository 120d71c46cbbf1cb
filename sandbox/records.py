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
