"""How our processes log: a line an event on standard error, and what is worth showing of it."""

import logging
import re
from collections.abc import Callable
from pathlib import Path

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_WORRYING = re.compile(r"^\S+ \S+ (WARNING|ERROR|CRITICAL) ")
_AT_ONCE = 5


def configure(level: int = logging.INFO) -> None:
    """Set up logging for a process that works on its own."""
    logging.basicConfig(level=level, format=_FORMAT, force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)


class Follower:
    """Reads what is added to a log, from the moment it is made."""

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self._position = log.stat().st_size

    def say_worries(self, say: Callable[[str], None]) -> None:
        """Say the warnings and errors since the last time; of a burst only the first few."""
        worries = [line for line in self._new_lines() if _WORRYING.match(line)]
        for line in worries[:_AT_ONCE]:
            say(f"{self.name}: {line}")
        if len(worries) > _AT_ONCE:
            say(f"{self.name}: {len(worries) - _AT_ONCE} more in {self.log}")

    def _new_lines(self) -> list[str]:
        with self.log.open("rb") as file:
            file.seek(self._position)
            whole, newline, _ = file.read().rpartition(b"\n")
        self._position += len(whole) + len(newline)
        return whole.decode(errors="replace").splitlines()
