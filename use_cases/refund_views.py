"""A refund, and a request for one, as others see them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import computed_field

from domain import ids
from domain.attention import Choice, Waits, refund_choices
from domain.decisions import Outcome
from domain.lifecycle import REFUND_AT_REST, RefundState
from domain.money_state import MoneyState, money_state
from domain.refund_requests import LineShare
from domain.requests import Initiator
from domain.subjects import Handling, SubjectRef
from domain.values import Value
from storage.payouts import PayoutRow
from storage.refund_requests import RefundRequestRow
from storage.refunds import RefundRow
from use_cases.views import EventView, GivenReason

DEADLINE = "deadline"
"""The actor of a no that the clock gave."""


class RefundSummary(Value):
    """What goes back to one tender. `attention` says what it waits for, `choices` what may be
    chosen then. The customer can expect the money by `expected_by`; `due_by` is the deadline."""

    id: UUID
    subject: SubjectRef
    cancellation_id: UUID | None
    request_id: UUID | None
    tender: str
    method: str
    handling: Handling
    form: str
    timing: str | None
    amount_minor: int
    currency: str
    state: RefundState
    failure: str | None
    pending_reason: str | None
    action: str | None
    mender: str | None
    attention: str | None
    choices: tuple[Choice, ...]
    attempts: int
    answer_by: datetime | None
    expected_by: date | None
    due_by: datetime | None
    created_at: datetime
    updated_at: datetime
    settled_at: datetime | None

    @property
    def is_at_rest(self) -> bool:
        return self.state in REFUND_AT_REST

    @computed_field  # type: ignore[prop-decorator]
    @property
    def workflow_id(self) -> str:
        return ids.refund_workflow(self.id)


class PayoutView(Value):
    """A payment by hand. `details` is where the customer wants it, shown to keys with `money`."""

    details: str | None
    reference: str | None
    proposed_by: str | None
    proposed_at: datetime | None
    confirmed_by: str | None
    confirmed_at: datetime | None


class RefundDetail(RefundSummary):
    """All of a refund, with what happened to it."""

    provider: str | None
    payment_ref: str | None
    provider_ref: str | None
    payout: PayoutView | None
    history: tuple[EventView, ...]


class RequestState(StrEnum):
    """Expired is a no that nobody gave in time."""

    AWAITING_APPROVAL = "awaiting_approval"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"


class RefundRequestView(Value):
    """A refund somebody asked for and what became of it.

    `amount_minor` is what was asked; what goes back is told by `refunds`. `reason.note` is in the
    customer's own words.
    """

    id: UUID
    subject: SubjectRef
    cancellation_id: UUID | None
    state: RequestState
    outcome: Outcome
    initiator: Initiator
    asker: str
    reason: GivenReason
    lines: tuple[LineShare, ...]
    form: str | None
    amount_minor: int
    currency: str
    money: MoneyState
    refunds: tuple[RefundSummary, ...]
    approval_until: datetime | None
    requested_at: datetime

    @property
    def is_at_rest(self) -> bool:
        return all(refund.is_at_rest for refund in self.refunds)


def summary(row: RefundRow, subject: SubjectRef) -> RefundSummary:
    return RefundSummary.model_validate(_columns(row, subject))


def detail(
    row: RefundRow,
    subject: SubjectRef,
    payout: PayoutRow | None,
    history: Sequence[EventView],
    *,
    may_see_details: bool,
) -> RefundDetail:
    return RefundDetail.model_validate(
        {
            **_columns(row, subject),
            "provider": row.provider,
            "payment_ref": row.payment_ref,
            "provider_ref": row.provider_ref,
            "payout": payout and _payout(payout, may_see_details),
            "history": history,
        }
    )


_SAME = (
    *("id", "cancellation_id", "request_id", "method", "handling", "form", "timing"),
    *("amount_minor", "currency", "state", "failure", "pending_reason", "action", "mender"),
    *("attention", "answer_by", "expected_by", "due_by", "created_at", "updated_at", "settled_at"),
)


def _columns(row: RefundRow, subject: SubjectRef) -> dict[str, object]:
    offered = refund_choices(row.state, row.attention) if row.attention else ()
    return {
        **{name: getattr(row, name) for name in _SAME},
        "subject": subject,
        "tender": row.tender_id,
        "choices": tuple(sorted(offered)),
        "attempts": row.attempt if row.attempt_begun else row.attempt - 1,
    }


def _payout(row: PayoutRow, may_see_details: bool) -> PayoutView:
    names = PayoutView.model_fields
    seen = PayoutView.model_validate({name: getattr(row, name) for name in names})
    return seen if may_see_details else seen.model_copy(update={"details": None})


def request_view(
    row: RefundRequestRow,
    subject: SubjectRef,
    refunds: Sequence[RefundRow],
    refusals: Mapping[UUID, str],
) -> RefundRequestView:
    """Put together what others see. `refusals` name the refunds that got a no, and by whom."""
    return RefundRequestView(
        id=row.id,
        subject=subject,
        cancellation_id=row.cancellation_id,
        state=state_of(refunds, refusals),
        outcome=row.outcome,
        initiator=row.initiator,
        asker=row.asker,
        reason=GivenReason(code=row.reason, note=row.note),
        lines=tuple(LineShare.model_validate(line) for line in row.lines),
        form=row.form,
        amount_minor=row.amount_minor,
        currency=row.currency,
        money=money_state({refund.state for refund in refunds}),
        refunds=tuple(summary(refund, subject) for refund in refunds),
        approval_until=min((r.answer_by for r in refunds if r.answer_by), default=None),
        requested_at=row.requested_at,
    )


def state_of(refunds: Sequence[RefundRow], refusals: Mapping[UUID, str]) -> RequestState:
    """What became of a request; one of several tenders is a no only where each of them got one."""
    if any(refund.attention == Waits.APPROVAL for refund in refunds):
        return RequestState.AWAITING_APPROVAL
    said = {refusals.get(refund.id) for refund in refunds}
    if None in said or not said:
        return RequestState.ACCEPTED
    return RequestState.EXPIRED if said == {DEADLINE} else RequestState.DECLINED
