"""The child processes of one `rescind up`, from the first to the last."""

import asyncio
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from runtime import logs, process
from runtime.errors import PartDied


@dataclass(frozen=True)
class Part:
    """A child with its log; `patience` is how many seconds it gets to stop by itself.

    The warnings and errors of a `shown` part are for the terminal too.
    """

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    stop: signal.Signals = signal.SIGTERM
    patience: float = 4.0
    shown: bool = False


class Parts:
    """Children in the order of their start, which is the reverse of the order they stop in."""

    def __init__(self) -> None:
        self._running: list[Part] = []
        self._logs: list[logs.Follower] = []

    def add(self, part: Part) -> None:
        self._running.append(part)
        if part.shown:
            self._logs.append(logs.Follower(part.name, part.log))

    def has(self, name: str) -> bool:
        return any(part.name == name for part in self._running)

    async def watch(self, say: Callable[[str], None]) -> None:
        """Say warnings, until a child ends by itself: PartDied then holds the end of its log."""
        while True:
            for follower in self._logs:
                follower.say_worries(say)
            for part in self._running:
                code = part.process.poll()
                if code is not None:
                    raise PartDied(
                        f"{part.name} stopped by itself ({_cause(code)}). The end of {part.log}:\n"
                        f"{process.last_lines(part.log) or '(nothing was written there)'}\n"
                        "All parts stop with it. Nothing is lost: start again to go on."
                    )
            await asyncio.sleep(0.1)

    async def stop(self) -> None:
        while self._running:
            part = self._running.pop()
            await process.end(part.process, part.stop, part.patience)


def _cause(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
