"""Calls to Stripe through its own SDK, over one set of connections that stay open."""

import asyncio
import importlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain.errors import PaymentRejected, ProviderUnavailable
from providers.stripe import errors

if TYPE_CHECKING:
    from stripe import StripeClient

API_VERSION = "2026-10-28.endive"
"""Pinned, so that neither the account's own version nor an upgrade of the SDK changes an answer."""

Call = Callable[["StripeClient"], Awaitable[Any]]


class Stripe:
    """A connection to one account. The SDK takes a while to load, so the first call loads it."""

    def __init__(self, api_key: str, api_base: str | None, call_timeout: timedelta) -> None:
        self._api_key = api_key
        self._api_base = api_base
        self._seconds = call_timeout.total_seconds()
        self._loading = asyncio.Lock()
        self._client: StripeClient | None = None
        self._sdk: Any = None

    async def ask(
        self, what: str, call: Call, no: type[PaymentRejected] = PaymentRejected
    ) -> dict[str, Any]:
        """Make one call, once: repeating it is the caller's business. Gives its answer as it came.

        Raises `no`, IdempotencyKeyReused or ProviderUnavailable, see `errors`.
        """
        client = await self._load()
        async with self.in_time(what):
            try:
                answer = await call(client)
            except self._sdk.StripeError as error:
                raise errors.translate(error, what, no) from None
        return dict(answer.to_dict())

    @asynccontextmanager
    async def in_time(self, what: str) -> AsyncIterator[None]:
        """Give whatever is done within, one call or several, no more than a call's time."""
        try:
            async with asyncio.timeout(self._seconds):
                yield
        except TimeoutError:
            raise ProviderUnavailable(f"no answer from Stripe to {what} in time") from None

    async def _load(self) -> "StripeClient":
        """Load the SDK, in a thread so that nothing else waits for it, and make the client."""
        async with self._loading:
            if self._client is None:
                self._sdk = await asyncio.to_thread(importlib.import_module, "stripe")
                self._sdk.enable_telemetry = False
                # At lower levels it logs answers whole, with what persons typed in them.
                logging.getLogger("stripe").setLevel(logging.WARNING)
                self._http = self._sdk.HTTPXClient(timeout=self._seconds)
                self._client = self._sdk.StripeClient(
                    self._api_key,
                    http_client=self._http,
                    max_network_retries=0,
                    stripe_version=API_VERSION,
                    base_addresses={"api": self._api_base} if self._api_base else None,
                )
        return self._client

    async def close(self) -> None:
        if self._client is not None:
            await self._http.close_async()
