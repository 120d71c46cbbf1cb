"""An installation of its own with the example business, whose customers' pages are shown."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from domain.subjects import Kind, SubjectRef
from runtime import ports
from sandbox.cards import Cards
from storage import subjects
from storage.database import make_engine, make_sessions
from web.shared.paths import ROOT
from web.shared.signing import Signing

READY = b"Ctrl-C stops everything"
_NAMES = {"PORTAL_NAME": "Lindenhof", "BUSINESS_NAME": "Lindenhof"}


@dataclass
class House:
    """`kept` remembers the addresses of what scenes brought about."""

    base: str
    temporal: str
    data: Path
    sessions: async_sessionmaker[AsyncSession]
    cards: Cards
    keys: dict[str, str]
    kept: dict[str, str]

    async def link(self, subject: SubjectRef) -> str:
        signing = Signing([(self.data / "portal.key").read_text().strip()])
        async with self.sessions() as session:
            row = await subjects.get(session, subject)
        return f"{ROOT}/open/{signing.link(row.id)}"

    async def call(self, key: str, method: str, path: str, body: Any = None) -> Any:
        """Ask the API as who has this key."""
        headers = {"Authorization": f"Bearer {self.keys[key]}"}
        async with httpx.AsyncClient(base_url=self.base, headers=headers, timeout=40) as caller:
            answer = await caller.request(method, f"/v1{path}", json=body)
        answer.raise_for_status()
        return answer.json()

    async def seen(self, name: str) -> Any:
        """The cancellation that a scene kept, as the API tells it."""
        return await self.call("admin", "GET", api_path(self.kept[name]))

    async def until(self, name: str, **wanted: str) -> None:
        """Wait until the cancellation that a scene kept is like this."""
        await self._until(name, lambda seen: wanted.items() <= seen.items())

    async def until_refund(self, name: str, **wanted: str) -> None:
        """Wait until a refund of the cancellation that a scene kept is like this."""
        await self._until(
            name, lambda seen: any(wanted.items() <= each.items() for each in seen["refunds"])
        )

    async def _until(self, name: str, is_so: Callable[[Any], bool]) -> None:
        seen = {}
        for _ in range(300):
            seen = await self.seen(name)
            if is_so(seen):
                return
            await asyncio.sleep(0.2)
        raise TimeoutError(f"{name} is never as it should be, but {seen}")

    async def mail_with(self, words: str) -> str:
        """The newest mail that has these words, once one has come."""
        async with asyncio.timeout(20):
            while True:
                for file in sorted((self.data / "mail").glob("*.eml"), reverse=True):
                    if words in (told := _plain(file)):
                        return told
                await asyncio.sleep(0.1)


@asynccontextmanager
async def opened(data: Path) -> AsyncIterator[House]:
    """Start it in an empty folder, and stop it at the end."""
    process, said = await _started(data)
    try:
        noted = json.loads((data / "running.json").read_text())
        engine = make_engine(noted["database_url"], connections=4)
        async with Cards.open(noted["database_url"]) as cards:
            yield House(
                base=noted["public_url"],
                temporal=_address(said, "Temporal UI"),
                data=data,
                sessions=make_sessions(engine),
                cards=cards,
                keys=json.loads((data / "keys.json").read_text()),
                kept={},
            )
        await engine.dispose()
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 30)


async def _started(data: Path) -> tuple[Process, str]:
    own = {"RESCIND_DATA": str(data), "RESCIND_PORT": str(ports.any_free()[0])}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "runtime.cli", "up"),
        env=os.environ | _NAMES | own,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
        start_new_session=True,
    )
    assert process.stdout is not None
    said = b""
    async with asyncio.timeout(120):
        while READY not in said:
            line = await process.stdout.readline()
            if not line:
                raise RuntimeError(f"it ended before it was ready:\n{said.decode()}")
            said += line
    return process, said.decode()


def _address(said: str, name: str) -> str:
    """The address that `rescind up` prints behind a name."""
    (found,) = (line.split()[-1] for line in said.splitlines() if line.strip().startswith(name))
    return found


def api_path(page: str) -> str:
    """Where the API tells what this page tells."""
    return f"/cancellations/{page.rpartition('/')[2]}"


def order(number: str) -> SubjectRef:
    return SubjectRef(kind=Kind.ORDER, id=number)


def appointment(number: str) -> SubjectRef:
    return SubjectRef(kind=Kind.APPOINTMENT, id=number)


def _plain(file: Path) -> str:
    body = message_from_bytes(file.read_bytes(), policy=policy.default).get_body(("plain",))
    return str(body.get_content()) if body else ""
