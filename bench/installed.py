"""A Rescind of the bench's own: what `rescind up` starts, on a folder that is thrown away."""

import asyncio
import json
import os
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from runtime import ports
from runtime.process import dies_with_parent
from storage import keys
from storage.database import make_engine, make_sessions

_READY = "Ctrl-C stops everything"
_GIVEN = (
    *("DATABASE_URL", "TEMPORAL_ADDRESS", "SMTP_URL", "PUBLIC_URL"),
    *("CARDS_URL", "CARDS_DATABASE_URL", "STRIPE_API_KEY"),
)


@dataclass(frozen=True)
class Installed:
    """Where its parts are, and a key that may do everything."""

    process: Process
    data: Path
    api: str
    database: str
    temporal: str
    cards: str
    key: str


@asynccontextmanager
async def installed() -> AsyncIterator[Installed]:
    """Start all parts on an empty folder, wait until they are ready, and stop them at the end."""
    with tempfile.TemporaryDirectory(prefix="rescind-bench-") as folder:
        data = Path(folder) / "data"
        process = await _start(data)
        try:
            await _until_ready(process)
            drain = asyncio.ensure_future(_drain(process))
            yield await _describe(process, data)
            drain.cancel()
        finally:
            if process.returncode is None:
                process.terminate()
                await asyncio.wait_for(process.wait(), 30)


async def _start(data: Path) -> Process:
    environment = {name: value for name, value in os.environ.items() if name not in _GIVEN}
    environment |= {"RESCIND_DATA": str(data), "RESCIND_PORT": str(ports.any_free()[0])}
    environment["PORTAL_LENIENCY"] = "1000"  # one visitor asks for thousands of pages
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "runtime.cli", "up"),
        env=environment,
        cwd=Path(__file__).parent.parent,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
        start_new_session=True,
        preexec_fn=dies_with_parent(signal.SIGTERM),
    )


async def _until_ready(process: Process) -> None:
    said = ""
    async with asyncio.timeout(90):
        while _READY not in said:
            line = await _stdout(process).readline()
            if not line:
                raise SystemExit(f"`rescind up` ended before it was ready:\n{said}")
            said += line.decode()


async def _drain(process: Process) -> None:
    """Pass on what it says later: warnings, or why a part ended."""
    while line := await _stdout(process).readline():
        sys.stderr.write(line.decode())


def _stdout(process: Process) -> asyncio.StreamReader:
    assert process.stdout is not None
    return process.stdout


async def _describe(process: Process, data: Path) -> Installed:
    noted = json.loads((data / "running.json").read_text())
    return Installed(
        process=process,
        data=data,
        api=noted["public_url"],
        database=noted["database_url"],
        temporal=noted["temporal_address"],
        cards=noted["cards_url"],
        key=await _new_key(noted["database_url"]),
    )


async def _new_key(database: str) -> str:
    engine = make_engine(database, connections=2)
    secret = keys.new_secret()
    async with make_sessions(engine).begin() as session:
        await keys.keep(session, "bench", secret, ["admin"], datetime.now(UTC))
    await engine.dispose()
    return secret
