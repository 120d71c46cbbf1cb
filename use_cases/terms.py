"""What somebody reads before choosing: the terms of all that is left, and how money comes back."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.decisions import Decision, Finding
from domain.policy.rights.best import decide_best
from domain.policy.rights.ended import law_ended_at
from domain.policy.rights.grounds import Rights
from domain.policy.rights.left_out import left_out
from domain.policy.rights.methods import RefundMethod
from domain.policy.rights.methods import refund_methods as methods_of
from domain.subjects import SubjectRef
from domain.values import Value
from storage import rights
from use_cases import intake
from use_cases.actors import Actor
from use_cases.context import Context
from use_cases.intake import Asked


class Terms(Value):
    """What cancelling all that is left would come to now. `left_out` are lines that can't be
    cancelled, with why; `reason_counts` says whether a rule asks for the reason. `wording` is what
    the business says to customers about all of it, `sentences` its own words for codes.
    `law_ended_at` is when the law's time ran out, where it had one and nothing of it is left."""

    decision: Decision
    left_out: Mapping[str, tuple[Finding, ...]]
    reason_counts: bool
    wording: str | None
    sentences: Mapping[str, Mapping[str, str]]
    law_ended_at: datetime | None


async def get_terms(context: Context, actor: Actor, subject: SubjectRef) -> Terms:
    """Read the terms as they are now. Raises what `intake.check` raises."""
    now = context.clock()
    async with context.sessions() as session:
        checked = await intake.check(session, actor, Asked(subject=subject), now)
        facts, known = await rights.load(session, checked.subject, now)
    decision = decide_best(known, facts, checked.request)
    return Terms(
        decision=decision,
        left_out=left_out(known, facts, checked.request, decision),
        reason_counts="reason" in known.contract.names,
        wording=known.contract.document.wording,
        sentences=_sentences(known),
        law_ended_at=law_ended_at(known, facts, now),
    )


async def refund_methods(context: Context, actor: Actor, asked: Asked) -> Sequence[RefundMethod]:
    """What a request comes to by each way to have the money back, the usual one first. Nothing is
    kept. Raises what `intake.check` raises."""
    now = context.clock()
    async with context.sessions() as session:
        checked = await intake.check(session, actor, asked, now)
        facts, known = await rights.load(session, checked.subject, now)
    return methods_of(known, facts, checked.request)


def _sentences(known: Rights) -> Mapping[str, Mapping[str, str]]:
    """The contract's own words before those of the laws."""
    policies = (*(law.policy for law in known.laws), known.contract)
    return {code: words for policy in policies for code, words in policy.document.sentences.items()}
