"""What a warehouse answers by itself, later: whether it stopped."""

from collections.abc import Mapping
from contextlib import suppress
from uuid import UUID

from domain.contracts import WarehouseWord
from domain.errors import AlreadyAnswered, InvalidRequest
from domain.values import Value
from domain.warehouses import StopAnswer
from storage import subjects, warehouses
from use_cases import cases
from use_cases.actors import Actor, Scope
from use_cases.context import Context
from use_cases.run_errors import NoRun

WAREHOUSE = "warehouse"


class Answered(Value):
    """The answer that counts for a cancellation."""

    key: UUID
    answer: StopAnswer


async def hear(context: Context, headers: Mapping[str, str], body: bytes) -> Answered:
    """Take a signed answer. Raises WebhookRejected, and as `answer`."""
    key, told = context.read_stop_answer(headers, body)
    return await _take(context, key, told, WAREHOUSE)


async def answer(context: Context, actor: Actor, key: UUID, told: StopAnswer) -> Answered:
    """Take the answer of a system with a key of ours, or of a person who asked by phone.

    The first answer counts: the same again changes nothing, another one, or one after the time to
    answer, is AlreadyAnswered. Raises CancellationNotFound.
    """
    actor.require(Scope.RECORDS)
    return await _take(context, key, told, actor.id)


async def _take(context: Context, key: UUID, told: StopAnswer, actor: str) -> Answered:
    if told is StopAnswer.PENDING:
        raise InvalidRequest("pending is no answer: say stopped or refused")
    async with context.sessions.begin() as session:
        case = await cases.get(session, key)
        await subjects.lock(session, case.subject.id)
        if await warehouses.find(session, key) is None:
            raise InvalidRequest(f"no warehouse was asked to stop for cancellation {key}")
        at = context.clock()
        counts = await warehouses.answer(session, case.subject.id, key, told, at, actor)
    if counts is not told:
        raise AlreadyAnswered(f"for cancellation {key} the warehouse counts as {counts}")
    if case.cancellation is not None:
        word = WarehouseWord(cancellation_id=key, answer=told)
        with suppress(AlreadyAnswered, NoRun, TimeoutError):
            n = case.cancellation.n
            await context.runs.answer_warehouse(case.subject.subject, n, word)
    return Answered(key=key, answer=counts)
