"""One request with all its rows, and what others see of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.attention import card_hold_choices, choices, refund_choices
from domain.errors import CancellationNotFound
from domain.lifecycle import REFUND_ACCEPTED, CancellationState, RefundState
from domain.money_state import MoneyState, money_state
from domain.subjects import LineQuantity
from storage import card_holds, dues, effects, refund_requests, refunds
from storage.cancellations import CancellationRow
from storage.card_holds import CardHoldRow
from storage.decisions import DecisionRow
from storage.dues import DueRow
from storage.refunds import RefundRow
from storage.requests import RequestRow, RequestState
from storage.subjects import SubjectRow
from use_cases.due_views import amount_due, card_hold_view, due_view
from use_cases.views import (
    AttentionView,
    CancellationView,
    GivenReason,
    RefundView,
    Status,
    word_of,
)

Found = tuple[RequestRow, SubjectRow, CancellationRow | None, DecisionRow | None]


@dataclass(frozen=True)
class Case:
    """A request with its subject and, once it is decided, what it became."""

    request: RequestRow
    subject: SubjectRow
    cancellation: CancellationRow | None
    decided: DecisionRow | None
    refunds: list[RefundRow]
    has_begun_pivot: bool = False
    dues: Sequence[DueRow] = ()
    card_holds: Sequence[CardHoldRow] = ()
    later: Sequence[UUID] = ()

    @property
    def is_sealed(self) -> bool:
        """Whether money is on its way, or may be. The run itself has the last word."""
        return self.has_begun_pivot or any(
            refund.state in REFUND_ACCEPTED
            or (refund.state is RefundState.REQUESTED and refund.attempt_begun)
            for refund in self.refunds
        )


async def find(session: AsyncSession, request_id: UUID) -> Case | None:
    rows = await session.execute(_FIND, {"request_id": request_id})
    row: Found | None = rows.one_or_none()
    if row is None:
        return None
    request, subject, cancellation, decided = row
    if cancellation is None:
        return Case(request, subject, None, None, [])
    if cancellation.state is CancellationState.DECLINED:
        return Case(request, subject, cancellation, decided, [])
    money = await refunds.of_cancellation(session, request_id)
    waits = cancellation.attention is not None
    pivot = waits and await _has_begun_pivot(session, request_id)
    case = Case(request, subject, cancellation, decided, money, pivot)
    return await _with_dues(session, case, cancellation)


_FIND = (
    select(RequestRow, SubjectRow, CancellationRow, DecisionRow)
    .join(SubjectRow, SubjectRow.id == RequestRow.subject_id)
    .outerjoin(CancellationRow, CancellationRow.id == RequestRow.id)
    .outerjoin(DecisionRow, DecisionRow.cancellation_id == RequestRow.id)
    .where(RequestRow.id == bindparam("request_id"))
    .execution_options(populate_existing=True)
)


async def _with_dues(session: AsyncSession, case: Case, row: CancellationRow) -> Case:
    """What is due on top is written down by the pivot, and so is what becomes of held cards; only
    then can a refund be asked for later."""
    if row.state is not CancellationState.CANCELLED:
        return case
    due = await dues.of_cancellation(session, row.id) if row.due_minor else []
    held = await card_holds.of_subject(session, row.subject_id)
    later = await refund_requests.of_cancellation(session, row.id)
    return replace(case, dues=due, card_holds=held, later=later)


async def _has_begun_pivot(session: AsyncSession, cancellation_id: UUID) -> bool:
    return await effects.find(session, cancellation_id, "update_status") is not None


async def get(session: AsyncSession, request_id: UUID) -> Case:
    if case := await find(session, request_id):
        return case
    raise CancellationNotFound(f"there is no cancellation {request_id}")


def view(case: Case) -> CancellationView:
    """Put together what others see of a request, decided or not."""
    request, body = case.request, case.request.request
    seen = CancellationView(
        id=request.id,
        subject=case.subject.subject,
        state=_STATES[request.state],
        refusal=request.refusal,
        joined_id=request.joined_id,
        initiator=body.initiator,
        right=case.cancellation.right if case.cancellation else body.right,
        asker=request.asker,
        lines=body.lines,
        reason=GivenReason(code=body.reason, note=request.note),
        currency=case.subject.currency,
        requested_at=request.requested_at,
        received_at=request.received_at,
    )
    if case.cancellation is None:
        return seen
    return seen.model_copy(update=_decided(case, case.cancellation))


_STATES = {
    RequestState.OPEN: Status.RECEIVED,
    RequestState.DECIDED: Status.RECEIVED,
    RequestState.JOINED: Status.JOINED,
    RequestState.REFUSED: Status.REFUSED,
    RequestState.CLOSED: Status.CLOSED,
}


def _decided(case: Case, row: CancellationRow) -> dict[str, object]:
    decision = case.decided.decision if case.decided else None
    return {
        "state": Status(row.state),
        "outcome": word_of(decision.outcome, row.state) if decision else None,
        "codes": decision.codes if decision else (),
        "cause": row.cause,
        "n": row.n,
        "lines": tuple(
            LineQuantity(id=line["id"], quantity=line["quantity"]) for line in row.lines
        ),
        "refund_minor": row.refund_minor,
        "fee_minor": row.fee_minor,
        "due_minor": row.due_minor,
        "currency": row.currency,
        "money": _money(case, row),
        "decision": decision,
        "refunds": tuple(map(_refund, case.refunds)),
        "refund_requests": tuple(case.later),
        "amount_due_minor": amount_due(case.dues, case.card_holds),
        "dues": tuple(map(due_view, case.dues)),
        "card_holds": tuple(map(card_hold_view, own_holds(case))),
        "approval_until": row.approval_until,
        "undo_until": row.undo_until,
        "retry_quote_id": row.retry_quote_id,
        "attention": _attention(case, row),
        "decided_at": row.decided_at,
        "ended_at": row.ended_at,
    }


def _money(case: Case, row: CancellationRow) -> MoneyState:
    """Refunds that were dropped again on the way back are no money to wait for."""
    if row.is_at_rest and row.state is not CancellationState.CANCELLED:
        return MoneyState.NONE
    return money_state({refund.state for refund in case.refunds})


def _refund(row: RefundRow) -> RefundView:
    return RefundView(
        id=row.id,
        cancellation_id=row.cancellation_id,
        tender=row.tender_id,
        method=row.method,
        handling=row.handling,
        form=row.form,
        timing=row.timing,
        amount_minor=row.amount_minor,
        currency=row.currency,
        state=row.state,
        failure=row.failure,
        pending_reason=row.pending_reason,
        action=row.action,
        attention=row.attention,
        answer_by=row.answer_by,
        expected_by=row.expected_by,
        due_by=row.due_by,
        settled_at=row.settled_at,
    )


def _attention(case: Case, row: CancellationRow) -> tuple[AttentionView, ...]:
    waiting = []
    if row.attention:
        offered = choices(row.attention, sealed=case.is_sealed)
        waiting.append(
            AttentionView(
                step=row.attention,
                failure=row.attention_failure,
                choices=tuple(sorted(offered)),
            )
        )
    waiting += [
        AttentionView(
            step="refund",
            failure=refund.failure,
            choices=tuple(sorted(refund_choices(refund.state, refund.attention))),
            refund_id=refund.id,
        )
        for refund in case.refunds
        if refund.attention
    ]
    waiting += [
        AttentionView(
            step="card_hold",
            failure=hold.failure,
            choices=tuple(sorted(card_hold_choices(hold.state))),
            card_hold_id=hold.id,
        )
        for hold in own_holds(case)
        if hold.attention
    ]
    return tuple(waiting)


def own_holds(case: Case) -> list[CardHoldRow]:
    """The held cards that this cancellation was the last to need."""
    return [hold for hold in case.card_holds if hold.cancellation_id == case.request.id]
