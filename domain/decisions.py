"""The answer: whether, on what terms, by which rule; and a price that holds for a while."""

from datetime import timedelta
from enum import StrEnum
from typing import Self

from pydantic import AwareDatetime

from domain.requests import Request, Right
from domain.subjects import Handling
from domain.values import Attributes, Code, Currency, Minor, Quantity, Ref, Value


class Outcome(StrEnum):
    """A fee is an amount, not an outcome. Hand over: a person has to decide, amounts included."""

    ALLOWED = "allowed"
    NEEDS_APPROVAL = "needs_approval"
    DECLINED = "declined"
    HAND_OVER = "hand_over"


class RefundRule(StrEnum):
    AUTOMATIC = "automatic"
    ON_REQUEST = "on_request"
    NONE = "none"


class OnRefused(StrEnum):
    """After a provider's definite no before the seal: put everything back, or stand and owe it."""

    RESTORE = "restore"
    STAND = "stand"


class IfRefundFails(StrEnum):
    """Where the tender can't take a refund for good: the customer may have store credit instead,
    and else a person pays it out; store credit by itself; a person at once."""

    ASK = "ask"
    STORE_CREDIT = "store_credit"
    PERSON = "person"


class Finding(Value):
    """One stable code with what its sentence needs. Words are rendered elsewhere."""

    code: Code
    params: Attributes = {}


REFUND_SET = "refund_set"
"""What the trace says where a person set the amount that goes back."""


_ANSWER = "approval.answer"


class Yes(StrEnum):
    """Who agreed to a request: a person, or the clock where nobody answered in time."""

    PERSON = "approved"
    SILENCE = "approved_by_silence"


class TraceStep(Value):
    """One rule that was looked at, and what it said."""

    rule: str
    result: str
    params: Attributes = {}


class Adjustment(Value):
    """What a line's refund is lowered by, or raised where the amount is above zero, besides the
    fee: a discount no longer earned, for one. The code's sentence takes the params."""

    code: Code
    amount_minor: int
    params: Attributes = {}


def adjustment_finding(adjustment: Adjustment) -> Finding:
    """The adjustment as its sentence needs it: the amount without its sign."""
    params = {**adjustment.params, "amount_minor": abs(adjustment.amount_minor)}
    return Finding(code=adjustment.code, params=params)


class IfSilent(StrEnum):
    """What a warehouse's silence means: it stopped, or it is too late."""

    STOP = "stop"
    REFUSE = "refuse"


class WarehouseTerms(Value):
    """A warehouse has to stop these lines first; how long it may take, and what silence means."""

    lines: tuple[Ref, ...]
    within: timedelta
    if_silent: IfSilent


class LineAmount(Value):
    """Price is what these units cost; price = fee + refund - adjustments where all of it was paid.

    `tax_minor` is how much of the refund is tax. `restock` False: these goods don't go back to
    stock, and `kept_out` tells who said so: policy, fact_missing or staff.
    """

    id: Ref
    quantity: Quantity
    price_minor: Minor
    fee_minor: Minor
    refund_minor: Minor
    tax_minor: Minor = 0
    adjustments: tuple[Adjustment, ...] = ()
    restock: bool = True
    kept_out: Code | None = None


class TenderAmount(Value):
    """What goes back to one tender. `form` says as what, `timing` when it arrives."""

    id: Ref
    method: Code
    handling: Handling
    amount_minor: Minor
    form: Code = "original"
    timing: Code | None = None


class Change(Value):
    """The next moment at which the answer changes, and to what. `lines` are those that can be
    cancelled from then on."""

    at: AwareDatetime
    outcome: Outcome
    lines: tuple[Ref, ...] = ()
    refund_minor: Minor | None = None
    fee_minor: Minor | None = None


class ApprovalTerms(Value):
    """How long a person has, from receipt, and the answer if nobody gives one."""

    within: timedelta
    approve_by_default: bool = False


class Decision(Value):
    """The answer to one request on one set of facts under one version of a policy.

    `due_minor` is to be collected on top. `carried_minor` is what this and earlier parts cost
    beyond what went back for them, which later ones bear. `form` is as what it goes back, or what
    is given instead where no money does. `refund_by` is the last instant to send the money, by law
    or by promise. `decided_at` is the instant the rules looked at, which a quote moves into the
    past. `cancellable_until` is the cutoff, if the policy has one.
    """

    outcome: Outcome
    codes: tuple[Finding, ...] = ()
    rule: str
    trace: tuple[TraceStep, ...] = ()
    policy_id: str = ""
    policy_version: int = 0
    right: Right = Right.CONTRACT
    currency: Currency
    lines: tuple[LineAmount, ...] = ()
    tenders: tuple[TenderAmount, ...] = ()
    refund_minor: Minor = 0
    fee_minor: Minor = 0
    due_minor: Minor = 0
    carried_minor: Minor = 0
    form: Code = "original"
    refund: RefundRule = RefundRule.AUTOMATIC
    on_refused: OnRefused = OnRefused.RESTORE
    if_refund_fails: IfRefundFails = IfRefundFails.ASK
    refund_by: AwareDatetime | None = None
    approval: ApprovalTerms | None = None
    warehouse: WarehouseTerms | None = None
    undo_window: timedelta | None = None
    cancellable_until: AwareDatetime | None = None
    next_changes: tuple[Change, ...] = ()
    decided_at: AwareDatetime | None = None
    facts_hash: str = ""

    @property
    def is_declined(self) -> bool:
        return self.outcome is Outcome.DECLINED

    @property
    def awaits_person(self) -> bool:
        return self.outcome in (Outcome.NEEDS_APPROVAL, Outcome.HAND_OVER)

    @property
    def line_ids(self) -> tuple[Ref, ...]:
        return tuple(line.id for line in self.lines)

    @property
    def is_refund_set(self) -> bool:
        """Whether a person set what goes back: what is kept is then their word and no rule's."""
        return any(step.result == REFUND_SET for step in self.trace)

    @property
    def yes(self) -> Yes | None:
        """Who agreed to it, where it was a request and somebody has."""
        found = (step.result for step in self.trace if step.rule == _ANSWER)
        return next(map(Yes, found), None)

    def agreed(self, yes: Yes) -> Self:
        """The same decision, with who agreed to it."""
        step = TraceStep(rule=_ANSWER, result=yes)
        return self.model_copy(update={"trace": (*self.trace, step)})

    @property
    def price_codes(self) -> tuple[Finding, ...]:
        """What explains the amounts. Where a person was asked, `codes` say only why they were."""
        if self.is_refund_set:
            return (Finding(code=REFUND_SET),)
        return () if self.awaits_person else self.codes


class Quote(Value):
    """A decision that is promised against the clock until `expires_at`, once.

    It binds the facts' hash, the asker and the whole request; a changed fact voids it.
    """

    id: str
    request: Request
    decision: Decision
    asker: str
    expires_at: AwareDatetime
    used_by: str | None = None

    def binds(self, request: Request, asker: str) -> bool:
        """Whether this request is what was quoted: same asker, lines, reason, method and right."""
        return (
            asker == self.asker
            and request.fingerprint() == self.request.fingerprint()
            and request.reason == self.request.reason
            and request.initiator == self.request.initiator
        )
