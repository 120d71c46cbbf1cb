"""`rescind policy simulate` as a command of its own: how long it takes, and how much memory."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_LOOK_EVERY = 0.1
_ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Simulation:
    """Seconds from the start of the command to its end; memory of all its processes together at
    the moment when it was most, in bytes."""

    policy: str
    rows: int
    cancellations: int
    seconds: float
    cpu: float
    pss: int
    rss: int


def measure(policy: Path, bookings: Path, repeat: int, against: Path | None = None) -> Simulation:
    """Run the command with as many processes as it takes by itself."""
    words = ["policy", "simulate", policy, "--bookings", bookings, "--repeat", repeat, "--json"]
    words += ["--against", against] if against else []
    command = [sys.executable, "-m", "runtime.cli", *map(str, words)]
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
    pss = rss = 0
    cpu: dict[int, float] = {}
    while process.poll() is None:
        seen = _memory(process.pid, cpu)
        pss, rss = max(pss, seen[0]), max(rss, seen[1])
        time.sleep(_LOOK_EVERY)
    seconds = time.perf_counter() - began
    output = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise RuntimeError(f"{policy} ended with {process.returncode}")
    told = json.loads(output)
    return Simulation(
        policy=f"{policy.stem}, against {against.stem}" if against else policy.stem,
        rows=told["rows"],
        cancellations=told["cancellations"],
        seconds=seconds,
        cpu=sum(cpu.values()),
        pss=pss,
        rss=rss,
    )


def _memory(pid: int, cpu: dict[int, float]) -> tuple[int, int]:
    """Memory of a process and its children now; notes the processor time each has had."""
    found = [_of(each, cpu) for each in _family(pid)]
    return sum(pss for pss, _ in found), sum(rss for _, rss in found)


def _family(pid: int) -> Sequence[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _of(process: psutil.Process, cpu: dict[int, float]) -> tuple[int, int]:
    try:
        times, memory = process.cpu_times(), process.memory_full_info()
    except psutil.NoSuchProcess:
        return 0, 0
    cpu[process.pid] = times.user + times.system
    return memory.pss, memory.rss
