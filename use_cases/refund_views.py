"""A refund, and a request for one, as others see them."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from pydantic import computed_field

from domain import ids
from domain.attention import Choice, refund_choices
from domain.lifecycle import REFUND_AT_REST, RefundState
from domain.subjects import Handling, SubjectRef
from domain.values import Value
from storage.payouts import PayoutRow
from storage.refunds import RefundRow
from use_cases.views import EventView


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
