"""The rules of our ledger of gift cards and store credit: double entry, never changed.

An amount is what an account gains: more on a customer's account is more that we owe.
"""

from enum import StrEnum
from typing import Self
from uuid import UUID, uuid5

from pydantic import AwareDatetime, model_validator

from domain.money import Money
from domain.values import Value

_TRANSACTIONS = UUID("5a9a1f53-6a53-4c1c-9d3f-3a0c5b1f7e64")


class AccountKind(StrEnum):
    """Gift cards and store credit are what we owe; a counter is where that came from."""

    GIFT_CARD = "gift_card"
    STORE_CREDIT = "store_credit"
    COUNTER = "counter"


class Counter(StrEnum):
    """The other side of what a customer gains or spends."""

    REFUNDS = "counter:refunds"
    OPENING = "counter:opening"


class Occasion(StrEnum):
    """Why money moved. Opening: what an account held before it came into this ledger."""

    REFUND = "refund"
    OPENING = "opening"
    REVERSAL = "reversal"


class Posting(Value):
    account: str
    amount: Money


class Transaction(Value):
    """Postings that count together or not at all: in each currency they add up to nothing.

    `id` is made from what it is about, so the same booked again is the same transaction.
    """

    id: UUID
    occasion: Occasion
    postings: tuple[Posting, ...]
    at: AwareDatetime
    refund_id: UUID | None = None
    reverses: UUID | None = None

    @model_validator(mode="after")
    def _is_balanced(self) -> Self:
        sums: dict[str, int] = {}
        for posting in self.postings:
            if not posting.amount.minor:
                raise ValueError("a posting of nothing")
            currency = posting.amount.currency
            sums[currency] = sums.get(currency, 0) + posting.amount.minor
        if not sums or any(sums.values()):
            raise ValueError("the postings of a transaction add up to nothing in each currency")
        return self


def kind_of(account: str) -> AccountKind:
    """What an account is, told from its name: a customer's credit is `credit/…`."""
    if account in set(Counter):
        return AccountKind.COUNTER
    return AccountKind.STORE_CREDIT if account.startswith("credit/") else AccountKind.GIFT_CARD


def refunding(
    account: str, amount: Money, refund_id: UUID, n: int, at: AwareDatetime
) -> Transaction:
    """Give a refund to a customer's account; `n` counts its bookings that were taken back."""
    return Transaction(
        id=uuid5(_TRANSACTIONS, f"refund/{refund_id}/{n}"),
        occasion=Occasion.REFUND,
        postings=_between(Counter.REFUNDS, account, amount),
        at=at,
        refund_id=refund_id,
    )


def reversal(booked: Transaction, at: AwareDatetime) -> Transaction:
    """Take a transaction back by its opposite; each has one reversal at most."""
    return Transaction(
        id=uuid5(_TRANSACTIONS, f"reversal/{booked.id}"),
        occasion=Occasion.REVERSAL,
        postings=tuple(
            posting.model_copy(update={"amount": _negative(posting.amount)})
            for posting in booked.postings
        ),
        at=at,
        refund_id=booked.refund_id,
        reverses=booked.id,
    )


def _between(source: str, account: str, amount: Money) -> tuple[Posting, Posting]:
    if kind_of(account) is AccountKind.COUNTER:
        account = f"gift_card/{account}"  # a merchant may number its cards as it likes
    return (
        Posting(account=source, amount=_negative(amount)),
        Posting(account=account, amount=amount),
    )


def _negative(amount: Money) -> Money:
    return Money(minor=-amount.minor, currency=amount.currency)
