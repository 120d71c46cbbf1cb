"""A request for a refund as others see it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.attention import Waits
from domain.decisions import Outcome
from domain.money_state import MoneyState, money_state
from domain.refund_requests import LineShare
from domain.requests import Initiator
from domain.subjects import SubjectRef
from domain.values import Value
from storage.refund_requests import RefundRequestRow
from storage.refunds import RefundRow
from use_cases.refund_views import RefundSummary, summary
from use_cases.views import GivenReason

DEADLINE = "deadline"
"""The actor of a no that the clock gave."""


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
