"""What goes into workflows and activities and what comes out: ids and small typed values.

Personal text never comes here: payloads end up in Temporal's history.
"""

from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import AliasChoices, AwareDatetime, Field

from domain.attention import Choice
from domain.card_holds import CardHoldState
from domain.decisions import IfRefundFails, IfSilent, OnRefused, Outcome
from domain.lifecycle import RefundState
from domain.subjects import SubjectRef
from domain.values import NO_CURRENCY, Value
from domain.warehouses import StopAnswer


class Ending(StrEnum):
    """How a completed run came out. All four are answers, none is a failure."""

    CANCELLED = "cancelled"
    DECLINED = "declined"
    UNDONE = "undone"
    RESTORED = "restored"


class Cause(StrEnum):
    """Why a cancellation did not go through, or what ended a wait."""

    RULES = "rules"
    STAFF = "staff"
    DEADLINE = "deadline"
    ASKER = "asker"
    OVERTAKEN = "overtaken"
    BUSY = "subject_busy"
    REFUND_REJECTED = "refund_rejected"
    STEP_FAILED = "step_failed"
    STOPPED_BY_OPS = "stopped_by_ops"
    REQUEST_CLOSED = "request_closed"
    QUOTE_OUTDATED = "quote_outdated"


class CancelSubject(Value):
    """Start a subject's n-th cancellation. `resume` picks up a run closed before its end."""

    cancellation_id: UUID
    subject: SubjectRef
    n: int
    fingerprint: str
    resume: bool = False


class Validate(Value):
    """Decide this request, at the workflow's own time."""

    request: CancelSubject
    at: AwareDatetime


class Ask(Value):
    """A request that wants to know what the running cancellation decided."""

    cancellation_id: UUID
    fingerprint: str


class Standing(StrEnum):
    """How an asker stands to the run: its own, joined, another one's, or too late."""

    OWN = "own"
    JOINED = "joined"
    BUSY = "busy"
    CLOSED = "closed"


class Answer(Value):
    standing: Standing
    cancellation_id: UUID


class PlannedRefund(Value):
    """A refund that goes through a provider."""

    id: UUID
    amount_minor: int
    currency: str
    method: str


class AskWarehouse(Value):
    """How long a warehouse has to answer, from the question, and what its silence means."""

    within: timedelta
    if_silent: IfSilent


class Verdict(Value):
    """What a run needs to know of a decision to choose its steps.

    `cause` says why a declined one was, or that facts overtook it. `patience` is how long a
    provider may take to answer before its silence makes a debt. `asked` of `units` are the units
    cancelled and those bought.
    """

    outcome: Outcome
    cause: Cause | None = None
    codes: tuple[str, ...] = ()
    release: bool = False
    restock: bool = False
    warehouse: AskWarehouse | None = None
    refunds: tuple[PlannedRefund, ...] = ()
    on_refused: OnRefused = OnRefused.RESTORE
    patience: timedelta = timedelta(seconds=30)
    approval_until: AwareDatetime | None = None
    approve_by_default: bool = False
    undo_until: AwareDatetime | None = None
    refund_minor: int = 0
    fee_minor: int = 0
    currency: str = NO_CURRENCY
    asked: int = 0
    units: int = 0
    policy: str = ""
    reason: str = ""

    @property
    def is_declined(self) -> bool:
        return self.outcome is Outcome.DECLINED


class Step(Value):
    """One step of one cancellation, at the workflow's own time."""

    cancellation_id: UUID
    at: AwareDatetime


class Mailing(Value):
    """Send the mails about one thing: a cancellation, or a refund asked for without one.

    It is written as the step of a cancellation that it once was, so that workers of either kind
    read it.
    """

    about: UUID = Field(
        validation_alias=AliasChoices("about", "cancellation_id"),
        serialization_alias="cancellation_id",
    )
    at: AwareDatetime


class AssumeStop(Step):
    """A warehouse said nothing in time: this counts, unless an answer came meanwhile."""

    answer: StopAnswer


class WarehouseWord(Value):
    """A warehouse's own answer to the question whether it can stop."""

    cancellation_id: UUID
    answer: StopAnswer


class ReplyKind(StrEnum):
    APPROVED = "approved"
    DECLINED = "declined"
    TAKEN_BACK = "taken_back"


CLOCK = "deadline"
"""Who gives the default answer when a deadline passes."""


class Reply(Value):
    """What a person answered in a wait, or the clock; `actor` is an id, never a name.
    `refund_minor` resets the amount to return."""

    cancellation_id: UUID
    kind: ReplyKind
    actor: str
    refund_minor: int | None = None

    @property
    def is_by_clock(self) -> bool:
        return self.actor == CLOCK


class ConfirmHold(Step):
    reply: Reply | None = None


class RefundStep(Value):
    """One step of one refund; `cancellation_id` only where a saga takes it."""

    refund_id: UUID
    at: AwareDatetime
    cancellation_id: UUID | None = None


class RefundResult(Value):
    """Where a refund stands. `retryable` tells whether the same tender may be tried again.

    `waits` is what it waits for, of domain.attention.Waits; `fallback` the next rung of the ladder
    where the tender is at its end; `is_over` that nobody is to do anything, such as for one that
    was dropped with its cancellation. A person is told at `escalate_at` that the deadline nears,
    and a yes that nobody gave by `answer_by` is a no. `horizon` is how long it is followed before a
    person looks. `request_id` is the request of one that has no cancellation; `has_mail`: there is
    one to send about either.
    """

    refund_id: UUID
    state: RefundState
    amount_minor: int = 0
    currency: str = NO_CURRENCY
    failure: str | None = None
    retryable: bool = False
    waits: str | None = None
    fallback: IfRefundFails | None = None
    is_over: bool = False
    pending_reason: str | None = None
    expected_by: date | None = None
    due_by: AwareDatetime | None = None
    escalate_at: AwareDatetime | None = None
    answer_by: AwareDatetime | None = None
    horizon: timedelta | None = None
    cancellation_id: UUID | None = None
    request_id: UUID | None = None
    subject: SubjectRef | None = None
    has_mail: bool = False

    @property
    def about(self) -> UUID | None:
        """What its mails are about."""
        return self.cancellation_id or self.request_id


class ClimbRefund(RefundStep):
    """Take this rung of the ladder."""

    to: IfRefundFails


class Restore(Step):
    """Put a subject back as it was, and end its n-th cancellation in this way."""

    n: int
    ending: Ending
    cause: Cause
    actor: str = "system"


class Pivot(Step):
    """Become cancelled. Refunds still owed come back, to be followed each by a run of its own."""


class PivotResult(Value):
    """`holds` are cards that were only held, to be settled now, each by a run of its own."""

    owed: tuple[UUID, ...] = ()
    holds: tuple[UUID, ...] = ()


class Attention(Step):
    """Say that a step needs a person, or that it no longer does (`step` None)."""

    step: str | None
    failure: str = ""


class Resolution(Value):
    """A person's way out of a step. The reason's text is kept in the database."""

    cancellation_id: UUID
    step: str
    choice: Choice
    actor: str


class Progress(Value):
    """What the effect rows say of a cancellation whose run was closed."""

    verdict: Verdict | None
    sealed: bool
    at_rest: Ending | None = None
    owed: tuple[UUID, ...] = ()
    holds: tuple[UUID, ...] = ()


class CancellationResult(Value):
    ending: Ending
    cause: Cause | None = None
    refund_minor: int = 0
    currency: str = NO_CURRENCY


class FollowRefund(Value):
    """Follow one refund until its money has landed or a person has settled it."""

    refund_id: UUID


class Settlement(Value):
    """A person's word on a refund; `actor` is an id, "customer/…" for the customer's own.

    `amount_minor` is a part of it that is approved, where not all of it is.
    """

    refund_id: UUID
    choice: Choice
    actor: str
    amount_minor: int | None = None


class SettleRefund(Value):
    settlement: Settlement
    at: AwareDatetime


class SettleCardHold(Value):
    """Let go of one held card, or capture a part of it, until that is done."""

    hold_id: UUID


class CardHoldStep(Value):
    hold_id: UUID
    at: AwareDatetime


class CardHoldResult(Value):
    """Where a held card stands. `take_minor` 0 lets it go."""

    hold_id: UUID
    state: CardHoldState
    take_minor: int = 0
    captured_minor: int = 0
    currency: str = NO_CURRENCY
    failure: str | None = None


class CardHoldWord(Value):
    """A person's word on a held card: try again, leave it (skip), or it was done by hand."""

    hold_id: UUID
    choice: Choice
    actor: str


class AnswerCardHold(Value):
    word: CardHoldWord
    at: AwareDatetime


class Batch(Value):
    """One batch of a scheduled job, at the workflow's own time."""

    at: AwareDatetime
    limit: int = 500


class BatchResult(Value):
    """How many were handled; `more` when the batch was full. `concerned` are the
    cancellations and requests that now have something to tell by mail."""

    handled: int
    more: bool = False
    concerned: tuple[UUID, ...] = ()


class Reconcile(Value):
    """Compare our refunds with those that providers have made since then.

    Without an id it is a run of its own; without an instant it looks back as far as a refund may
    still fail late.
    """

    run_id: UUID | None = None
    since: AwareDatetime | None = None


class ReconcileStep(Value):
    run_id: UUID
    since: AwareDatetime
    at: AwareDatetime


class Reconciled(Value):
    """How many refunds were listed, of payments we don't know (strangers), how many don't agree,
    and how many of those are read again by their own runs."""

    listed: int = 0
    strangers: int = 0
    differences: int = 0
    followed: int = 0
