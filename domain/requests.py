"""What is asked for: by whom, by which right, and how much of the subject."""

import hashlib
from enum import StrEnum

from pydantic import AwareDatetime

from domain.subjects import LineQuantity
from domain.values import Attributes, Code, Minor, Value


class Initiator(StrEnum):
    CUSTOMER = "customer"
    STAFF = "staff"
    BUSINESS = "business"
    SYSTEM = "system"
    AGENT = "agent"


INSIDE = (Initiator.STAFF, Initiator.BUSINESS)
"""Who speaks for the business."""


class Right(StrEnum):
    """By law, by the contract's policy, or as a favour: asked by a customer, it awaits a yes."""

    CONTRACT = "contract"
    LAW = "law"
    GOODWILL = "goodwill"


class Overrides(Value):
    """What staff with the permission may set aside. None leaves the policy's answer.

    `restock` is no favour but a fact about the goods: whether all that is cancelled goes back to
    stock.
    """

    ignore_rules: bool = False
    fee_minor: Minor | None = None
    refund_minor: Minor | None = None
    restock: bool | None = None

    @property
    def is_favour(self) -> bool:
        """Whether more is set aside than what becomes of the goods."""
        return self.model_copy(update={"restock": None}) != Overrides()


class Request(Value):
    """A cancellation asked for.

    No lines means everything still open. `requested_at` is stamped once, at first receipt, and all
    time rules use it; only a published case may lack it. The customer's own words are not here.
    """

    initiator: Initiator = Initiator.CUSTOMER
    right: Right = Right.CONTRACT
    lines: tuple[LineQuantity, ...] = ()
    reason: Code | None = None
    evidence: Attributes = {}
    method: Code | None = None
    quote_id: str | None = None
    overrides: Overrides = Overrides()
    requested_at: AwareDatetime | None = None

    def fingerprint(self) -> str:
        """Hash what makes two requests the same: lines, quantities, method and right."""
        same = self.model_dump_json(include={"lines", "method", "right"})
        return hashlib.sha256(same.encode()).hexdigest()[:32]
