"""Clients of live streams, so lean that hundreds of them disturb nothing."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Follower:
    """One open stream. `received` is when each event's `id` first came, on our own clock."""

    subject: str
    link: str
    received: dict[int, float] = field(default_factory=dict)
    repeats: int = 0
    statuses: int = 0
    ending: str | None = None
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def follow(self, api: str, key: str) -> None:
        """Connect, and return once the snapshot is there; the rest is read in the background."""
        place = urlsplit(api)
        reader, writer = await asyncio.open_connection(place.hostname, place.port, limit=2**20)
        head = f"GET {self.link}/stream HTTP/1.1\r\nHost: {place.netloc}\r\n"
        writer.write(f"{head}Authorization: Bearer {key}\r\n\r\n".encode())
        status = await reader.readline()
        if b" 200 " not in status:
            raise SystemExit(f"{self.link}/stream answered {status.decode().strip()}")
        self._tasks.append(asyncio.create_task(self._read(reader, writer)))
        await self.begun.wait()

    async def ended(self) -> None:
        await asyncio.gather(*self._tasks)

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read line by line. The server sends each event as a chunk, so no line is cut in two."""
        name, id_ = "", ""
        while line := await reader.readline():
            at = time.perf_counter()
            word, _, value = line.decode().strip().partition(": ")
            if word == "event":
                name, id_ = value, ""
            elif word == "id":
                id_ = value
            elif not word and name:
                self._note(name, id_, at)
                name = ""
        writer.close()

    def _note(self, name: str, id_: str, at: float) -> None:
        if name == "snapshot":
            self.begun.set()
        elif name == "status":
            self.statuses += 1
        elif not id_:
            self.ending = name
        else:
            self.repeats += int(id_) in self.received
            self.received.setdefault(int(id_), at)


def gaps(followers: Sequence[Follower], told: Sequence[tuple[str, int, float]]) -> int:
    """How many events did not arrive where they should have."""
    return sum(
        sequence not in follower.received
        for follower in followers
        for subject, sequence, _ in told
        if subject == follower.subject
    )
