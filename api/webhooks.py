"""What providers tell us. No API key here: the signature over the raw body is the key."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request

from api.deps import Ctx
from use_cases import webhooks

router = APIRouter(prefix="/webhooks", tags=["webhooks"])

Provider = Annotated[str, Path(max_length=40, description="The provider's name on a tender.")]

_ANY_BODY = {"requestBody": {"content": {"application/json": {"schema": {}}}, "required": True}}


@router.post(
    "/{provider}",
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="receiveWebhook",
    openapi_extra=_ANY_BODY,
)
async def receive(provider: Provider, request: Request, context: Ctx) -> None:
    """Take a provider's events, signed as it signs them; a repeat changes nothing.

    An event is a hint: the refund it names is read again at the provider.
    """
    await webhooks.hear(context, provider, request.headers, await request.body())
