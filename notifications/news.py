"""What one mail has to tell, free of words and of storage."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime, Field

from domain.decisions import Adjustment, Decision, Finding, Outcome, RefundRule
from domain.lifecycle import RefundState
from domain.requests import Initiator, Right
from domain.subjects import Handling, SubjectRef
from domain.values import Currency, Minor, Moment, Quantity, Value


class Template(StrEnum):
    """Received and needs_you open a wait, the others tell how something ended or stopped.

    Refunded tells that all the money is on its way, refund_choice asks how else the customer wants
    it, refund_deadline tells the business that it has to be sent soon.
    """

    RECEIVED = "received"
    NEEDS_YOU = "needs_you"
    APPROVED = "approved"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    UNDONE = "undone"
    RESTORED = "restored"
    ATTENTION = "attention"
    REFUNDED = "refunded"
    REFUND_CHOICE = "refund_choice"
    REFUND_DEADLINE = "refund_deadline"


class Audience(StrEnum):
    CUSTOMER = "customer"
    BUSINESS = "business"


class Item(Value):
    """One line as it was asked for. Tells a start only where the line has one of its own."""

    title: str
    quantity: Quantity
    price_minor: Minor
    fee_minor: Minor
    refund_minor: Minor
    adjustments: tuple[Adjustment, ...] = ()
    starts_at: Moment | None = None


class Payback(Value):
    """What goes back to one tender, and the day by which it should be there. No state: nothing has
    been asked for yet."""

    method: str
    handling: Handling
    form: str
    timing: str | None
    amount_minor: Minor
    state: RefundState | None = None
    expected_by: date | None = None


class Held(Value):
    """A card that was only held: what is captured of it, 0 where it is let go. `is_done`: it
    happened already."""

    take_minor: Minor
    is_done: bool


class News(Value):
    """A mail's facts. `note` is the asker's own words: only the business reads them.

    `reason` is the label in the reader's language. `step` and `failure` say what waits for a
    person. `decision` has the terms that change with time, `told_at` is the instant from which
    they are told. `sentences` are the policy's own words for codes. `is_partial` means that other
    units of the subject stay, `from_hold_minor` is what a held card gives of what is due,
    `keeps_terms` that the same request may be made again on its first terms.
    """

    template: Template
    audience: Audience
    cancellation_id: UUID
    subject: SubjectRef
    language: str
    zone: str
    customer_zone: str | None = None
    customer_name: str | None = None
    customer_email: str | None = None
    starts_at: Moment | None = None
    requested_at: AwareDatetime
    initiator: Initiator = Initiator.CUSTOMER
    right: Right = Right.CONTRACT
    reason: str | None = None
    note: str | None = None
    outcome: Outcome = Outcome.ALLOWED
    cause: str | None = None
    findings: tuple[Finding, ...] = ()
    currency: Currency
    items: tuple[Item, ...] = ()
    paybacks: tuple[Payback, ...] = ()
    refund: RefundRule = RefundRule.AUTOMATIC
    refund_minor: Minor = 0
    fee_minor: Minor = 0
    due_minor: Minor = 0
    from_hold_minor: Minor = 0
    holds: tuple[Held, ...] = ()
    is_partial: bool = False
    approval_until: AwareDatetime | None = None
    approve_by_default: bool = False
    undo_until: AwareDatetime | None = None
    keeps_terms: bool = False
    payback: Payback | None = None
    due_by: AwareDatetime | None = None
    step: str | None = None
    failure: str | None = None
    record_url: str = ""
    page_url: str = ""
    decision: Decision | None = None
    told_at: AwareDatetime | None = None
    sentences: dict[str, dict[str, str]] = Field(default={})

    @property
    def awaits_person(self) -> bool:
        return self.outcome in (Outcome.NEEDS_APPROVAL, Outcome.HAND_OVER)

    @property
    def has_amounts(self) -> bool:
        """Whether the decision names amounts; one handed over leaves them to a person."""
        return self.outcome is not Outcome.HAND_OVER or self.refund_minor > 0 or self.fee_minor > 0
