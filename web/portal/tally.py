"""Counts of the present span of time, in this process's memory."""

from datetime import datetime

MOST = 50_000
"""Buckets that are kept. With more, all begin anew: what matters is in the database as well."""


class Tally:
    def __init__(self) -> None:
        self._since: datetime | None = None
        self._counts: dict[str, int] = {}

    def of(self, bucket: str, since: datetime) -> int:
        return self._counts.get(bucket, 0) if since == self._since else 0

    def put(self, bucket: str, since: datetime, count: int) -> None:
        if since != self._since or len(self._counts) >= MOST:
            self._since, self._counts = since, {}
        self._counts[bucket] = count
