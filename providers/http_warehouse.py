"""A warehouse behind one address: it is told by signed messages and answers in the same way."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from pydantic import ValidationError

from domain.errors import WarehouseUnavailable, WebhookRejected
from domain.values import Value
from domain.warehouses import StopAnswer, StopRequest
from providers import standard_webhooks
from providers.warehouse import Warehouse

TIME_OUT = timedelta(seconds=8)


class _Reply(Value):
    answer: StopAnswer = StopAnswer.PENDING


class _Answer(Value):
    key: UUID
    answer: StopAnswer


class HttpWarehouse(Warehouse):
    """Posts `warehouse.stop` and `warehouse.withdraw`. A 2xx may hold the answer; one without is
    pending, and the answer is posted to `answer_url`."""

    def __init__(self, client: httpx.AsyncClient, url: str, secret: str, answer_url: str) -> None:
        self._client = client
        self._url = url
        self._secret = secret
        self._answer_url = answer_url

    async def ask_to_stop(self, request: StopRequest) -> StopAnswer:
        answered = await self._post("warehouse.stop", request)
        if not answered.content:
            return StopAnswer.PENDING
        try:
            return _Reply.model_validate_json(answered.content).answer
        except ValidationError as error:
            raise WarehouseUnavailable("the warehouse's answer can't be read") from error

    async def withdraw(self, request: StopRequest) -> None:
        await self._post("warehouse.withdraw", request)

    async def _post(self, kind: str, request: StopRequest) -> httpx.Response:
        message: dict[str, Any] = {
            "type": kind,
            **request.model_dump(mode="json"),
            "answer_url": self._answer_url,
        }
        sent = httpx.Request("POST", self._url, json=message)
        name = f"{kind}:{request.key}"
        headers = standard_webhooks.sign(self._secret, name, datetime.now(UTC), sent.content)
        try:
            answered = await self._client.post(
                self._url,
                content=sent.content,
                headers={"content-type": "application/json", **headers},
                timeout=TIME_OUT.total_seconds(),
            )
        except httpx.HTTPError as error:
            raise WarehouseUnavailable(f"no answer from the warehouse to {kind}") from error
        if not answered.is_success:
            raise WarehouseUnavailable(f"the warehouse answers {answered.status_code} to {kind}")
        return answered


def read_answer(secret: str, headers: Mapping[str, str], body: bytes) -> tuple[UUID, StopAnswer]:
    """Verify an answer that came by itself. Raises WebhookRejected."""
    standard_webhooks.verify(secret, headers, body)
    try:
        told = _Answer.model_validate_json(body)
    except ValidationError as error:
        raise WebhookRejected("the answer's body isn't in the agreed form") from error
    return told.key, told.answer
