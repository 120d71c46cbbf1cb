"""Those who follow a subject: what waits for them, and why they are let go."""

import asyncio
import time
from collections.abc import Sequence

from storage.events import EventRow


class TooSlow(Exception):
    """More came than may wait for this reader; it misses what it was not given."""


class FeedClosed(Exception):
    """The process is about to stop."""


class Reader:
    """One who follows a subject; given events in order, each once.

    `heard_at` is when it last got news, by `time.monotonic()`.
    """

    def __init__(self, after: int, most: int) -> None:
        self.last = after
        self.heard_at = time.monotonic()
        self._most = most
        self._events: list[EventRow] = []
        self._news = asyncio.Event()
        self._ended: Exception | None = None

    async def take(self, patience: float) -> Sequence[EventRow] | None:
        """Wait for news: events, or none of them if only something else may have changed.

        None if nothing came in time, in seconds. Raises TooSlow or FeedClosed.
        """
        try:
            async with asyncio.timeout(patience):
                await self._news.wait()
        except TimeoutError:
            return None
        if self._ended:
            raise self._ended
        self._news.clear()
        taken, self._events = self._events, []
        return taken

    def give(self, events: Sequence[EventRow]) -> None:
        new = [event for event in events if event.sequence > self.last]
        if len(self._events) + len(new) > self._most:
            self.end(TooSlow())
        elif not self._ended:
            self._events += new
            self.last = new[-1].sequence if new else self.last
            self.heard_at = time.monotonic()
            self._news.set()

    @property
    def is_over(self) -> bool:
        return self._ended is not None

    def end(self, why: Exception) -> None:
        self._events = []
        self._ended = self._ended or why
        self._news.set()
