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
    it; refund_deadline tells the business that it has to be sent soon, refund_attention that it
    can't go on by itself. What is asked back without a cancellation is asked, approved, declined.
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
    REFUND_ATTENTION = "refund_attention"
    REFUND_ASKED = "refund_asked"
    REFUND_APPROVED = "refund_approved"
    REFUND_DECLINED = "refund_declined"


DISPENSABLE = frozenset(
    {
        *(Template.RECEIVED, Template.APPROVED, Template.UNDONE),
        *(Template.REFUNDED, Template.REFUND_ASKED, Template.REFUND_APPROVED),
    }
)
"""What a customer may do without, as another mail or their page tells it. How something ended, and
what they are asked, is always told."""


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
    """A mail's facts. `note` is the asker's own words, `files` how many they sent along: only the
    business reads of them.

    `reason` is the label in the reader's language. `step` and `failure` say what waits for a
    person. `decision` has the terms that change with time, `told_at` is the instant from which
    they are told. `sentences` are the policy's own words for codes. `is_partial` means that other
    units of the subject stay, `from_hold_minor` is what a held card gives of what is due,
    `keeps_terms` that the same request may be made again on its first terms.

    A mail is about a cancellation or, where a refund was asked for without one, about that request,
    which was for `asked_minor`. `payback` is the one refund it speaks of, with what that `waits`
    for, the `choices` it leaves and the end of waiting, `answer_by`. The customer has a page, the
    business a record for machines and the run in Temporal's UI.
    """

    template: Template
    audience: Audience
    cancellation_id: UUID | None = None
    request_id: UUID | None = None
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
    files: int = 0
    outcome: Outcome = Outcome.ALLOWED
    cause: str | None = None
    findings: tuple[Finding, ...] = ()
    currency: Currency
    items: tuple[Item, ...] = ()
    paybacks: tuple[Payback, ...] = ()
    refund: RefundRule = RefundRule.AUTOMATIC
    asked_minor: Minor = 0
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
    refund_id: UUID | None = None
    waits: str | None = None
    choices: frozenset[str] = frozenset()
    answer_by: AwareDatetime | None = None
    due_by: AwareDatetime | None = None
    step: str | None = None
    failure: str | None = None
    record_url: str = ""
    page_url: str = ""
    run_url: str = ""
    decision: Decision | None = None
    told_at: AwareDatetime | None = None
    sentences: dict[str, dict[str, str]] = Field(default={})

    @property
    def about(self) -> UUID | None:
        return self.cancellation_id or self.request_id

    @property
    def is_partial_end(self) -> bool:
        return self.is_partial and self.template is Template.CANCELLED

    @property
    def lead(self) -> str:
        """The key of the first sentence."""
        if self.is_partial_end:
            return "lead_partial"
        is_asked = self.template is Template.REFUNDED and self.cancellation_id is None
        return "lead_asked" if is_asked else "lead"

    @property
    def granted_minor(self) -> int:
        """What goes back of what was asked for."""
        return sum(one.amount_minor for one in self.paybacks)

    @property
    def still_due_minor(self) -> int:
        """What is still to be paid: no held card gives it."""
        return max(0, self.due_minor - self.from_hold_minor)

    @property
    def is_kept_by_word(self) -> bool:
        """Whether what is kept was set by a person, and is no fee by the rules."""
        return self.fee_minor > 0 and self.decision is not None and self.decision.is_refund_set

    @property
    def awaits_person(self) -> bool:
        return self.outcome in (Outcome.NEEDS_APPROVAL, Outcome.HAND_OVER)

    @property
    def has_amounts(self) -> bool:
        """Whether the decision names amounts; one handed over leaves them to a person."""
        return self.outcome is not Outcome.HAND_OVER or self.refund_minor > 0 or self.fee_minor > 0
