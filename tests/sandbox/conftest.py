from collections.abc import AsyncIterator

import pytest

from sandbox.cards import Cards


@pytest.fixture
async def cards(database: str) -> AsyncIterator[Cards]:
    """A card sandbox of the test's own, with one payment of 100.00 EUR, `pay_1`."""
    async with Cards.open(database, connections=12) as cards:
        await cards.register("pay_1", 10_000, "EUR")
        yield cards
