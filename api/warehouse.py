"""What a warehouse answers by itself. No API key here: its signature over the body is the key."""

from fastapi import APIRouter, Request

from api.deps import Ctx
from use_cases import warehouse
from use_cases.warehouse import Answered

router = APIRouter(prefix="/warehouse", tags=["warehouse"])

_BODY = {
    "requestBody": {
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["key", "answer"],
                    "properties": {
                        "key": {"type": "string", "format": "uuid"},
                        "answer": {"type": "string", "enum": ["stopped", "refused"]},
                    },
                }
            }
        },
        "required": True,
    }
}


@router.post("/answers", operation_id="receiveWarehouseAnswer", openapi_extra=_BODY)
async def receive(request: Request, context: Ctx) -> Answered:
    """Take the answer to `warehouse.stop`, signed as Standard Webhooks says. The first one counts:
    the same again changes nothing, another one, or one that comes too late, is a conflict."""
    return await warehouse.hear(context, request.headers, await request.body())
