"""Live streams of subjects and cancellations, as server-sent events."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractContextManager, aclosing
from dataclasses import dataclass
from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Receive, Scope, Send

from api.deps import Reader
from api.languages import accepted
from api.schemas import CancellationAnswer
from api.subjects import Languages, SubjectAnswer
from domain.errors import NotAllowed, Unauthenticated
from domain.subjects import Kind, SubjectRef
from domain.values import Ref
from use_cases import actors
from use_cases.keys import KnownKeys
from use_cases.streams import Message, Sign, Snapshot, Streams
from use_cases.subject_views import SubjectView
from use_cases.views import CancellationView, EventView

router = APIRouter(tags=["live"])

RETRY, RETRY_ENDED = 1_000, 60_000
"""Milliseconds until a client comes back; one that comes back to an ended stream has time."""

_SEND_PATIENCE = 30.0
"""Seconds for a client to make room for more before it is let go."""

_CHECK_EVERY = 15.0


class EventStream(Response):
    """Sends pieces as they come, until they end or the client leaves, and frees all at once."""

    media_type = "text/event-stream"

    def __init__(
        self, pieces: AsyncGenerator[bytes, None], admitted: AbstractContextManager[None]
    ) -> None:
        self.status_code = 200
        self.background = None
        self._pieces = pieces
        self._admitted = admitted
        self.init_headers({"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What does not let the stream in is raised before anything is sent."""
        with self._admitted:
            writing = asyncio.create_task(self._write(send))
            leaving = asyncio.create_task(_left(receive))
            try:
                await asyncio.wait((writing, leaving), return_when=asyncio.FIRST_COMPLETED)
            finally:
                writing.cancel()
                leaving.cancel()
                written, _ = await asyncio.gather(writing, leaving, return_exceptions=True)
        if isinstance(written, Exception):
            raise written

    async def _write(self, send: Send) -> None:
        headers = self.raw_headers
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async with aclosing(self._pieces) as pieces:
            async for piece in pieces:
                async with asyncio.timeout(_SEND_PATIENCE):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


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
                        yield _piece(Sign.BYE)
                        return
                yield _piece(message)

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


def _piece(message: Message) -> bytes:
    match message:
        case Sign.QUIET:
            return KEEPALIVE_COMMENT
        case Sign():
            retry = RETRY_ENDED if message is Sign.END else RETRY
            return format_sse_event(event=message, data_str="{}", retry=retry)
        case Snapshot(view=view, after=after):
            data = _answer(view)
            return format_sse_event(event="snapshot", data_str=data, id=str(after), retry=RETRY)
        case EventView():
            data = message.model_dump_json()
            return format_sse_event(event=message.type, data_str=data, id=str(message.sequence))
        case CancellationView():
            return format_sse_event(event="status", data_str=_answer(message))


def _answer(view: SubjectView | CancellationView) -> str:
    """The same JSON as the answer to `GET`."""
    if isinstance(view, SubjectView):
        return SubjectAnswer.of(view).model_dump_json()
    return CancellationAnswer.of(view).model_dump_json()
