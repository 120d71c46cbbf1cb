"""Real servers for the tests: one PostgreSQL, one Temporal and one mail server a session."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from runtime import devserver, ports, postgres, process
from runtime.migrations import migrate
from storage.database import make_engine, make_sessions
from tests.mail import MailServer
from workflows.attributes import SEARCH_ATTRIBUTES

TEMPLATE = "template"
_SPEED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Give each session a folder of its own. The usual one is shared, and every session that begins
    closes it to others again: also to the account that a database server of root's runs under."""
    if config.option.basetemp is None:
        config.option.basetemp = tempfile.mkdtemp(prefix="rescind-tests-")
        config.add_cleanup(lambda: shutil.rmtree(config.option.basetemp, ignore_errors=True))


@pytest.fixture(scope="session")
async def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of a server with an empty database; `database` is what most tests want."""
    folder = tmp_path_factory.mktemp("postgres")
    server = await postgres.start(
        folder / "postgres", ports.any_free()[0], folder / "postgres.log", _SPEED
    )
    await postgres.ready(server)
    yield server.url
    await process.end(server.process, postgres.STOP, 10)


@pytest.fixture(scope="session")
async def migrated(postgres_url: str) -> str:
    """The name of a database with the newest schema and no rows, made to be copied."""
    await _administer(postgres_url, f'CREATE DATABASE "{TEMPLATE}"')
    await migrate(_named(postgres_url, TEMPLATE))
    return TEMPLATE


@asynccontextmanager
async def own_database(postgres_url: str, migrated: str) -> AsyncIterator[str]:
    """The address of a migrated database that nobody else has, until left."""
    name = f"test_{uuid4().hex}"
    await _administer(postgres_url, f'CREATE DATABASE "{name}" TEMPLATE "{migrated}"')
    yield _named(postgres_url, name)
    await _administer(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def database(postgres_url: str, migrated: str) -> AsyncIterator[str]:
    """The address of a migrated database of the test's own."""
    async with own_database(postgres_url, migrated) as url:
        yield url


@pytest.fixture
async def engine(database: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(database)
    yield engine
    await engine.dispose()


@pytest.fixture
def sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    return make_sessions(engine)


@pytest.fixture(scope="session")
async def env() -> AsyncIterator[WorkflowEnvironment]:
    """A real Temporal server whose workflows skip their waits; each has a clock of its own.

    Move one on with `env.fast_forward(handle, duration)`.
    """
    async with await WorkflowEnvironment.start_time_skipping_v2(
        data_converter=pydantic_data_converter,
        dev_server_existing_path=str(devserver.binary()),
        search_attributes=SEARCH_ATTRIBUTES,
        dev_server_log_level="error",
        dev_server_extra_args=[
            *("--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true"),
            *("--dynamic-config-value", "matching.numTaskqueueReadPartitions=1"),
            *("--dynamic-config-value", "matching.numTaskqueueWritePartitions=1"),
        ],
    ) as env:
        yield env


@pytest.fixture(scope="session")
async def temporal(env: WorkflowEnvironment) -> Client:
    """A client of the same server whose workflows wait in real time."""
    return await Client.connect(
        env.client.service_client.config.target_host,
        namespace=env.client.namespace,
        data_converter=pydantic_data_converter,
    )


@pytest.fixture
def task_queue() -> str:
    """A queue that no other test's worker listens to."""
    return f"test-{uuid4().hex}"


@pytest.fixture
async def mail_server() -> AsyncIterator[MailServer]:
    """A real SMTP server that keeps what it is sent in `messages`."""
    async with MailServer.running() as server:
        yield server


def _named(url: str, database: str) -> str:
    return f"{url.rpartition('/')[0]}/{database}"


async def _administer(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
