"""When a person has to agree."""

from collections.abc import Iterator
from datetime import datetime

from domain.decisions import ApprovalTerms, Outcome
from domain.policy.deadlines import before
from domain.policy.document import DEFAULT_WAIT, Approval
from domain.policy.situation import Bound, Ruling, Situation, asked_starts, asks_favour
from domain.policy.time_rules import now_of
from domain.requests import Right
from domain.values import Attributes

_ASK = Outcome.NEEDS_APPROVAL


def judge(s: Situation, at: datetime | None, refund: int) -> Iterator[Ruling]:
    """Say why a person has to agree. The law asks for none, nor does the business of itself."""
    if asks_favour(s.request):
        yield Ruling("built_in.goodwill", _ASK, "goodwill_asked")
        return
    approval = s.policy.approval
    if approval is None or s.bound is not Bound.ALL or s.request.right is Right.LAW:
        return
    found = tuple(_reasons(s, approval, at, refund))
    yield from found or (Ruling("approval", Outcome.ALLOWED),)


def terms(s: Situation, outcome: Outcome) -> ApprovalTerms | None:
    """How long a person has. What is asked as a favour or handed over never gets a default yes."""
    if outcome not in (Outcome.NEEDS_APPROVAL, Outcome.HAND_OVER):
        return None
    approval = s.policy.approval
    if approval is None:
        return ApprovalTerms(within=DEFAULT_WAIT)
    by_default = (
        approval.approve_by_default
        and outcome is Outcome.NEEDS_APPROVAL
        and not asks_favour(s.request)
    )
    return ApprovalTerms(within=approval.within, approve_by_default=by_default)


def _reasons(
    s: Situation, approval: Approval, at: datetime | None, refund: int
) -> Iterator[Ruling]:
    if approval.always:
        yield Ruling("approval.always", _ASK, "approval_always")
    over = approval.refund_over_minor
    if over is not None and refund > over:
        yield Ruling("approval.refund_over_minor", _ASK, "approval_refund_over", {"minor": over})
    if s.request.reason in approval.reasons:
        params = {"reason": s.request.reason}
        yield Ruling("approval.reasons", _ASK, "approval_reason", params)
    if approval.notice_under is not None:
        for start, lines in asked_starts(s).items():
            until = before(start, approval.notice_under, s.facts.zone)
            if now_of(at) > until:
                late: Attributes = {"notice": str(approval.notice_under), "lines": lines}
                yield Ruling("approval.notice_under", _ASK, "approval_late", late)
