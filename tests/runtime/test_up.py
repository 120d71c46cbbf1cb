"""`rescind up` for real: from an empty folder to ready, and away again without a trace."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil
import pytest
from temporalio.client import Client

from runtime import ports
from tests.mail import MailServer

READY = "Ctrl-C stops everything"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.mark.slow
async def test_it_stops_at_once_goes_on_where_it_was_and_ends_with_a_part_that_dies(
    data: Path,
) -> None:
    async with _up(data) as process:
        first = await _read_until(process, READY)
        assert f"API          http://{ports.LOOPBACK}:" in first
        assert f"already running on {data} (process {process.pid})" in await _rescind(data, "reset")
        children = psutil.Process(process.pid).children(recursive=True)
        _interrupt_every_group(process.pid, children)
        assert await asyncio.wait_for(process.wait(), 12) == 0
        assert psutil.wait_procs(children, timeout=2)[1] == []
    async with _up(data) as process:
        assert "example business" not in await _read_until(process, READY)
        children = psutil.Process(process.pid).children(recursive=True)
        next(child for child in children if "start-dev" in child.cmdline()).kill()
        said = await _read_until(process, "Temporal stopped by itself (SIGKILL)")
        assert "Stopping the rest" in said
        assert await asyncio.wait_for(process.wait(), 12) == 1
        assert psutil.wait_procs(children, timeout=2)[1] == []


async def test_given_addresses_replace_the_embedded_parts(
    data: Path, database: str, temporal: Client, mail_server: MailServer
) -> None:
    given = {
        "DATABASE_URL": database,
        "TEMPORAL_ADDRESS": temporal.service_client.config.target_host,
        "SMTP_URL": mail_server.url,
    }
    async with _up(data, **given) as process:
        said = await _read_until(process, READY)
        assert "example business" not in said
        assert len(psutil.Process(process.pid).children(recursive=True)) == 3
    assert sorted(path.name for path in data.iterdir()) == ["lock", "logs", "portal.key"]


@pytest.mark.slow
async def test_the_parts_end_when_the_parent_is_killed(data: Path) -> None:
    async with _up(data) as process:
        await _read_until(process, READY)
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        assert psutil.wait_procs(children, timeout=10)[1] == []
    async with _up(data) as process:
        await _read_until(process, READY)


@asynccontextmanager
async def _up(data: Path, **given: str) -> AsyncIterator[Process]:
    process = await _start(data, "up", **given)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), 20)


async def _start(data: Path, *words: str, **given: str) -> Process:
    ours = ("DATABASE_URL", "TEMPORAL_ADDRESS", "SMTP_URL", "CARDS_URL", "PUBLIC_URL")
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    environment |= {"RESCIND_DATA": str(data), "RESCIND_PORT": str(ports.any_free()[0])} | given
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "runtime.cli", *words),
        env=environment,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
        start_new_session=True,
    )


async def _rescind(data: Path, *words: str) -> str:
    process = await _start(data, *words)
    output, _ = await asyncio.wait_for(process.communicate(), 20)
    return output.decode()


async def _read_until(process: Process, words: str) -> str:
    assert process.stdout is not None
    read = ""
    async with asyncio.timeout(30):
        while words not in read:
            line = await process.stdout.readline()
            if not line:
                raise AssertionError(f"it ended before it said {words!r}:\n{read}")
            read += line.decode()
    return read


def _interrupt_every_group(parent: int, children: list[psutil.Process]) -> None:
    groups = {os.getpgid(pid) for pid in (*(child.pid for child in children), parent)}
    for group in sorted(groups, reverse=True):
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGINT)
