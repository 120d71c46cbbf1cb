"""The stage of the fault matrix, with a worker that meddles."""

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client

from tests.end_to_end.conftest import business as business
from tests.end_to_end.conftest import more_settings as more_settings
from tests.mail import MailServer
from tests.matrix.stage import Stage

pytest.register_assert_rewrite("tests.matrix.acting", "tests.matrix.checking")


@pytest.fixture
async def empty_stage(
    database: str, temporal: Client, task_queue: str, mail_server: MailServer
) -> AsyncIterator[Stage]:
    """A stage without a worker."""
    async with Stage.set(database, temporal, task_queue, mail_server) as stage:
        yield stage


@pytest.fixture
async def stage(empty_stage: Stage) -> AsyncIterator[Stage]:
    async with empty_stage.worker():
        yield empty_stage
