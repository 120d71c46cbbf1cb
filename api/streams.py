"""Live streams of subjects and cancellations, as server-sent events."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request
from sqlalchemy.exc import SQLAlchemyError

from api.deps import Reader
from api.event_stream import piece
from api.languages import accepted
from api.subjects import Languages
from domain.errors import NotAllowed, Unauthenticated
from domain.subjects import Kind, SubjectRef
from domain.values import Ref
from use_cases import actors
from use_cases.keys import KnownKeys
from use_cases.stream_views import Message, Sign
from use_cases.streams import Streams
from web.shared.event_stream import EventStream

router = APIRouter(tags=["live"])

_CHECK_EVERY = 15.0
"""Seconds after which a key is looked at again while its streams are open."""


@dataclass(frozen=True)
class Watcher:
    """Somebody who may read, for as long as `check` does not raise."""

    streams: Streams
    id: str
    check: Callable[[], Awaitable[None]]

    def answer(self, messages: AsyncGenerator[Message, None]) -> EventStream:
        return EventStream(self._pieces(messages), self.streams.admitted(self.id))

    async def _pieces(self, messages: AsyncGenerator[Message, None]) -> AsyncGenerator[bytes, None]:
        checked = time.monotonic()
        async with aclosing(messages):
            async for message in messages:
                if time.monotonic() - checked >= _CHECK_EVERY:
                    checked = time.monotonic()
                    if not await self._is_allowed():
                        yield piece(Sign.BYE)
                        return
                yield piece(message)

    async def _is_allowed(self) -> bool:
        """A database that is away is no reason to let anybody go."""
        try:
            await self.check()
        except (Unauthenticated, NotAllowed):
            return False
        except (SQLAlchemyError, OSError):
            return True
        return True


def _watcher(request: Request, actor: Reader) -> Watcher:
    """A key that is revoked loses its streams soon after."""
    known = cast(KnownKeys, request.app.state.keys)
    secret = request.headers["authorization"].partition(" ")[2].strip()

    async def check() -> None:
        (await known.actor(secret)).require(actors.Scope.READ)

    return Watcher(cast(Streams, request.app.state.streams), actor.id, check)


Watching = Annotated[Watcher, Depends(_watcher)]
LastId = Annotated[
    int | None,
    Header(
        alias="Last-Event-ID",
        ge=0,
        le=2**31 - 1,
        description="The last `id` that was received; what came later is sent again.",
    ),
]


@router.get("/orders/{order_id}/stream", operation_id="streamOrder", response_class=EventStream)
async def stream_order(
    order_id: Ref, watching: Watching, language: Languages = None, after: LastId = None
) -> EventStream:
    """Follow an order: a `snapshot` as `GET` gives it, then each event as it happens."""
    return await _of_subject(SubjectRef(kind=Kind.ORDER, id=order_id), watching, language, after)


@router.get(
    "/appointments/{appointment_id}/stream",
    operation_id="streamAppointment",
    response_class=EventStream,
)
async def stream_appointment(
    appointment_id: Ref, watching: Watching, language: Languages = None, after: LastId = None
) -> EventStream:
    """Follow an appointment: a `snapshot` as `GET` gives it, then each event as it happens."""
    subject = SubjectRef(kind=Kind.APPOINTMENT, id=appointment_id)
    return await _of_subject(subject, watching, language, after)


async def _of_subject(
    subject: SubjectRef, watching: Watcher, language: str | None, after: int | None
) -> EventStream:
    streams = watching.streams
    opening = await streams.open_subject(subject, accepted(language), after)
    return watching.answer(streams.of_subject(opening))


@router.get(
    "/cancellations/{cancellation_id}/stream",
    operation_id="streamCancellation",
    response_class=EventStream,
)
async def stream_cancellation(
    cancellation_id: UUID, watching: Watching, after: LastId = None
) -> EventStream:
    """Follow a cancellation: a `snapshot`, each event, and its `status` whenever that changed.

    It ends with `end` once the cancellation is at rest and all its money has gone back.
    """
    streams = watching.streams
    opening = await streams.open_cancellation(cancellation_id, after)
    return watching.answer(streams.of_cancellation(opening))
