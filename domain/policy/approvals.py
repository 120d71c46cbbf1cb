"""When a person has to agree."""

from collections.abc import Iterable, Iterator

from domain.decisions import ApprovalTerms, Outcome
from domain.policy.conditions import Test
from domain.policy.document import DEFAULT_WAIT
from domain.policy.look import Look
from domain.policy.policy import Rule
from domain.policy.situation import Bound, Ruling, Situation, asks_favour
from domain.requests import Right

_ASK = Outcome.NEEDS_APPROVAL
_CODES = {
    "notice": "approval_late",
    "refund": "approval_refund_over",
    "reason": "approval_reason",
}
"""What an alternative of the approval's condition is about; the first name that is known counts."""


def judge(s: Situation, look: Look, applied: Iterable[Rule | None]) -> Iterator[Ruling]:
    """Say why a person has to agree. The law asks for none, nor does the business of itself.

    `applied` are the rules that decide about the lines; `look` knows fee, refund and due.
    """
    if asks_favour(s.request):
        yield Ruling("built_in.goodwill", _ASK, "goodwill_asked")
        return
    if s.bound is not Bound.ALL or s.request.right is Right.LAW:
        return
    for rule in dict.fromkeys(applied):
        if rule is not None and rule.approval is not None:
            yield Ruling(rule.rule, _ASK, rule.approval, rule.params(look))
    if s.policy.approvals:
        yield from _by_section(s, look)


def terms(s: Situation, outcome: Outcome) -> ApprovalTerms | None:
    """How long a person has. What is asked as a favour or handed over never gets a default yes."""
    if outcome not in (Outcome.NEEDS_APPROVAL, Outcome.HAND_OVER):
        return None
    approval = s.policy.document.approval
    if approval is None:
        return ApprovalTerms(within=DEFAULT_WAIT)
    by_default = (
        approval.approve_by_default
        and outcome is Outcome.NEEDS_APPROVAL
        and not asks_favour(s.request)
    )
    return ApprovalTerms(within=approval.within, approve_by_default=by_default)


def _by_section(s: Situation, look: Look) -> Iterator[Ruling]:
    found = []
    for test in s.policy.approvals:
        for item in look.together.items:
            if item.is_asked and test.holds(look._replace(item=item)):
                found.append(Ruling("approval", _ASK, _code(test), test.params(look)))
                break
    yield from found or (Ruling("approval", Outcome.ALLOWED),)


def _code(test: Test) -> str:
    if not test.names:
        return "approval_always"
    known = (code for name, code in _CODES.items() if name in test.names)
    return next(known, "approval_needed")
