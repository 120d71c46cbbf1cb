"""Orders and appointments as merchants report them: facts in, our own state untouched."""

from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import RescindError
from domain.records import Receipt
from domain.reports import SubjectReport, payments_of
from domain.subjects import SubjectRef
from storage import records
from use_cases.actors import Actor
from use_cases.context import Context
from use_cases.recording import Recorder, involved

Told = tuple[SubjectRef, SubjectReport]


async def report(
    context: Context, actor: Actor, subject: SubjectRef, told: SubjectReport
) -> Receipt:
    """Record what a merchant says of a subject; the same again changes nothing.

    Raises what stands against it: TermsHeld, SlotTaken, CancelledLineChanged and others.
    """
    try:
        receipt = await _report_alone(context, actor, subject, told)
    except IntegrityError:
        receipt = await _report_alone(context, actor, subject, told)
    await context.register(payments_of(told))
    return receipt


async def report_many(
    context: Context, actor: Actor, told: Sequence[Told]
) -> list[Receipt | RescindError]:
    """Record many at once, in their order; one that can't be is an answer and no hindrance.

    If the database refuses the lot, two imports having met, each is recorded by itself.
    """
    try:
        async with context.sessions.begin() as session:
            answers = await _record(context, session, actor, told)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        answers = [await _answer_alone(context, actor, subject, one) for subject, one in told]
    await context.register(
        [
            payment
            for (_, one), answer in zip(told, answers, strict=True)
            if isinstance(answer, Receipt)
            for payment in payments_of(one)
        ]
    )
    return answers


async def _answer_alone(
    context: Context, actor: Actor, subject: SubjectRef, told: SubjectReport
) -> Receipt | RescindError:
    try:
        return await _report_alone(context, actor, subject, told)
    except RescindError as error:
        return error


async def _report_alone(
    context: Context, actor: Actor, subject: SubjectRef, told: SubjectReport
) -> Receipt:
    async with context.sessions.begin() as session:
        (answer,) = await _record(context, session, actor, [(subject, told)])
        if isinstance(answer, RescindError):
            raise answer
        return answer


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
