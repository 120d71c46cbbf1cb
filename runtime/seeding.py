"""Putting the example business into a database, once by itself and again when asked."""

from collections.abc import Mapping
from datetime import UTC, datetime

from domain.subjects import Kind
from runtime import seeds
from runtime.business.welcome import ASKED
from runtime.client import Client
from runtime.registering import SandboxRegistry
from runtime.settings import Settings
from storage.database import make_engine, make_sessions


async def seed(settings: Settings, url: str) -> None:
    """Seed the database at `url`; a repeat changes nothing."""
    engine = make_engine(url, connections=4)
    registry = SandboxRegistry(settings.cards_database_url or url)
    try:
        await seeds.seed(make_sessions(engine), settings.data, datetime.now(UTC), registry)
    finally:
        await registry.close()
        await engine.dispose()


async def seed_once(settings: Settings, url: str) -> bool:
    """Seed a new embedded database, and say whether that was now. Others are left as they are."""
    mark = settings.data / "seeded"
    if mark.exists():
        return False
    await seed(settings, url)
    mark.touch()
    return True


def ask_first(settings: Settings) -> None:
    """Ask, as Ada would, for what the example shows on its way or done. A repeat changes nothing.

    Raises ClickException where the API says no.
    """
    api = f"http://127.0.0.1:{settings.port}"
    client = Client(api, seeds.read_keys(settings.data)["admin"])
    for id_, reason in ASKED.items():
        body: Mapping[str, object] = {
            "subject": {"kind": Kind.ORDER, "id": id_},
            "reason": {"code": reason},
        }
        client.post("/v1/cancellations", body, **{"Idempotency-Key": f"example-{id_}"})
