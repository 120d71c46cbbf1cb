"""Deciding a request on locked facts: at its own instant, or at the one a quote promised."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.contracts import Cause
from domain.decisions import Decision, Finding, Outcome, Quote
from domain.errors import InvalidRequest, PolicyInvalid
from domain.facts import Facts
from domain.policy.policy import Policy
from domain.policy.rights.best import decide_best
from domain.requests import Request
from storage import quotes, rights
from storage.requests import RequestRow, RequestState
from storage.subjects import SubjectRow


class Judged(NamedTuple):
    """A decision with what it was based on; `cause` is set where it is a no."""

    decision: Decision
    facts: Facts
    cause: Cause | None


async def judge(session: AsyncSession, row: SubjectRow, asked: RequestRow) -> Judged:
    facts, known = await rights.load(session, row, asked.requested_at)
    request, policy = asked.request, known.contract
    if asked.state is RequestState.CLOSED:
        return _refused(row, facts, policy, Cause.REQUEST_CLOSED, "request_closed")
    quote = await _quote(session, request)
    if quote:
        if quote.decision.facts_hash != facts.fingerprint():
            return _refused(row, facts, policy, Cause.QUOTE_OUTDATED, "quote_outdated")
        if not await quotes.use(session, UUID(quote.id), asked.id):
            return _refused(row, facts, policy, Cause.QUOTE_OUTDATED, "quote_used")
        request = request.model_copy(update={"requested_at": quote.decision.decided_at})
    try:
        decision = decide_best(known, facts, request)
    except PolicyInvalid:
        raise
    except InvalidRequest as error:
        return _refused(row, facts, policy, Cause.RULES, error.code)
    return Judged(decision, facts, Cause.RULES if decision.is_declined else None)


async def _quote(session: AsyncSession, request: Request) -> Quote | None:
    if request.quote_id is None:
        return None
    found = await quotes.find(session, UUID(request.quote_id))
    return found.quote if found else None


def _refused(row: SubjectRow, facts: Facts, policy: Policy, cause: Cause, code: str) -> Judged:
    decision = Decision(
        outcome=Outcome.DECLINED,
        codes=(Finding(code=code),),
        rule=code,
        policy_id=policy.id,
        policy_version=row.policy_version,
        currency=facts.currency,
    )
    return Judged(decision, facts, cause)


def instead(judged: Judged, cause: Cause, code: str) -> Judged:
    decision = judged.decision.model_copy(
        update={"outcome": Outcome.DECLINED, "codes": (Finding(code=code),), "rule": code}
    )
    return Judged(decision, judged.facts, cause)
