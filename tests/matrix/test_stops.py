"""What strikes from outside: a killed worker or server, a run cancelled or terminated by ops."""

import asyncio
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from temporalio.client import Client

from runtime import devserver, ports, postgres, process
from runtime import temporal as connecting
from runtime.migrations import migrate
from runtime.settings import Settings
from tests.mail import MailServer
from tests.matrix import page, parking
from tests.matrix.acting import act, as_documented, nothing_is_broken, word_of
from tests.matrix.cells import Cell, Fault, Kind, every
from tests.matrix.parking import Stop
from tests.matrix.stage import Stage

DOWN = 2.0
"""Seconds for which a killed server is gone."""

NOTICED = {"validate": 12, "confirm_hold": 12}
"""Seconds after which a worker knows that the run of a local step is gone."""


def some(fault: Fault, *steps: str) -> list[Cell]:
    return [Cell(step, fault, Kind.MIXED) for step in steps]


async def told(stage: Stage, stops: Sequence[Stop]) -> dict[Cell, str]:
    """How they ended, and nothing is broken."""
    ends = await parking.finish(stage, stops)
    await nothing_is_broken(stage)
    return {stop.scene.cell: word_of(end) for stop, end in zip(stops, ends, strict=True)}


FAULTS = [
    *some(Fault.REJECTED, "restock", "update_status", "follow_refund"),
    *some(Fault.SLOW, "validate"),
    *some(Fault.REPLY_LOST, "trigger_refund", "drop_refunds"),
    *some(Fault.LATE, "release_slots", "trigger_refund"),
]


# The worker


async def killed(stage: Stage, cells: Sequence[Cell], folder: Path) -> dict[Cell, str]:
    scenes = await parking.scenes_of(stage, cells)
    async with parking.worker_to_kill(stage, folder):
        stops = await parking.park(stage, scenes)
    stage.meddling.plans.clear()
    async with stage.worker():
        return await told(stage, stops)


async def test_a_few_cancellations_outlive_their_worker(empty_stage: Stage, tmp_path: Path) -> None:
    cells = some(Fault.KILLED_BEFORE, "restock", "trigger_refund") + some(
        Fault.KILLED_AFTER, "release_slots", "trigger_refund"
    )
    assert as_documented(await killed(empty_stage, cells, tmp_path))


@pytest.mark.slow
async def test_every_step_outlives_its_worker(empty_stage: Stage, tmp_path: Path) -> None:
    cells = every(Fault.KILLED_BEFORE, Fault.KILLED_AFTER)
    outcomes = await killed(empty_stage, cells, tmp_path)
    assert as_documented(outcomes)
    page.compare(outcomes)


# Runs stopped by ops


async def stopped(stage: Stage, cells: Sequence[Cell]) -> dict[Cell, str]:
    """Cancel or terminate the runs where they stand. An attempt that is left alone acts late."""
    stops = await parking.park(stage, await parking.scenes_of(stage, cells))
    for stop in stops:
        handle = stage.client.get_workflow_handle(stop.workflow_id)
        if stop.scene.cell.fault in (Fault.CANCELLED_BEFORE, Fault.CANCELLED_AFTER):
            await handle.cancel()
        else:
            await handle.terminate("by ops")
    await asyncio.sleep(max(NOTICED.get(stop.scene.cell.step, 2) for stop in stops))
    for stop in stops:
        stop.plan.over = True
        if not stop.plan.before or await stop.play.is_running(stop.workflow_id):
            stop.plan.let_go.set()
    return await told(stage, stops)


async def test_a_few_steps_meet_their_faults_and_a_few_runs_are_stopped(stage: Stage) -> None:
    stops = [
        *some(Fault.CANCELLED_BEFORE, "restock", "settle_refund"),
        *some(Fault.CANCELLED_AFTER, "trigger_refund"),
        *some(Fault.TERMINATED_BEFORE, "drop_refunds", "update_status"),
        *some(Fault.TERMINATED_AFTER, "release_slots", "trigger_refund"),
    ]
    met, ended = await asyncio.gather(act(stage, FAULTS), stopped(stage, stops))
    assert as_documented(met | ended)


@pytest.mark.slow
@pytest.mark.parametrize(
    "faults",
    [
        (Fault.CANCELLED_BEFORE, Fault.CANCELLED_AFTER),
        (Fault.TERMINATED_BEFORE, Fault.TERMINATED_AFTER),
    ],
    ids=["cancelled", "terminated"],
)
async def test_every_step_can_be_stopped_by_ops(stage: Stage, faults: tuple[Fault, ...]) -> None:
    outcomes = await stopped(stage, every(*faults))
    assert as_documented(outcomes)
    page.compare(outcomes)


# The servers


@pytest.mark.slow
async def test_every_step_outlives_its_database(
    temporal: Client, task_queue: str, mail_server: MailServer, tmp_path: Path
) -> None:
    port = ports.any_free()[0]
    log, folder = tmp_path / "postgres.log", tmp_path / "postgres"
    server = await postgres.start(folder, port, log)
    await postgres.ready(server)
    await migrate(server.url)
    async with (
        Stage.set(server.url, temporal, task_queue, mail_server) as stage,
        stage.worker(),
    ):
        cells = every(Fault.DATABASE_BEFORE, Fault.DATABASE_AFTER)
        stops = await parking.park(stage, await parking.scenes_of(stage, cells))
        server.process.kill()
        server.process.wait()
        let_go(stops)
        await asyncio.sleep(DOWN)
        server = await postgres.start(folder, port, log)
        await postgres.ready(server)
        outcomes = await told(stage, stops)
    await process.end(server.process, postgres.STOP, 10)
    assert as_documented(outcomes)
    page.compare(outcomes)


@pytest.mark.slow
async def test_every_step_outlives_temporal(
    database: str, task_queue: str, mail_server: MailServer, tmp_path: Path
) -> None:
    port, ui_port = ports.any_free(2)

    def start() -> subprocess.Popen[bytes]:
        return devserver.start(
            tmp_path / "temporal.db",
            tmp_path / "temporal.log",
            port=port,
            ui_port=ui_port,
            namespace="default",
        )

    server = start()
    settings = Settings(temporal_address=f"{ports.LOOPBACK}:{port}")
    client = await connecting.connect_patiently(settings)
    await connecting.prepare(client)
    async with Stage.set(database, client, task_queue, mail_server) as stage, stage.worker():
        cells = every(Fault.TEMPORAL_BEFORE, Fault.TEMPORAL_AFTER)
        stops = await parking.park(stage, await parking.scenes_of(stage, cells))
        server.kill()
        server.wait()
        let_go(stops)
        await asyncio.sleep(DOWN)
        server = start()
        await connecting.connect_patiently(settings)
        outcomes = await told(stage, stops)
    server.kill()
    assert as_documented(outcomes)
    page.compare(outcomes)


def let_go(stops: Sequence[Stop]) -> None:
    for stop in stops:
        stop.plan.let_go.set()
