"""The steps of a cancellation as its customer sees them: done, going on, still to come."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.contracts import Cause
from domain.decisions import Yes
from domain.lifecycle import RefundState
from domain.subjects import Handling
from use_cases.views import CancellationView, RefundView, Status


class Mark(StrEnum):
    DONE = "done"
    NOW = "now"
    NEXT = "next"
    FAILED = "failed"


class Name(StrEnum):
    """What a step is about; its sentence is the template's."""

    RECEIVED = "received"
    APPROVAL = "approval"
    APPROVED = "approved"
    APPROVED_BY_SILENCE = "approved_by_silence"
    UNDO = "undo"
    WORKING = "working"
    ATTENTION = "attention"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    DECLINED_BY_PERSON = "declined_by_person"
    DECLINED_BY_SILENCE = "declined_by_silence"
    UNDONE = "undone"
    RESTORED = "restored"
    REFUND = "refund"
    BANK = "bank"


SLOW = timedelta(minutes=2)
"""What takes longer than this is said to take longer than usual."""


@dataclass(frozen=True)
class Step:
    """`is_slow` says that it has taken longer than usual, `is_no` that no answer is a no."""

    name: Name
    mark: Mark
    at: datetime | None = None
    until: datetime | None = None
    refund: RefundView | None = None
    is_slow: bool = False
    is_no: bool = True


_ENDINGS = {
    Status.CANCELLED: Name.CANCELLED,
    Status.DECLINED: Name.DECLINED,
    Status.UNDONE: Name.UNDONE,
    Status.RESTORED: Name.RESTORED,
}
_NOES: Mapping[str, Name] = {
    Cause.STAFF: Name.DECLINED_BY_PERSON,
    Cause.DEADLINE: Name.DECLINED_BY_SILENCE,
}
_YESES = {Yes.PERSON: Name.APPROVED, Yes.SILENCE: Name.APPROVED_BY_SILENCE}
_LANDED = frozenset({RefundState.SUCCEEDED, RefundState.PAID_OTHERWISE, RefundState.WAIVED})
_SENDING = frozenset({RefundState.OWED, RefundState.REQUESTED})
_BOOKED_LATER = frozenset({*_SENDING, RefundState.PENDING, RefundState.SUCCEEDED})


def steps(view: CancellationView, now: datetime) -> list[Step]:
    """From the request to the day on which the last of the money is there, in order."""
    told = [Step(Name.RECEIVED, Mark.DONE, at=view.requested_at), *_middle(view), *_end(view, now)]
    for refund in view.refunds if view.state is Status.CANCELLED else ():
        told += _money(refund, view, now)
    return told


def _middle(view: CancellationView) -> Iterator[Step]:
    if view.state is Status.AWAITING_APPROVAL:
        approval = view.decision.approval if view.decision else None
        is_no = approval is None or not approval.approve_by_default
        yield Step(Name.APPROVAL, Mark.NOW, until=view.approval_until, is_no=is_no)
    if view.decision and view.decision.yes:
        yield Step(_YESES[view.decision.yes], Mark.DONE)
    if view.state is Status.UNDO_WINDOW:
        yield Step(Name.UNDO, Mark.NOW, until=view.undo_until)


def _end(view: CancellationView, now: datetime) -> Iterator[Step]:
    ending = _ENDINGS.get(view.state)
    if view.state in (Status.WORKING, Status.RECEIVED):
        begun = max(view.received_at, *(at for at in (view.decided_at, view.undo_until) if at))
        yield Step(Name.WORKING, Mark.NOW, is_slow=now - begun > SLOW)
    if view.state is Status.NEEDS_ATTENTION:
        yield Step(Name.ATTENTION, Mark.NOW)
    if ending is None:
        yield Step(Name.CANCELLED, Mark.NEXT)
        return
    is_no = ending in (Name.DECLINED, Name.RESTORED)
    if ending is Name.DECLINED:
        ending = _NOES.get(view.cause or "", ending)
    yield Step(ending, Mark.FAILED if is_no else Mark.DONE, at=view.ended_at)


def _money(refund: RefundView, view: CancellationView, now: datetime) -> Iterator[Step]:
    """Sending it back, and, where a bank books it, the days until that is done."""
    is_there = refund.state in _LANDED
    is_waiting = refund.state in _SENDING and not refund.attention
    is_slow = is_waiting and view.ended_at is not None and now - view.ended_at > SLOW
    mark = Mark.DONE if is_there else Mark.NOW
    yield Step(Name.REFUND, mark, at=refund.settled_at, refund=refund, is_slow=is_slow)
    if refund.handling is not Handling.PROVIDER or refund.state not in _BOOKED_LATER:
        return
    mark = Mark.NEXT
    if refund.state is RefundState.SUCCEEDED:
        is_due = refund.expected_by is not None and refund.expected_by < now.date()
        mark = Mark.DONE if is_due else Mark.NOW
    yield Step(Name.BANK, mark, refund=refund)
