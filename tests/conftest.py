"""Real servers for the tests: one PostgreSQL, one Temporal and one mail server a session."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from runtime import devserver, ports, postgres, process
from storage.database import make_engine, make_sessions
from tests.databases import Databases
from tests.mail import MailServer
from workflows.attributes import SEARCH_ATTRIBUTES

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
async def databases(postgres_url: str) -> Databases:
    """Databases with the newest schema, to be lent."""
    return await Databases.migrated(postgres_url)


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[str]:
    """The address of a migrated database of the test's own."""
    async with databases.lent() as address:
        yield address


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
