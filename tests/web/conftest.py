"""The portal beside the API of a small shop with everything real."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import partial

import httpx
import pytest
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from starlette.routing import Mount

from domain.subjects import SubjectRef
from notifications.smtp import Mailer
from storage import subjects
from tests.api.conftest import Shop, live  # noqa: F401 - a fixture
from tests.mail import MailServer
from use_cases.streams import Streams
from web.portal.app import make_portal
from web.portal.portal import Portal
from web.shared import pages as shared_pages
from web.shared.paths import ROOT
from web.shared.signing import Signing
from web.shared.theme import Theme


class Compiled(BytecodeCache):
    """Templates as one test compiled them, for the next."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._kept.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(autouse=True, scope="session")
def _templates_are_compiled_once() -> Iterator[None]:
    """Each test makes pages of its own, which would do so anew: a quarter of its time."""
    with pytest.MonkeyPatch.context() as patch:
        kept = partial(Environment, bytecode_cache=Compiled())
        patch.setattr(shared_pages, "Environment", kept)
        yield


@dataclass
class Pages:
    """A shop whose customers have pages."""

    shop: Shop
    portal: Portal
    mails: MailServer

    async def link(self, subject: SubjectRef) -> str:
        async with self.shop.context.sessions() as session:
            row = await subjects.get(session, subject)
        return f"{ROOT}/open/{self.portal.signing.link(row.id)}"

    def visitor(self, **headers: str) -> httpx.AsyncClient:
        """A browser without a script, that goes where it is sent."""
        visitor = self.shop.anonymous(**headers)
        visitor.follow_redirects = True
        return visitor

    async def customer_of(self, subject: SubjectRef, **headers: str) -> httpx.AsyncClient:
        visitor = self.visitor(**headers)
        (await visitor.get(await self.link(subject))).raise_for_status()
        return visitor


@pytest.fixture
async def pages(live: Shop, mail_server: MailServer) -> AsyncIterator[Pages]:  # noqa: F811
    context = live.context
    streams: Streams = live.app.state.streams
    mailer = Mailer(mail_server.url)
    portal = Portal(
        context,
        streams,
        Signing(["secret"]),
        Theme(name="Kornblume"),
        post=mailer.send,
        sender="Kornblume <shop@example.com>",
        public_url="http://rescind",
        desk="desk@example.com",
        desk_language="de",
    )
    live.app.router.routes.insert(0, Mount(ROOT, make_portal(portal)))
    yield Pages(live, portal, mail_server)
    await mailer.close()
