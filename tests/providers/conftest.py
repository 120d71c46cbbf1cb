from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from providers.sandbox_cards import SandboxCards
from sandbox.cards import Cards

SECRET = "whsec_sandbox"


@dataclass(frozen=True)
class Sandbox:
    """The adapter, and the sandbox behind it to script."""

    provider: SandboxCards
    cards: Cards


@pytest.fixture
async def sandbox(database: str) -> AsyncIterator[Sandbox]:
    """A provider with one payment of 100.00 EUR, `pay_1`; its calls wait a second at most."""
    async with Cards.open(database, connections=10) as cards:
        await cards.register("pay_1", 10_000, "EUR")
        yield Sandbox(SandboxCards(cards, SECRET, call_timeout=timedelta(seconds=1)), cards)
