"""Many records in one go: a stream of lines in, an answer to each line out."""

import logging
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from sqlalchemy.exc import SQLAlchemyError

from domain.errors import RescindError, ServiceUnavailable
from domain.imports import LONGEST_LINE, ResourceLine, name_line, read_line
from domain.records import Receipt
from domain.resources import Resource
from domain.subjects import Kind, SubjectRef
from domain.values import Value
from use_cases import records, resources
from use_cases.actors import Actor
from use_cases.context import Context
from use_cases.records import Told

log = logging.getLogger(__name__)

BATCH = 100
"""Lines in a transaction: enough to be fast, few enough to hold nobody up."""


class LineStatus(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    ERROR = "error"


class LineAnswer(Value):
    """What came of a line. `line` counts from 1; `code` and `detail` say what is wrong with it."""

    line: int
    status: LineStatus
    kind: str | None = None
    id: str | None = None
    code: str | None = None
    detail: str | None = None


@dataclass(frozen=True)
class _Line:
    """A line that was read, or the error that stood against it."""

    number: int
    kind: str | None = None
    id: str | None = None
    told: Told | Resource | RescindError | None = None

    def answer(self, result: Receipt | RescindError) -> LineAnswer:
        answer = LineAnswer(line=self.number, kind=self.kind, id=self.id, status=LineStatus.ERROR)
        if isinstance(result, Receipt):
            return answer.model_copy(update={"status": LineStatus(result)})
        return answer.model_copy(update={"code": result.code, "detail": str(result)})


async def import_lines(
    context: Context, actor: Actor, body: AsyncIterable[bytes]
) -> AsyncIterator[list[LineAnswer]]:
    """Record lines as they arrive, giving answers by the batch; a broken line is one of them.

    Never more than a batch is kept in memory. The same lines again are all unchanged.
    """
    batch: list[_Line] = []
    async for number, text in _lines(body):
        batch.append(_read(number, text))
        if len(batch) == BATCH:
            yield await _record(context, actor, batch)
            batch = []
    yield await _record(context, actor, batch)


def _read(number: int, text: bytes) -> _Line:
    kind, id_ = name_line(text)
    try:
        line = read_line(text)
    except RescindError as error:
        return _Line(number, kind, id_, error)
    if isinstance(line, ResourceLine):
        resource = Resource.model_construct(**line.model_dump(exclude={"kind", "id"}))
        return _Line(number, kind, id_, resource)
    return _Line(number, kind, id_, (SubjectRef(kind=Kind(line.kind), id=line.id), line))


async def _record(context: Context, actor: Actor, batch: Sequence[_Line]) -> list[LineAnswer]:
    """Record lines in their order; neighbours that tell of subjects share a transaction."""
    answers: list[LineAnswer] = []
    for is_subject, group in groupby(batch, key=lambda line: isinstance(line.told, tuple)):
        lines = list(group)
        if is_subject:
            told = [line.told for line in lines if isinstance(line.told, tuple)]
            results = await _report(context, actor, told)
        else:
            results = [await _put(context, line) for line in lines]
        answers += [line.answer(result) for line, result in zip(lines, results, strict=True)]
    return answers


async def _report(
    context: Context, actor: Actor, told: Sequence[Told]
) -> Sequence[Receipt | RescindError]:
    try:
        return await records.report_many(context, actor, told)
    except (SQLAlchemyError, OSError) as error:
        log.warning("%d lines of an import failed: %s", len(told), type(error).__name__)
        return [ServiceUnavailable("the database can't be reached; send the line again")] * len(
            told
        )


async def _put(context: Context, line: _Line) -> Receipt | RescindError:
    if isinstance(line.told, Resource) and line.id:
        return await resources.put(context, line.id, line.told)
    assert isinstance(line.told, RescindError)
    return line.told


async def _lines(body: AsyncIterable[bytes]) -> AsyncIterator[tuple[int, bytes]]:
    """Cut a stream into lines, numbered from 1, leaving out empty ones.

    Of a line that is too long only so much is kept that it is seen to be.
    """
    number, rest = 1, b""
    async for chunk in body:
        *whole, rest = (rest + chunk).split(b"\n")
        for text in whole:
            if text.strip():
                yield number, text
            number += 1
        rest = rest[: LONGEST_LINE + 1]
    if rest.strip():
        yield number, rest
