"""A cancellation as others see it, put together from its rows."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import computed_field

from domain import ids
from domain.attention import Choice
from domain.decisions import Decision, Finding, Outcome
from domain.lifecycle import CancellationState, RefundState
from domain.money_state import MoneyState
from domain.requests import Initiator, Right
from domain.subjects import Handling, LineQuantity, SubjectRef
from domain.values import Value
from use_cases.due_views import CardHoldView, DueView


class Status(StrEnum):
    """The states of a cancellation, and of a request that is not one yet or never will be."""

    RECEIVED = "received"
    AWAITING_APPROVAL = "awaiting_approval"
    UNDO_WINDOW = "undo_window"
    WORKING = "working"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    UNDONE = "undone"
    RESTORED = "restored"
    NEEDS_ATTENTION = "needs_attention"
    JOINED = "joined"
    REFUSED = "refused"
    CLOSED = "closed"


class Word(StrEnum):
    """The answer in one word. A fee is an amount, not an outcome."""

    ACCEPTED = "accepted"
    NEEDS_APPROVAL = "needs_approval"
    DECLINED = "declined"


class GivenReason(Value):
    """`note` is in the customer's own words."""

    code: str | None
    note: str | None


class RefundView(Value):
    """What goes back to one tender, and how: `handling`. `attention` says what it waits for.

    `pending_reason` says what its provider waits for, `action` what the customer has to do. The
    customer can expect the money by `expected_by`; `due_by` is the deadline for sending it. What
    waits for somebody's answer does so until `answer_by`.
    """

    id: UUID
    cancellation_id: UUID | None = None
    tender: str
    method: str
    handling: Handling
    form: str
    timing: str | None
    amount_minor: int
    currency: str
    state: RefundState
    failure: str | None
    pending_reason: str | None = None
    action: str | None = None
    attention: str | None
    answer_by: datetime | None = None
    expected_by: date | None = None
    due_by: datetime | None = None
    settled_at: datetime | None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def workflow_id(self) -> str:
        return ids.refund_workflow(self.id)


class AttentionView(Value):
    """What waits for a person, and the ways out that are offered."""

    step: str
    failure: str | None
    choices: tuple[Choice, ...]
    refund_id: UUID | None = None
    card_hold_id: UUID | None = None


class Summary(Value):
    """A cancellation in a list."""

    id: UUID
    subject: SubjectRef
    state: Status
    cause: str | None
    reason: str | None
    refund_minor: int
    fee_minor: int
    currency: str
    attention: str | None
    requested_at: datetime
    ended_at: datetime | None


class CancellationView(Value):
    """A request and what became of it.

    `outcome` and the amounts are missing until it is decided. `cause` says why it did not go
    through, `refusal` why a request never became a cancellation, `joined_id` which one it joined.
    `request_id` names the request that was asked now if this is the one it joined.
    `amount_due_minor` is what the merchant has to collect of `due_minor`: no held card gives it.
    `refund_requests` are those that came after it.
    A restored one may leave `retry_quote_id`, which keeps its price for a while.
    """

    id: UUID
    request_id: UUID | None = None
    subject: SubjectRef
    state: Status
    outcome: Word | None = None
    codes: tuple[Finding, ...] = ()
    cause: str | None = None
    refusal: str | None = None
    joined_id: UUID | None = None
    n: int | None = None
    initiator: Initiator
    right: Right
    asker: str
    lines: tuple[LineQuantity, ...] = ()
    reason: GivenReason
    refund_minor: int | None = None
    fee_minor: int | None = None
    due_minor: int | None = None
    amount_due_minor: int = 0
    currency: str
    money: MoneyState = MoneyState.NONE
    decision: Decision | None = None
    refunds: tuple[RefundView, ...] = ()
    refund_requests: tuple[UUID, ...] = ()
    dues: tuple[DueView, ...] = ()
    card_holds: tuple[CardHoldView, ...] = ()
    approval_until: datetime | None = None
    undo_until: datetime | None = None
    retry_quote_id: UUID | None = None
    attention: tuple[AttentionView, ...] = ()
    requested_at: datetime
    received_at: datetime
    decided_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def is_at_rest(self) -> bool:
        return self.state in _AT_REST

    @property
    def waived_minor(self) -> int:
        """What was to go back, and doesn't by somebody's decision."""
        return sum(one.amount_minor for one in self.refunds if one.state is RefundState.WAIVED)

    @property
    def adjusted_minor(self) -> int:
        """What discounts, shipping and earlier parts add to the prices of the lines."""
        lines = self.decision.lines if self.decision else ()
        return sum(each.amount_minor for line in lines for each in line.adjustments)

    @property
    def given_before_minor(self) -> int:
        """What is left of the prices: given back before, or never paid."""
        price = sum(line.price_minor for line in self.decision.lines) if self.decision else 0
        kept = (self.fee_minor or 0) + (self.refund_minor or 0) - (self.due_minor or 0)
        return max(0, price + self.adjusted_minor - kept)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def workflow_id(self) -> str | None:
        return ids.cancellation_workflow(self.subject, self.n) if self.n else None


class EventView(Value):
    """One thing that happened, at its place in the subject's history."""

    sequence: int
    type: str
    at: datetime
    actor: str
    data: dict[str, Any]


_AT_REST = frozenset(
    {
        *(Status.CANCELLED, Status.DECLINED, Status.UNDONE, Status.RESTORED),
        *(Status.JOINED, Status.REFUSED, Status.CLOSED),
    }
)


def word_of(outcome: Outcome, state: CancellationState) -> Word:
    """A decision that was approved is accepted; one that ended as declined is that."""
    if outcome is Outcome.DECLINED or state is CancellationState.DECLINED:
        return Word.DECLINED
    if outcome is Outcome.ALLOWED or state is not CancellationState.AWAITING_APPROVAL:
        return Word.ACCEPTED
    return Word.NEEDS_APPROVAL
