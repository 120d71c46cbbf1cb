"""Processes that are killed at random moments and started again."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from runtime import process
from runtime.settings import Settings
from tests.refunds.counter import SECRET

ROOT = Path(__file__).parents[2]


@dataclass
class Part:
    """A program that is started again under the same settings after each kill."""

    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    child: subprocess.Popen[bytes] | None = None
    kills: int = 0

    def start(self) -> None:
        self.child = process.spawn(
            [sys.executable, *self.command],
            self.log,
            env=os.environ | self.environment | {"PYTHONPATH": str(ROOT)},
            cwd=ROOT,
        )

    async def kill(self) -> None:
        """SIGKILL: it has no say in it."""
        if self.child is not None:
            self.child.kill()
            await asyncio.to_thread(self.child.wait)
            self.kills += 1

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self.start()
        try:
            yield
        finally:
            await self.kill()


def sandbox(database: str, port: int, webhook_url: str, folder: Path) -> Part:
    options = {
        "--port": str(port),
        "--database": database,
        "--webhook-url": webhook_url,
        "--webhook-secret": SECRET,
    }
    words = [word for option in options.items() for word in option]
    return Part(["-m", "sandbox", *words], {}, folder / "sandbox.log")


def worker(settings: Settings, temporal: str, namespace: str, folder: Path) -> Part:
    environment = {
        "DATABASE_URL": settings.database_url or "",
        "SMTP_URL": settings.smtp_url or "",
        "CARDS_URL": settings.cards_url or "",
        "TEMPORAL_ADDRESS": temporal,
        "TEMPORAL_NAMESPACE": namespace,
        "TEMPORAL_TASK_QUEUE": settings.temporal_task_queue,
    }
    return Part(["-m", "tests.refunds.plain_worker"], environment, folder / "worker.log")


async def kill_at_random(parts: Sequence[Part], chance: Random, times: int, up: float) -> None:
    """Kill one of them so many times; each is up for about so many seconds and down for less."""
    for _ in range(times):
        await asyncio.sleep(chance.uniform(0.2, 2) * up)
        part = chance.choice(parts)
        await part.kill()
        await asyncio.sleep(chance.uniform(0, 0.5) * up)
        part.start()
