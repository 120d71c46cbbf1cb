"""A small business whose card provider talks to its API by webhook, all of it real."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import uvicorn
from fastapi import FastAPI
from temporalio.client import Client

from api.app import make_app
from domain.resources import Resource
from runtime.providing import SANDBOX, open_providers
from runtime.registering import SandboxRegistry
from runtime.serving import Server
from runtime.settings import Settings
from sandbox import endpoints
from sandbox.cards import Cards
from sandbox.serving import running
from storage.database import make_engine, make_sessions
from tests.end_to_end.conftest import DESK, EVERY_HOUR, Business, already
from tests.end_to_end.faults import Faults
from tests.mail import MailServer
from use_cases import policies, resources
from use_cases.context import Context
from use_cases.hints import Hint
from use_cases.runs import Runs
from worker import activities, make_worker

SECRET = f"whsec_{uuid4().hex}"
POLICIES: dict[str, dict[str, Any]] = {
    "stands": {"title": "A no of the bank changes nothing", "on_refused": "stand"},
    "asking": {"title": "Who asks gets it", "refund": "on_request"},
}
HALL = 1_000
"""So many appointments at once, so that none stands in another's way."""


@asynccontextmanager
async def counter(
    database: str, client: Client, task_queue: str, mails: MailServer
) -> AsyncIterator[Business]:
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(running(database, connections=20))
        settings = Settings(
            database_url=database,
            smtp_url=mails.url,
            cards_url=sandbox.address,
            cards_webhook_secret=SECRET,
            temporal_task_queue=task_queue,
        )
        context = await open_context(stack, client, settings)
        api = await stack.enter_async_context(served(make_app(context)))
        await listen(sandbox.cards, f"{api}/v1/webhooks/{SANDBOX}")
        steps = await activities(stack, client, settings, database)
        faults = Faults()
        await stack.enter_async_context(make_worker(client, task_queue, steps, [faults]))
        yield Business(context, sandbox.cards, mails, client, faults, context.sessions)


async def open_context(stack: AsyncExitStack, client: Client, settings: Settings) -> Context:
    """What the API works with, and the policies."""
    database = settings.database_url or ""
    engine = make_engine(database, connections=30)
    stack.push_async_callback(engine.dispose)
    registry = SandboxRegistry(database)
    stack.push_async_callback(registry.close)
    providers = open_providers(stack, settings)

    def read(name: str, headers: Mapping[str, str], body: bytes) -> Sequence[Hint]:
        return providers.get(name).parse_webhook(headers, body)

    context = Context(
        make_sessions(engine),
        Runs(already(client), settings.temporal_task_queue, timedelta(seconds=20)),
        zone="Europe/Berlin",
        register=registry,
        read_webhook=read,
    )
    for id_, document in POLICIES.items():
        document = {"currency": "EUR"} | document
        await policies.keep_policy(context, DESK, id_, document, is_default=id_ == "stands")
    hall = Resource(title="Hall", zone="Europe/Berlin", weekly_hours=EVERY_HOUR, capacity=HALL)
    await resources.put(context, "hall", hall)
    return context


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The application on a port of its own."""
    server = Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await serving


async def listen(cards: Cards, url: str) -> None:
    """Have the provider send its webhooks there."""
    async with cards.pool.acquire() as connection:
        await endpoints.keep(connection, url, SECRET, ["*"])
