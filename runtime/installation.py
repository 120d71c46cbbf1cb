"""One installation on this machine: its parts, each started after what it needs."""

import asyncio
import os
import secrets
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from click import ClickException
from pydantic import SecretStr

from runtime import (
    devserver,
    health,
    links,
    mail,
    ports,
    postgres,
    process,
    running,
    seeding,
    temporal,
)
from runtime.mailbox import serving as mailbox
from runtime.migrations import migrate
from runtime.parts import Part, Parts
from runtime.settings import Settings

Say = Callable[[str], None]

_ROOT = Path(__file__).parent.parent
_WEBHOOKS = "/v1/webhooks/sandbox"


class Installation:
    """Starts what isn't given from outside; `settings` gains each address as it becomes known."""

    def __init__(self, settings: Settings, say: Say) -> None:
        self.settings = settings
        self.say = say
        self.parts = Parts()
        self.ui: str | None = None
        self.mails: str | None = None
        self._is_new = False
        self._taken: set[int] = set()
        self._inside = AsyncExitStack()

    async def start(self) -> None:
        """Start every part and wait until API and worker are ready. Raises StartupError."""
        self._logs.mkdir(exist_ok=True)
        port = self._port("the API", self.settings.port)
        self._know(port=port, public_url=self._public_url(port))
        if not self.settings.portal_secret.get_secret_value():
            self._know(portal_secret=SecretStr(links.kept_secret(self.settings.data)))
        server = await self._start_database()
        self._start_temporal()
        if server:
            await postgres.ready(server)
        self._start_cards()
        await self._catch_mail()
        await self._prepare()
        running.note(self.settings)
        self._start_service("worker", _ROOT / "worker.py")
        self._start_service("API", "-m", "runtime.cli", "api")
        if self.parts.has("card sandbox"):
            await health.wait_for_cards(self.settings.cards_url or "")
        await health.wait_until_ready(self.settings.port)
        await health.wait_for_worker(self.settings)
        if self._is_new:
            await self._ask_first()

    async def stop(self) -> None:
        """Stop whatever was started, the newest first: API and worker to begin with."""
        await self.parts.stop()
        await self._inside.aclose()
        running.forget(self.settings.data)

    async def _start_database(self) -> postgres.Server | None:
        if self.settings.database_url:
            return None
        folder = self.settings.data / "postgres"
        port = self._port("PostgreSQL", 5433)
        server = await postgres.start(folder, port, self._log("postgres"))
        self.parts.add(Part("PostgreSQL", server.process, server.log, stop=postgres.STOP))
        self._know(database_url=server.url)
        return server

    def _start_temporal(self) -> None:
        if self.settings.temporal_address:
            return
        port, ui_port = self._port("Temporal", 7233), self._port("Temporal's UI", 8233)
        log = self._log("temporal")
        child = devserver.start(
            self.settings.data / "temporal.db",
            log,
            port=port,
            ui_port=ui_port,
            namespace=self.settings.temporal_namespace,
        )
        self.parts.add(Part("Temporal", child, log))
        self.ui = f"http://{ports.LOOPBACK}:{ui_port}"
        self._know(temporal_address=f"{ports.LOOPBACK}:{port}", temporal_ui=self.ui)

    def _start_cards(self) -> None:
        """Cards go to a stand-in, a process of its own, unless a real provider is set up."""
        if self.settings.cards_url or self.settings.stripe_api_key:
            return
        secret, port = secrets.token_hex(32), self._port("the card sandbox", 12111)
        log = self._log("cards")
        told = {
            "SANDBOX_DATABASE_URL": self.settings.cards_database_url or self.settings.database_url,
            "SANDBOX_WEBHOOK_URL": f"http://{ports.LOOPBACK}:{self.settings.port}{_WEBHOOKS}",
            "SANDBOX_WEBHOOK_SECRET": secret,
        }
        child = process.spawn(
            [sys.executable, "-m", "sandbox", "--port", str(port)],
            log,
            env=os.environ | {name: value for name, value in told.items() if value},
            cwd=_ROOT,
        )
        self.parts.add(Part("card sandbox", child, log, shown=True))
        self._know(
            cards_url=f"http://{ports.LOOPBACK}:{port}", cards_webhook_secret=SecretStr(secret)
        )

    async def _catch_mail(self) -> None:
        if self.settings.smtp_url:
            return
        folder = self.settings.data / "mail"
        port, page = self._port("the mail catcher", 1025), self._port("the mail page", 8025)
        self._know(smtp_url=await self._inside.enter_async_context(mail.catching(folder, port)))
        self.mails = await self._inside.enter_async_context(mailbox.serving(folder, page))

    async def _prepare(self) -> None:
        url = self.settings.database_url or ""
        await migrate(url)
        if self.parts.has("PostgreSQL"):
            self._is_new = await seeding.seed_once(self.settings, url)
        if self._is_new:
            self.say("The example business is in the database")
        client = await temporal.connect_patiently(self.settings)
        await temporal.prepare(client)

    async def _ask_first(self) -> None:
        """The example goes on without what it was to show, and says so."""
        try:
            await asyncio.to_thread(seeding.ask_first, self.settings)
        except ClickException as error:
            self.say(f"The example's own requests were not taken: {error.message}")

    def _start_service(self, name: str, *words: str | Path) -> None:
        log = self._log(name.lower())
        child = process.spawn([sys.executable, *words], log, env=self._environment())
        self.parts.add(Part(name, child, log, shown=True))

    def _environment(self) -> dict[str, str]:
        known = {
            "DATABASE_URL": self.settings.database_url,
            "TEMPORAL_ADDRESS": self.settings.temporal_address,
            "TEMPORAL_UI": self.settings.temporal_ui,
            "SMTP_URL": self.settings.smtp_url,
            "CARDS_URL": self.settings.cards_url,
            "CARDS_WEBHOOK_SECRET": self.settings.cards_webhook_secret.get_secret_value(),
            "PORTAL_SECRET": self.settings.portal_secret.get_secret_value(),
            "PUBLIC_URL": self.settings.public_url,
            "RESCIND_DATA": str(self.settings.data),
            "RESCIND_PORT": str(self.settings.port),
        }
        return os.environ | {name: value for name, value in known.items() if value}

    def _know(self, **facts: object) -> None:
        self.settings = self.settings.model_copy(update=facts)

    def _public_url(self, port: int) -> str:
        chosen = "public_url" in self.settings.model_fields_set
        return self.settings.public_url if chosen else f"http://{ports.LOOPBACK}:{port}"

    def _port(self, name: str, wanted: int) -> int:
        port = ports.next_free(wanted, self._taken)
        self._taken.add(port)
        if port != wanted:
            self.say(f"Port {wanted} is taken, so {name} uses {port}")
        return port

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    @property
    def _logs(self) -> Path:
        return self.settings.data / "logs"
