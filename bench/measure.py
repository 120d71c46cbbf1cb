"""What is measured: times and rates, and what each process takes meanwhile."""

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import psutil

T = TypeVar("T")
R = TypeVar("R")

BENCH = "bench (client)"
_LOOK_EVERY = 4.0
_PARTS = {
    "postgres": "PostgreSQL",
    "start-dev": "Temporal",
    "bench.emptiness": "empty worker",
    "worker.py": "worker",
    "sandbox": "card sandbox",
    "api": "API",
    "up": "supervisor, mail catcher",
}
"""Parts by a word of their command line; the first that is there names the process."""


@dataclass(frozen=True)
class Phase:
    """Runs that were asked for one after another, so many at a time. All in seconds.

    `answer` is from the request to its answer, `rest` to the subject's state at rest where that is
    seen from outside, `closed` to the end of the run, mails included.
    """

    name: str
    answer: Sequence[float]
    rest: Sequence[float]
    closed: Sequence[float]
    length: float

    @property
    def count(self) -> int:
        return len(self.answer)

    @property
    def rate(self) -> float:
        """Runs a second, from the first request to the end of the last run."""
        return self.count / self.length


@dataclass
class Usage:
    """What one part took: the most memory seen at once, and processor time."""

    rss: int = 0
    pss: int = 0
    cpu: float = 0.0


@dataclass
class Watch:
    """Looks at a process and its children, and at ourselves, every few seconds."""

    root: int
    usage: dict[str, Usage] = field(default_factory=dict)
    others: float = 0.0
    _seen: dict[int, tuple[str, float, float]] = field(default_factory=dict)

    def look(self) -> None:
        memory: dict[str, list[int]] = {}
        for name, process in _processes(self.root):
            try:
                cpu = sum(process.cpu_times()[:2])
                told = process.memory_full_info()
            except psutil.Error:
                continue
            first = self._seen.get(process.pid, (name, cpu, cpu))[1]
            self._seen[process.pid] = (name, first, cpu)
            rss, pss = memory.setdefault(name, [0, 0])
            memory[name] = [rss + told.rss, pss + told.pss]
        for name, (rss, pss) in memory.items():
            usage = self.usage.setdefault(name, Usage())
            usage.rss, usage.pss = max(usage.rss, rss), max(usage.pss, pss)

    @property
    def cpu(self) -> float:
        """Processor seconds of all parts, the caller among them."""
        return sum(usage.cpu for usage in self.usage.values())

    def add_up(self, busy: float) -> None:
        """Share out the time in which the processors were busy."""
        for name, first, last in self._seen.values():
            self.usage.setdefault(name, Usage()).cpu += last - first
        self.others = max(0.0, busy - self.cpu)


@asynccontextmanager
async def watching(root: int) -> AsyncIterator[Watch]:
    """Watch until the block ends, from a thread, so that looking holds nothing up."""
    watch, over = Watch(root), threading.Event()
    before = _busy()
    watch.look()

    def look_again() -> None:
        while not over.wait(_LOOK_EVERY):
            watch.look()

    looking = asyncio.ensure_future(asyncio.to_thread(look_again))
    try:
        yield watch
    finally:
        over.set()
        await looking
        watch.look()
        watch.add_up(_busy() - before)


async def at_once(things: Iterable[T], in_flight: int, do: Callable[[T], Awaitable[R]]) -> list[R]:
    """Do something with each, so many at a time, beginning in their order."""
    waiting, done = iter(things), []

    async def take_turns() -> None:
        for thing in waiting:
            done.append(await do(thing))  # noqa: PERF401 - they take turns at one iterator

    await asyncio.gather(*(take_turns() for _ in range(in_flight)))
    return done


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of all does not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, -(-len(ranked) * int(share * 1000) // 1000) - 1)]


def machine() -> str:
    """The machine in a line: processor, cores, memory."""
    with open("/proc/cpuinfo") as told:
        models = [line.split(":")[1].strip() for line in told if line.startswith("model name")]
    memory = psutil.virtual_memory().total / 2**30
    model = models[0] if models else "unknown processor"
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB"


def now() -> float:
    """Seconds since the epoch, as Temporal's close times count them."""
    return time.time()


def _busy() -> float:
    told = psutil.cpu_times()
    return float(told.user + told.nice + told.system + told.irq + told.softirq)


def _processes(root: int) -> list[tuple[str, psutil.Process]]:
    ours = psutil.Process()
    found = [(BENCH, ours)]
    try:
        parent = psutil.Process(root)
        under = [parent, *parent.children(recursive=True)]
        under += [child for child in ours.children(recursive=True) if child not in under]
    except psutil.Error:
        return found
    for process in under:
        try:
            words = " ".join(process.cmdline())
        except psutil.Error:
            continue
        found.append((_part(words), process))
    return found


def _part(words: str) -> str:
    for mark, name in _PARTS.items():
        if mark in words.replace("/", " ").split() or f"{mark}:" in words:
            return name
    return "other"
