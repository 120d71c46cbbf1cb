"""The JSON API: one application made from the settings, or from a context in tests."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from typing import Any, Protocol
from uuid import UUID

from fastapi import APIRouter, FastAPI
from fastapi_offline import FastAPIOffline

from api import (
    appointments,
    cancellations,
    credit,
    credit_notes,
    dues,
    evidence,
    front,
    health,
    imports,
    orders,
    policies,
    quotes,
    reasons,
    reconciliations,
    refund_requests,
    refunds,
    resources,
    streams,
    warehouse,
    webhooks,
)
from api.errors import translate_errors
from api.head import HeadAsGet
from api.limits import BodyLimit
from api.newline import LineEnd
from api.openapi import PROBLEMS, describe
from domain.credit_notes import Business
from domain.warehouses import StopAnswer
from providers.http_warehouse import read_answer
from runtime import garbage, portal, running, temporal
from runtime.providing import default_provider, open_providers
from runtime.registering import SandboxRegistry
from runtime.serving import END_STREAMS
from runtime.settings import Settings
from storage.database import make_engine, make_sessions
from storage.feed import Feed
from use_cases.context import Context
from use_cases.hints import Hint
from use_cases.keys import KnownKeys
from use_cases.runs import Runs
from use_cases.streams import Streams
from web.portal.app import make_portal
from web.portal.portal import Portal
from web.shared.paths import ROOT

ROUTERS: Sequence[APIRouter] = (
    orders.router,
    appointments.router,
    resources.router,
    imports.router,
    cancellations.router,
    evidence.router,
    refund_requests.router,
    refunds.router,
    quotes.router,
    reasons.router,
    policies.router,
    credit.router,
    credit_notes.router,
    reconciliations.router,
    dues.router,
    streams.router,
    warehouse.router,
    webhooks.router,
)
"""All routers of `/v1`; each route names the scope it takes. Webhooks are signed instead."""


class Lifespan(Protocol):
    def __call__(self, app: FastAPI, /) -> AbstractAsyncContextManager[Mapping[str, Any]]: ...


def create_app(settings: Settings | None = None) -> FastAPI:
    """Make the application that a server runs. Temporal is connected when it is first needed."""
    settings = settings or running.current_settings()
    engine = make_engine(settings.database_url or "")
    runs = Runs(
        lambda: temporal.connect(settings), settings.temporal_task_queue, settings.ask_patience
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[Mapping[str, Any]]:
        garbage.settle()
        async with feed.running(settings.database_url or ""):
            yield {END_STREAMS: feed.close}
        await registry.close()
        await opened.aclose()
        await engine.dispose()

    opened = AsyncExitStack()
    providers = open_providers(opened, settings)

    def read_webhook(name: str, headers: Mapping[str, str], body: bytes) -> Sequence[Hint]:
        return providers.get(name).parse_webhook(headers, body)

    def read_stop_answer(headers: Mapping[str, str], body: bytes) -> tuple[UUID, StopAnswer]:
        return read_answer(settings.warehouse_secret.get_secret_value(), headers, body)

    registry = SandboxRegistry(settings.cards_database_url or settings.database_url or "")
    context = Context(
        make_sessions(engine),
        runs,
        quote_life=settings.quote_life,
        zone=settings.business_zone,
        business=Business(
            name=settings.business_name,
            address=settings.business_address.replace("\\n", "\n"),
            vat_id=settings.business_vat_id,
        ),
        provider=default_provider(settings),
        register=registry,
        read_webhook=read_webhook,
        read_stop_answer=read_stop_answer,
        refund_limit=settings.refund_solo_limit,
        payout_limit=settings.manual_payout_limit,
        evidence_kept=settings.evidence_kept,
    )
    feed = Feed(context.sessions)
    live = Streams(
        context,
        feed,
        heartbeat=settings.stream_heartbeat,
        per_actor=settings.streams_per_key,
    )
    return make_app(context, lifespan, live, portal.make(context, live, settings))


def make_app(
    context: Context,
    lifespan: Lifespan | None = None,
    live: Streams | None = None,
    pages: Portal | None = None,
) -> FastAPI:
    """Make the application around a context. Its streams are live while their feed runs; without
    `pages` customers have none."""
    app = FastAPIOffline(
        redoc_url=None,
        static_url="/docs/static",
        title="Rescind",
        version=version("rescind"),
        summary="Cancel orders and appointments: durable, fair, and visible while it happens.",
        lifespan=lifespan,
        responses=PROBLEMS,
    )
    app.state.context = context
    app.state.keys = KnownKeys(context.sessions)
    app.state.streams = live or Streams(context, Feed(context.sessions))
    app.add_middleware(BodyLimit)
    app.add_middleware(LineEnd)
    app.add_middleware(HeadAsGet)
    translate_errors(app)
    app.include_router(health.router)
    app.include_router(front.leading_to(f"{ROOT}/" if pages else "/docs"))
    for router in ROUTERS:
        app.include_router(router, prefix="/v1")
    describe(app)
    if pages is not None:
        app.mount(ROOT, make_portal(pages))
    return app
