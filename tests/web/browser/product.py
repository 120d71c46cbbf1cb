"""The customers' pages of a small business, served over HTTP with everything behind them real."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from api.app import make_app
from domain.subjects import SubjectRef
from runtime import portal, ports
from runtime.links import signing_of
from runtime.serving import END_STREAMS, Server
from runtime.settings import Settings
from storage import subjects
from storage.feed import Feed
from tests.end_to_end.conftest import Business
from use_cases.streams import Streams
from web.shared.paths import ROOT


@dataclass(frozen=True)
class Product:
    """`business` takes orders and sees what became of them; `origin` is where its pages are."""

    business: Business
    settings: Settings

    @property
    def origin(self) -> str:
        return self.settings.public_url

    def at(self, path: str = "/") -> str:
        """The address of a page of the portal."""
        return f"{self.origin}{ROOT}{path}"

    async def link(self, subject: SubjectRef) -> str:
        """The address that a mail about a subject has."""
        async with self.business.sessions() as session:
            row = await subjects.get(session, subject)
        signing = signing_of(self.settings)
        assert signing
        return self.at(f"/open/{signing.link(row.id)}")


def settings_of_pages() -> dict[str, Any]:
    """What the pages of an installation and its mails agree on."""
    return {
        "port": (port := ports.any_free()[0]),
        "public_url": f"http://{ports.LOOPBACK}:{port}",
        "portal_name": "Kornblume",
        "portal_secret": SecretStr("a secret of this test's own"),
        "portal_leniency": 1_000,
    }


@asynccontextmanager
async def serving(
    business: Business, database: str, told: Mapping[str, Any]
) -> AsyncIterator[Product]:
    """Serve until left."""
    smtp_url = business.mails.url
    settings = Settings(database_url=database, smtp_url=smtp_url, **told)
    feed = Feed(business.sessions)
    streams = Streams(business.context, feed)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[Mapping[str, Any]]:
        async with feed.running(database):
            yield {END_STREAMS: feed.close}

    pages = portal.make(business.context, streams, settings)
    async with _answering(make_app(business.context, lifespan, streams, pages), settings.port):
        yield Product(business, settings)


@asynccontextmanager
async def _answering(app: FastAPI, port: int) -> AsyncIterator[None]:
    """Without uvicorn's own loop, which takes the signals."""
    config = uvicorn.Config(
        app,
        host=ports.LOOPBACK,
        port=port,
        lifespan="on",
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=2,
    )
    config.load()
    server = Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield
    finally:
        await server.shutdown()
