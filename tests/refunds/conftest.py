"""Where refunds are proved."""

from collections.abc import AsyncIterator

import pytest

from storage.database import make_engine, make_sessions
from tests.databases import TEMPLATE, Databases, administer, named
from tests.refunds.benches import Benches, making
from tests.refunds.sequences import furnish

FURNISHED = "furnished"


@pytest.fixture(scope="session")
async def furnished(postgres_url: str, databases: Databases) -> str:
    """The name of a database with the policies of the stories, made to be copied."""
    await administer(postgres_url, f'CREATE DATABASE "{FURNISHED}" TEMPLATE "{TEMPLATE}"')
    engine = make_engine(named(postgres_url, FURNISHED))
    await furnish(make_sessions(engine))
    await engine.dispose()
    return FURNISHED


@pytest.fixture
async def benches(postgres_url: str, furnished: str) -> AsyncIterator[Benches]:
    async with making(postgres_url, furnished) as make:
        yield make
