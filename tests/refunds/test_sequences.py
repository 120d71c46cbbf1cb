"""Random sequences of partial cancellations, attempts, faults and late failures add up exactly.

`RESCIND_SEED=7 .venv/bin/pytest tests/refunds/test_sequences.py` plays others, and
`RESCIND_STORY=7-1234` the one whose seed a failure named. `RESCIND_STORIES` is how many are very
many.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import pytest

from tests.refunds.benches import Benches
from tests.refunds.sequences import play_all

ROOT = Path(__file__).parents[2]
SEED = os.environ.get("RESCIND_SEED", "1")
STORY = os.environ.get("RESCIND_STORY")
FEW, MANY = 24, int(os.environ.get("RESCIND_STORIES", "10000"))
PROCESSES = os.cpu_count() or 1


async def test_a_few_dozen_stories_add_up(benches: Benches) -> None:
    async with benches() as bench:
        await play_all(bench, [STORY] if STORY else [f"{SEED}-{n}" for n in range(FEW)])


@pytest.mark.slow
async def test_ten_thousand_stories_add_up(
    postgres_url: str, furnished: str, capfd: pytest.CaptureFixture[str]
) -> None:
    async def part(number: int) -> int:
        edges = [str(MANY * place // PROCESSES) for place in (number, number + 1)]
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.refunds.many", postgres_url, furnished, SEED, *edges),
            cwd=ROOT,
            stdout=PIPE,
            stderr=STDOUT,
        )
        assert child.stdout is not None
        async for line in child.stdout:
            with capfd.disabled():
                sys.stdout.write(line.decode())
        return await child.wait()

    assert await asyncio.gather(*map(part, range(PROCESSES))) == [0] * PROCESSES
