"""Benches for stories: databases copied from a furnished one, beside one sandbox server."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import timedelta
from uuid import uuid4

from providers.stripe.adapter import StripePayments
from sandbox.serving import running
from tests.databases import administer, named
from tests.refunds.sequences import Bench, bench

KEY = "sk_test_stories"
PATIENCE = timedelta(seconds=4)
"""Seconds for which the adapter waits: what is scripted to be late is earlier than that."""

Benches = Callable[[], AbstractAsyncContextManager[Bench]]


@asynccontextmanager
async def making(url: str, template: str) -> AsyncIterator[Benches]:
    """Gives a bench with a database of its own each time; they share one provider."""
    async with AsyncExitStack() as stack:
        theirs = await stack.enter_async_context(copied(url, "template1"))
        server = await stack.enter_async_context(running(theirs, connections=16))
        provider = StripePayments(KEY, api_base=server.address, call_timeout=PATIENCE)
        stack.push_async_callback(provider.close)

        @asynccontextmanager
        async def make() -> AsyncIterator[Bench]:
            async with copied(url, template) as ours, bench(ours, provider, server.cards) as made:
                yield made

        yield make


@asynccontextmanager
async def copied(url: str, template: str) -> AsyncIterator[str]:
    """The address of a new database like that one, which is dropped at the end."""
    name = f"refunds_{uuid4().hex}"
    await administer(url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield named(url, name)
    finally:
        await administer(url, f'DROP DATABASE "{name}" WITH (FORCE)')
