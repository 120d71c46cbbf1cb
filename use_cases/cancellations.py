"""Asking for a cancellation once, whatever is repeated, lost or down meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from domain.contracts import Answer, CancelSubject, Cause, Standing
from domain.errors import (
    NeedsAttention,
    QuoteOutdated,
    QuoteUsed,
    RescindError,
    ServiceUnavailable,
    SubjectBusy,
)
from domain.lifecycle import CancellationState
from domain.requests import Request, Right
from domain.subjects import SubjectRef
from storage import cancellations, holds, requests
from storage.database import without_transaction
from storage.requests import RequestState
from use_cases import cases, evidence, intake, maintenance, quotes
from use_cases.actors import Actor
from use_cases.cases import Case
from use_cases.context import Context
from use_cases.evidence import SentFile
from use_cases.intake import Asked
from use_cases.views import CancellationView

_TRIES = 20


@dataclass(frozen=True)
class Open:
    """A request that is written down but not decided, and the number its run would have."""

    id: UUID
    subject: SubjectRef
    request: Request
    summary: str
    n: int

    @property
    def start(self) -> CancelSubject:
        return CancelSubject(
            cancellation_id=self.id,
            subject=self.subject,
            n=self.n,
            fingerprint=self.request.fingerprint(),
        )


async def request_cancellation(
    context: Context,
    actor: Actor,
    asked: Asked,
    key: str | None = None,
    files: Sequence[SentFile] = (),
) -> CancellationView:
    """Ask for a cancellation and learn the decision.

    The same key answers the same again, and keeps no file again. A decision that does not come in
    time leaves a view in the state `received`: the request stays and will be decided. Raises what
    `intake.check` raises, EvidenceFull, SubjectBusy, NeedsAttention, QuoteOutdated,
    IdempotencyKeyReused, Maintenance unless it goes by law, and ServiceUnavailable, which
    means that nothing was and nothing will be done.
    """
    received = await _receive(context, actor, asked, key, files)
    if isinstance(received, Open):
        return await _decide(context, received)
    return await _carry_on(context, received)


async def _receive(
    context: Context, actor: Actor, asked: Asked, key: str | None, files: Sequence[SentFile]
) -> Open | UUID:
    """Write the request down; if its key is known, the id it had comes back."""
    now = context.clock()
    async with context.sessions.begin() as session:
        if known := await intake.known(session, actor, asked, key):
            return known
        if asked.right is not Right.LAW:
            await maintenance.check(session, now)
        checked = await intake.check(session, actor, asked, now)
        await intake.check_quote(session, checked)
        written = await intake.write(session, actor, asked, checked, key, now)
        if written is None:
            known = await intake.known(session, actor, asked, key)
            assert known is not None
            return known
        await evidence.keep(session, checked.subject.id, written, files, now)
        n = await cancellations.next_number(session, checked.subject.id)
    return Open(written, asked.subject, checked.request, checked.summary, n)


async def _carry_on(context: Context, request_id: UUID) -> CancellationView:
    """Answer a request that came before, and decide it if that has not happened yet."""
    found = await _reread(context, request_id)
    return await (_decide(context, found) if isinstance(found, Open) else _tell(context, found))


async def _reread(context: Context, request_id: UUID) -> Open | Case:
    """Read a request again. The number is read before the state: a request still open then can't be
    among those it counts."""
    async with context.sessions() as session:
        subject_id = await requests.subject_of(session, request_id)
        n = await cancellations.next_number(session, subject_id)
        case = await cases.get(session, request_id)
    if case.request.state is not RequestState.OPEN:
        return case
    subject = case.subject.subject
    return Open(request_id, subject, case.request.request, f"{subject.kind} {subject.id}", n)


async def _decide(context: Context, opened: Open) -> CancellationView:
    """Start the run or find the one there is. A closed one means that a newer number is due."""
    for _ in range(_TRIES):
        try:
            reason = opened.request.reason
            answer = await context.runs.ask(opened.start, opened.summary, reason)
        except TimeoutError:
            return await _tell(context, await _case(context, opened.id))
        except ServiceUnavailable:
            return await _give_up(context, opened)
        if answer.standing is not Standing.CLOSED:
            return await _stand(context, opened, answer)
        found = await _reread(context, opened.id)
        if isinstance(found, Case):
            return await _tell(context, found)
        if found.n == opened.n:
            return await _refuse(context, opened, "needs_attention", None)
        opened = replace(opened, n=found.n)
    return await _tell(context, await _case(context, opened.id))


async def _stand(context: Context, opened: Open, answer: Answer) -> CancellationView:
    if answer.standing is Standing.BUSY:
        return await _refuse(context, opened, "subject_busy", answer.cancellation_id)
    if answer.standing is Standing.JOINED:
        running = answer.cancellation_id
        async with context.sessions.begin() as session:
            await requests.settle(session, opened.id, RequestState.JOINED, joined_id=running)
    return await _tell(context, await _case(context, opened.id))


async def _refuse(
    context: Context, opened: Open, refusal: str, running: UUID | None
) -> CancellationView:
    """Refuse a request, unless it was decided meanwhile, and tell so."""
    async with context.sessions.begin() as session:
        await requests.settle(
            session, opened.id, RequestState.REFUSED, joined_id=running, refusal=refusal
        )
    return await _tell(context, await _case(context, opened.id))


async def _give_up(context: Context, opened: Open) -> CancellationView:
    """Close the request, so that a start that got through after all is refused by `validate`."""
    async with context.sessions.begin() as session:
        await requests.close(session, opened.id)
    return await _tell(context, await _case(context, opened.id))


async def _case(context: Context, request_id: UUID) -> Case:
    async with context.sessions() as session:
        await without_transaction(session)
        return await cases.get(session, request_id)


async def _tell(context: Context, case: Case) -> CancellationView:
    """Answer from the database; some answers are errors to whoever asked."""
    request = case.request
    match request.state:
        case RequestState.JOINED if request.joined_id:
            running = cases.view(await _case(context, request.joined_id))
            return running.model_copy(update={"request_id": request.id})
        case RequestState.REFUSED:
            raise _refusal(case)
        case RequestState.CLOSED:
            raise ServiceUnavailable("Temporal can't be reached: nothing was or will be done")
    await _check_declined(context, case)
    return cases.view(case)


def _refusal(case: Case) -> RescindError:
    """The error that a refused request is answered with, the first time and again."""
    request, subject = case.request, str(case.subject.subject)
    if request.refusal == "needs_attention":
        return NeedsAttention(f"a cancellation of {subject} waits for a person")
    return SubjectBusy(subject, str(request.joined_id) if request.joined_id else None)


async def _check_declined(context: Context, case: Case) -> None:
    """Raise what stood in the way where it wasn't the rules."""
    cancellation, request = case.cancellation, case.request
    if cancellation is None or cancellation.state is not CancellationState.DECLINED:
        return
    if cancellation.cause == Cause.BUSY:
        async with context.sessions() as session:
            hold = await holds.find(session, case.subject.id)
        held_by = str(hold.holder_id) if hold and hold.holder == "cancellation" else None
        raise SubjectBusy(str(case.subject.subject), held_by)
    if cancellation.cause == Cause.QUOTE_OUTDATED:
        if case.decided and case.decided.decision.rule == "quote_used":
            raise QuoteUsed("the quote has been used by another request")
        async with context.sessions.begin() as session:
            fresh = await quotes.renew(context, session, case.subject, request)
        raise QuoteOutdated(fresh.id, quote=fresh)
