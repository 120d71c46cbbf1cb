"""Answers to a cancellation that waits: approve, decline, take back."""

import asyncio
from uuid import UUID

from domain.contracts import Reply, ReplyKind
from domain.errors import AlreadyAnswered, NeedsAttention, NotAllowed, RescindError
from domain.policy.amounts import with_refund
from storage import facts as stored_facts
from use_cases import cases
from use_cases.actors import Actor, Scope
from use_cases.cases import Case
from use_cases.context import Context
from use_cases.run_errors import NoRun
from use_cases.views import CancellationView

_LOOKS, _PAUSE = 30, 0.05
"""How often, and after how many seconds, a reply looks whether the run has acted on it."""


async def undo(
    context: Context, actor: Actor, cancellation_id: UUID, asker: str | None = None
) -> CancellationView:
    """Take a cancellation back before anything is released, as its asker or as staff."""
    case = await _waiting(context, cancellation_id)
    _check_asker(actor, case, asker)
    return await _reply(context, actor, case, ReplyKind.TAKEN_BACK)


async def approve(
    context: Context, actor: Actor, cancellation_id: UUID, refund_minor: int | None = None
) -> CancellationView:
    """Say yes, and maybe how much goes back. Raises RefundTooHigh."""
    case = await _waiting(context, cancellation_id)
    if refund_minor is not None:
        actor.require(Scope.MONEY)
        await _check_refund(context, case, refund_minor)
    return await _reply(context, actor, case, ReplyKind.APPROVED, refund_minor)


async def decline(context: Context, actor: Actor, cancellation_id: UUID) -> CancellationView:
    """Say no: everything stays as it is."""
    return await _reply(
        context, actor, await _waiting(context, cancellation_id), ReplyKind.DECLINED
    )


async def _waiting(context: Context, cancellation_id: UUID) -> Case:
    """The cancellation, if it is one that is still on its way. Raises AlreadyAnswered."""
    async with context.sessions() as session:
        case = await cases.get(session, cancellation_id)
    if case.cancellation is None or case.cancellation.is_at_rest:
        raise answered(case)
    return case


def answered(case: Case) -> AlreadyAnswered:
    """Too late, with the outcome that stands."""
    seen = cases.view(case)
    return AlreadyAnswered(
        f"cancellation {seen.id} is {seen.state} already",
        state=seen.state,
        outcome=seen.outcome,
        cause=seen.cause,
    )


def _check_asker(actor: Actor, case: Case, asker: str | None) -> None:
    is_same = asker == case.request.asker if asker else actor.id == case.request.actor
    if not is_same and not actor.can(Scope.DECIDE):
        raise NotAllowed("only who asked for a cancellation may take it back")


async def _check_refund(context: Context, case: Case, refund_minor: int) -> None:
    """Refuse an amount that could not be returned as things stand."""
    assert case.decided is not None
    async with context.sessions() as session:
        facts, _ = await stored_facts.load(session, case.subject)
    with_refund(case.decided.decision, facts, refund_minor)


async def _reply(
    context: Context,
    actor: Actor,
    case: Case,
    kind: ReplyKind,
    refund_minor: int | None = None,
) -> CancellationView:
    """Tell the run. The first answer it took wins; without an answer in time the state tells."""
    assert case.cancellation is not None
    reply = Reply(
        cancellation_id=case.request.id, kind=kind, actor=actor.id, refund_minor=refund_minor
    )
    try:
        await context.runs.reply(case.subject.subject, case.cancellation.n, reply)
    except TimeoutError:
        pass
    except (AlreadyAnswered, NoRun) as error:
        raise _too_late(await _again(context, case), error) from error
    return cases.view(await _moved(context, case))


def _too_late(case: Case, error: Exception) -> RescindError:
    """A run that is gone although its cancellation isn't at rest is no answer but a disorder."""
    assert case.cancellation is not None
    if isinstance(error, NoRun) and not case.cancellation.is_at_rest:
        return NeedsAttention(
            f"the run of cancellation {case.request.id} was closed before its end"
        )
    return answered(case)


async def _moved(context: Context, case: Case) -> Case:
    """The cancellation as the answer left it; a run that is slow to act on it isn't waited for."""
    assert case.cancellation is not None
    before = case.cancellation.state
    for _ in range(_LOOKS):
        now = await _again(context, case)
        if now.cancellation is None or now.cancellation.state is not before:
            return now
        await asyncio.sleep(_PAUSE)
    return await _again(context, case)


async def _again(context: Context, case: Case) -> Case:
    async with context.sessions() as session:
        return await cases.get(session, case.request.id)
