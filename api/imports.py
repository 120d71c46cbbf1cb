"""Many records in one go, streamed both ways."""

from collections.abc import AsyncIterator
from contextlib import suppress

from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.deps import Ctx, Importer
from use_cases import imports
from use_cases.imports import LineAnswer

router = APIRouter(prefix="/imports", tags=["imports"])

NDJSON = "application/x-ndjson"


class _Answers(StreamingResponse):
    """Answers while the body still comes in: nobody else may read from the connection meanwhile,
    which the base class does to notice that the caller has gone."""

    media_type = NDJSON

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.stream_response(send)


@router.post(
    "",
    operation_id="importRecords",
    response_class=_Answers,
    responses={
        200: {
            "model": LineAnswer,
            "description": "A line for each line of the body, in order",
            "content": {NDJSON: {"schema": {"type": "object"}}},
        }
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {NDJSON: {"schema": {"type": "string"}}},
        }
    },
)
async def import_records(request: Request, context: Ctx, actor: Importer) -> StreamingResponse:
    """Record orders, appointments and resources, a JSON object a line.

    Each line has `kind` and `id` and else what a PUT of it takes; it has at most 256,000 bytes. A
    broken line is answered as an error and the rest goes on. The same lines again are unchanged.
    Read the answers while you send: a caller who doesn't should send some thousand lines at once.
    """

    async def answers() -> AsyncIterator[bytes]:
        with suppress(ClientDisconnect):
            async for batch in imports.import_lines(context, actor, request.stream()):
                lines = [answer.model_dump_json(exclude_none=True) + "\n" for answer in batch]
                yield "".join(lines).encode()

    return _Answers(answers())
