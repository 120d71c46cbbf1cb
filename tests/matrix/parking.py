"""Cancellations stopped at each step at once, so that one stroke from outside meets them all."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from runtime import process
from tests.matrix.acting import conclude, planned
from tests.matrix.cells import OF_A_REFUND, STEPS, Cell
from tests.matrix.meddling import Parked
from tests.matrix.parked_worker import PARKED, VARIABLE, Order, Orders
from tests.matrix.playing import Play
from tests.matrix.stage import Scene, Stage
from workflows.options import BRIEF, PATIENCE, QUICK

ROOT = Path(__file__).parents[2]
PATIENT_LAST = (BRIEF, PATIENCE, QUICK)
"""Steps that are given up soon are begun last, so that none is while the others gather."""

GATHERING = 90.0
"""Seconds for all to come to their step."""


class Stop(NamedTuple):
    """A scene whose cancellation stands at its step."""

    scene: Scene
    play: Play
    plan: Parked

    @property
    def workflow_id(self) -> str:
        """The run that takes the step: the cancellation's, or that of its refund."""
        return (
            self.play.refund_run if self.scene.cell.step in OF_A_REFUND else self.play.workflow_id
        )


async def scenes_of(stage: Stage, cells: Sequence[Cell]) -> list[Scene]:
    """Put the subjects there with their plans, before anything is asked."""
    scenes = [await stage.scene(cell) for cell in cells]
    for scene in scenes:
        stage.meddling.plans[scene.ref.id, scene.cell.step] = planned(scene.cell)
    return scenes


async def park(stage: Stage, scenes: Sequence[Scene]) -> list[Stop]:
    """Ask for all of them, and help each along until it stands at its step."""
    stops: list[Stop] = []
    drivers: list[asyncio.Task[object]] = []
    async with asyncio.timeout(GATHERING):
        for batch in _batches(scenes):
            stops += await asyncio.gather(*(_begin(stage, scene, drivers) for scene in batch))
    for driver in drivers:
        driver.cancel()
    await asyncio.gather(*drivers, return_exceptions=True)
    for stop in stops:
        await stop.play.learn_refund()
    return stops


def _batches(scenes: Sequence[Scene]) -> list[list[Scene]]:
    batches: list[list[Scene]] = [[], [], [], []]
    for scene in scenes:
        options = STEPS[scene.cell.step].options
        place = next((n for n, one in enumerate(PATIENT_LAST, 1) if one is options), 0)
        batches[place].append(scene)
    return batches


async def _begin(stage: Stage, scene: Scene, drivers: list[asyncio.Task[object]]) -> Stop:
    plan = stage.meddling.plans[scene.ref.id, scene.cell.step]
    assert isinstance(plan, Parked)
    async with stage.crowd:
        play = await Play.begin(stage, scene, lines=scene.first)
        drivers.append(asyncio.create_task(play.end()))
        await plan.met.wait()
    return Stop(scene, play, plan)


async def finish(stage: Stage, stops: Sequence[Stop]) -> list[str | BaseException]:
    """See all of them to their ends, and check."""

    async def one(stop: Stop) -> str:
        await stop.play.end()
        return await conclude(stage, stop.scene, stop.play, stop.plan)

    return await asyncio.gather(*map(one, stops), return_exceptions=True)


@asynccontextmanager
async def worker_to_kill(stage: Stage, folder: Path) -> AsyncIterator[None]:
    """A worker in a process of its own, with the stage's plans; at the end it is killed."""
    log = folder / "worker.log"
    child = process.spawn(
        [sys.executable, "-m", "tests.matrix.parked_worker"],
        log,
        env={VARIABLE: _orders(stage).model_dump_json(), "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
    )
    listener = asyncio.create_task(_listen(stage, log))
    try:
        yield
    finally:
        child.kill()
        await asyncio.to_thread(child.wait)
        listener.cancel()


def _orders(stage: Stage) -> Orders:
    config = stage.client.service_client.config
    return Orders(
        database_url=stage.settings.database_url or "",
        smtp_url=stage.settings.smtp_url or "",
        cards_url=stage.settings.cards_url or "",
        warehouse_url=stage.settings.warehouse_url or "",
        warehouse_secret=stage.settings.warehouse_secret.get_secret_value(),
        temporal_address=config.target_host,
        namespace=stage.client.namespace,
        task_queue=stage.settings.temporal_task_queue,
        orders=[
            Order(subject=key[0], step=key[1], before=getattr(plan, "before", None))
            for key, plan in stage.meddling.plans.items()
        ],
    )


async def _listen(stage: Stage, log: Path) -> None:
    """Hear from the child what it has parked."""
    heard = 0
    while True:
        lines = log.read_text().splitlines() if log.exists() else []
        for line in lines[heard:]:
            match line.split():
                case [word, subject, step] if word == PARKED:
                    stage.meddling.plans[subject, step].met.set()
        heard = len(lines)
        await asyncio.sleep(0.1)
