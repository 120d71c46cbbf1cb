"""Worker and provider are killed at random while refunds are under way: each lands once.

The moments come from a seed; `RESCIND_SEED=7 .venv/bin/pytest tests/refunds/test_killing.py -m ''`
tries others.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import select
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from api.app import make_app
from domain.lifecycle import REFUND_AT_REST, CancellationState
from domain.subjects import Kind
from runtime import ports
from runtime.providing import SANDBOX
from runtime.settings import Settings
from sandbox import control
from sandbox.cards import Cards
from storage.cancellations import CancellationRow
from storage.refunds import RefundRow
from tests.end_to_end.conftest import Business
from tests.end_to_end.faults import Faults
from tests.mail import MailServer
from tests.refunds.cells import Cell, Course, Fault
from tests.refunds.counter import SECRET, open_context, served
from tests.refunds.killing import Part, kill_at_random, sandbox, worker
from tests.refunds.subjects import PRICE, Scene, scene_of

SEED = os.environ.get("RESCIND_SEED", "1")
PATIENCE = 420.0
AT_ONCE = 8


@dataclass
class Stage:
    business: Business
    env: WorkflowEnvironment
    worker: Part
    sandbox: Part


@asynccontextmanager
async def stage(
    database: str,
    env: WorkflowEnvironment,
    client: Client,
    task_queue: str,
    mails: MailServer,
    folder: Path,
) -> AsyncIterator[Stage]:
    """A business whose worker and card provider are processes of their own."""
    (port,) = ports.any_free()
    settings = Settings(
        database_url=database,
        smtp_url=mails.url,
        cards_url=f"http://{ports.LOOPBACK}:{port}",
        cards_webhook_secret=SECRET,
        temporal_task_queue=task_queue,
    )
    async with AsyncExitStack() as stack:
        cards = await stack.enter_async_context(Cards.open(database))
        context = await open_context(stack, client, settings)
        api = await stack.enter_async_context(served(make_app(context)))
        provider = sandbox(database, port, f"{api}/v1/webhooks/{SANDBOX}", folder)
        address = client.service_client.config.target_host
        ours = worker(settings, address, client.namespace, folder)
        await stack.enter_async_context(provider.running())
        await stack.enter_async_context(ours.running())
        business = Business(context, cards, mails, client, Faults(), context.sessions)
        yield Stage(business, env, ours, provider)


async def cancel_all(stage: Stage, count: int) -> list[Scene]:
    """Cancel so many orders, some at once; a decision may come later than its answer."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(_: int) -> Scene:
        async with turns:
            scene = await scene_of(stage.business, Cell(Course.SUCCEEDED, Fault.NONE, Kind.ORDER))
            await stage.business.cancel(scene.ref)
            return scene

    return await asyncio.gather(*map(one, range(count)))


async def all_landed(stage: Stage, count: int) -> None:
    """Wait until all cancellations and refunds are at rest, moving their waits on."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with stage.business.sessions() as session:
                done = list(await session.scalars(select(CancellationRow.state)))
                rows = list(await session.scalars(select(RefundRow)))
            waiting = [row.id for row in rows if row.state not in REFUND_AT_REST]
            ended = done.count(CancellationState.CANCELLED)
            if not waiting and (ended, len(rows)) == (count, count):
                return
            if ended == count:
                await hurry(stage, waiting)
            await asyncio.sleep(0.5)


async def hurry(stage: Stage, refunds: Sequence[UUID]) -> None:
    for refund in refunds:
        handle = stage.business.client.get_workflow_handle(f"refund/{refund}")
        with suppress(RPCError, TimeoutError):
            await asyncio.wait_for(stage.env.fast_forward(handle, timedelta(hours=2)), 5)


async def landed_once(stage: Stage, scenes: Sequence[Scene]) -> bool:
    """By the provider's own records, and by ours."""
    for scene in scenes:
        made = await control.refunds_of(stage.business.cards, scene.card)
        assert [(refund.state, refund.amount) for refund in made] == [("succeeded", PRICE)]
    return await stage.business.is_sound()


async def test_a_few_refunds_land_once_though_their_provider_is_killed(
    database: str,
    env: WorkflowEnvironment,
    temporal: Client,
    task_queue: str,
    mail_server: MailServer,
    tmp_path: Path,
) -> None:
    async with stage(database, env, temporal, task_queue, mail_server, tmp_path) as scene:
        killing = asyncio.create_task(
            kill_at_random([scene.sandbox], Random(SEED), times=2, up=0.5)
        )
        scenes = await cancel_all(scene, 8)
        await killing
        await all_landed(scene, 8)
        assert await landed_once(scene, scenes)


@pytest.mark.slow
async def test_two_hundred_refunds_land_once_though_worker_and_provider_are_killed(
    database: str,
    env: WorkflowEnvironment,
    temporal: Client,
    task_queue: str,
    mail_server: MailServer,
    tmp_path: Path,
) -> None:
    async with stage(database, env, temporal, task_queue, mail_server, tmp_path) as scene:
        parts = [scene.worker, scene.sandbox]
        killing = asyncio.create_task(kill_at_random(parts, Random(SEED), times=20, up=3))
        scenes = await cancel_all(scene, 200)
        await killing
        await all_landed(scene, 200)
        assert scene.worker.kills + scene.sandbox.kills == 20
        assert await landed_once(scene, scenes)
