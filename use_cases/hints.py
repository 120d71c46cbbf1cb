"""Reading webhooks, which each provider signs and writes in its own way."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.errors import ProviderUnknown, WebhookRejected
from domain.warehouses import StopAnswer


class Hint(Protocol):
    """What an event says of a refund: its provider's id and state, or our own key."""

    @property
    def event_id(self) -> str: ...
    @property
    def provider_ref(self) -> str: ...
    @property
    def state(self) -> str | None: ...
    @property
    def key(self) -> str | None: ...
    @property
    def occurred_at(self) -> datetime | None: ...


WebhookReader = Callable[[str, Mapping[str, str], bytes], Sequence[Hint]]
"""Verifies a provider's webhook and says what it hints at. Raises ProviderUnknown,
WebhookRejected."""


def no_webhooks(provider: str, _headers: Mapping[str, str], _body: bytes) -> Sequence[Hint]:
    """Where no provider is set up."""
    raise ProviderUnknown(f"there is no provider {provider!r}")


StopAnswerReader = Callable[[Mapping[str, str], bytes], tuple[UUID, StopAnswer]]
"""Verifies a warehouse's message and says which cancellation it answers, and how. Raises
WebhookRejected."""


def no_warehouse(_headers: Mapping[str, str], _body: bytes) -> tuple[UUID, StopAnswer]:
    """Where no warehouse is set up, no signature is right."""
    raise WebhookRejected("there is no warehouse whose signature could be checked")
