"""The steps of a cancellation as its customer sees them: done, going on, still to come."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.lifecycle import RefundState
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
    UNDO = "undo"
    WORKING = "working"
    ATTENTION = "attention"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    UNDONE = "undone"
    RESTORED = "restored"
    REFUND = "refund"


@dataclass(frozen=True)
class Step:
    name: Name
    mark: Mark
    at: datetime | None = None
    until: datetime | None = None
    refund: RefundView | None = None


_ENDINGS = {
    Status.CANCELLED: Name.CANCELLED,
    Status.DECLINED: Name.DECLINED,
    Status.UNDONE: Name.UNDONE,
    Status.RESTORED: Name.RESTORED,
}
_LANDED = frozenset({RefundState.SUCCEEDED, RefundState.PAID_OTHERWISE, RefundState.WAIVED})


def steps(view: CancellationView) -> list[Step]:
    """From the request to the last refund, in order."""
    return [Step(Name.RECEIVED, Mark.DONE, at=view.requested_at), *_middle(view), *_end(view)]


def _middle(view: CancellationView) -> Iterator[Step]:
    if view.state is Status.AWAITING_APPROVAL:
        yield Step(Name.APPROVAL, Mark.NOW, until=view.approval_until)
    elif view.approval_until is not None:
        yield Step(Name.APPROVAL, Mark.DONE)
    if view.state is Status.UNDO_WINDOW:
        yield Step(Name.UNDO, Mark.NOW, until=view.undo_until)


def _end(view: CancellationView) -> Iterator[Step]:
    ending = _ENDINGS.get(view.state)
    if view.state in (Status.WORKING, Status.RECEIVED):
        yield Step(Name.WORKING, Mark.NOW)
    if view.state is Status.NEEDS_ATTENTION:
        yield Step(Name.ATTENTION, Mark.NOW)
    if ending is None:
        yield Step(Name.CANCELLED, Mark.NEXT)
        return
    is_no = ending in (Name.DECLINED, Name.RESTORED)
    yield Step(ending, Mark.FAILED if is_no else Mark.DONE, at=view.ended_at)
    for refund in view.refunds:
        is_there = refund.state in _LANDED
        yield Step(
            Name.REFUND, Mark.DONE if is_there else Mark.NOW, at=refund.settled_at, refund=refund
        )
