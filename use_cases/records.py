"""Orders and appointments as merchants report them: facts in, our own state untouched."""

from collections.abc import Sequence

from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import InvalidRequest, RescindError, ServiceUnavailable
from domain.records import Receipt
from domain.reports import SubjectReport, payments_of
from domain.subjects import SubjectRef
from storage import records
from use_cases.actors import Actor
from use_cases.context import Context
from use_cases.recording import Recorder
from use_cases.views_of_orders import involved

Told = tuple[SubjectRef, SubjectReport]


async def report(
    context: Context, actor: Actor, subject: SubjectRef, told: SubjectReport
) -> Receipt:
    """Record what a merchant says of a subject; the same again changes nothing.

    Raises what stands against it: TermsHeld, SlotTaken, CancelledLineChanged and others.
    """
    told = told.paid_through(context.provider)
    receipt = await _report_alone(context, actor, subject, told)
    await context.register(payments_of(told))
    return receipt


async def report_many(
    context: Context, actor: Actor, told: Sequence[Told]
) -> list[Receipt | RescindError]:
    """Record many at once, in their order; one that can't be is an answer and no hindrance.

    If the database refuses the lot, two imports having met, each is recorded by itself.
    """
    told = [(subject, one.paid_through(context.provider)) for subject, one in told]
    try:
        async with context.sessions.begin() as session:
            answers = await _record(context, session, actor, told)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        answers = [await _answer_alone(context, actor, subject, one) for subject, one in told]
    return await _register(context, told, answers)


async def _register(
    context: Context, told: Sequence[Told], answers: Sequence[Receipt | RescindError]
) -> list[Receipt | RescindError]:
    """Make the payments of what was recorded known; a line whose payments weren't is to be sent
    again, and then it is unchanged."""
    recorded = [
        payments_of(one) if isinstance(answer, Receipt) else []
        for (_, one), answer in zip(told, answers, strict=True)
    ]
    try:
        await context.register([payment for payments in recorded for payment in payments])
    except RescindError as error:
        return [error if paid else answer for paid, answer in zip(recorded, answers, strict=True)]
    return list(answers)


async def _answer_alone(
    context: Context, actor: Actor, subject: SubjectRef, told: SubjectReport
) -> Receipt | RescindError:
    try:
        return await _report_alone(context, actor, subject, told)
    except RescindError as error:
        return error
    except DataError:
        return InvalidRequest("a value can't be stored")


async def _report_alone(
    context: Context, actor: Actor, subject: SubjectRef, told: SubjectReport
) -> Receipt:
    """Record one, again if somebody else did the same or locked in another order meanwhile."""
    for _ in range(_ATTEMPTS):
        try:
            async with context.sessions.begin() as session:
                (answer,) = await _record(context, session, actor, [(subject, told)])
                if isinstance(answer, RescindError):
                    raise answer
                return answer
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _CLASHES:
                raise
    raise ServiceUnavailable(f"{subject} is being reported by others at the same time")


_ATTEMPTS = 3
_CLASHES = frozenset({"23505", "23P01", "40001", "40P01"})
"""PostgreSQL's codes for a row made meanwhile, a time taken meanwhile, and locks in a circle."""


async def _record(
    context: Context, session: AsyncSession, actor: Actor, told: Sequence[Told]
) -> list[Receipt | RescindError]:
    kept = await records.lock(session, involved(told))
    batch = records.Batch(session, context.clock(), actor.id)
    recorder = Recorder(batch, kept, context.zone)
    answers: list[Receipt | RescindError] = []
    with session.no_autoflush:
        for subject, one in told:
            try:
                answers.append(await recorder.record(subject, one))
            except RescindError as error:
                answers.append(error)
        await batch.write()
    return answers
