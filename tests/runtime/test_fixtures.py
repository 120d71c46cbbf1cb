"""The servers which the tests stand on."""

from datetime import timedelta

from aiosmtplib import send
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from temporalio import workflow
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from tests.mail import MailServer


@workflow.defn
class Sleeper:
    @workflow.run
    async def run(self, days: int) -> str:
        await workflow.sleep(timedelta(days=days))
        return "rested"


async def test_each_test_has_a_migrated_database(
    sessions: async_sessionmaker[AsyncSession],
) -> None:
    async with sessions() as session:
        assert await session.scalar(text("SELECT count(*) FROM alembic_version")) == 1
        assert await session.scalar(text("SHOW timezone")) == "UTC"


async def test_a_month_passes_at_once(env: WorkflowEnvironment, task_queue: str) -> None:
    async with Worker(env.client, task_queue=task_queue, workflows=[Sleeper]):
        rested = env.client.execute_workflow(Sleeper.run, 30, id=task_queue, task_queue=task_queue)
        assert await rested == "rested"


async def test_the_plain_client_waits_in_real_time(temporal: Client, task_queue: str) -> None:
    async with Worker(temporal, task_queue=task_queue, workflows=[Sleeper]):
        handle = await temporal.start_workflow(
            Sleeper.run, 30, id=task_queue, task_queue=task_queue
        )
        await handle.terminate()


async def test_mail_arrives(mail_server: MailServer) -> None:
    host, port = mail_server.url.removeprefix("smtp://").split(":")
    await send(
        "Subject: hello\n\nbody",
        sender="a@b.example",
        recipients=["c@d.example"],
        hostname=host,
        port=int(port),
    )
    assert [mail["Subject"] for mail in mail_server.messages] == ["hello"]
