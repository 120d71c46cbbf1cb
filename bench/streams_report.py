"""The measurements of live streams as text, and as a section of RESULTS.md."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.followers import Follower
from bench.measure import machine, percentile
from bench.report import RESULTS

_NEWLINE = "\n"


@dataclass(frozen=True)
class Phase:
    """Deliveries of so many events; `waits` are seconds from the begin of a commit to a receipt."""

    name: str
    events: int
    rate: float
    waits: Sequence[float]
    missing: int

    def row(self) -> str:
        p50, p99, worst = (1000 * percentile(self.waits, share) for share in (0.5, 0.99, 1.0))
        told = f"{self.events:,} | {self.rate:,.0f} | {len(self.waits):,} | {self.missing}"
        return f"| {self.name} | {told} | {p50:.1f} | {p99:.1f} | {worst:.1f} |"


@dataclass(frozen=True)
class Memory:
    """Bytes: all that is resident, and what no other process shares."""

    rss: int
    own: int

    def __str__(self) -> str:
        return f"{self.rss / 2**20:.0f} / {self.own / 2**20:.0f} MiB"


@dataclass(frozen=True)
class Measured:
    """Memory is before, with all streams open, and after the events; the rest is in seconds."""

    followers: Sequence[Follower]
    opening: float
    phases: Sequence[Phase]
    memory: tuple[Memory, Memory, Memory]
    busy: float
    stop: float


def text(measured: Measured) -> str:
    followers, (before, during, after) = measured.followers, measured.memory
    each = (during.own - before.own) / len(followers) / 1024
    byes = sum(follower.ending == "bye" for follower in followers)
    return f"""\
{datetime.now(UTC):%Y-%m-%d}, {machine()}, load {os.getloadavg()[0]:.1f}. The clients run on
the same machine, beside PostgreSQL, Temporal and a worker.

{len(followers)} streams on one API process, opened in {measured.opening:.1f} s: half follow an
order, half its cancellation. Each event goes to two streams and changes what one of them shows.

| | events | committed /s | receipts | missing | p50 ms | p99 ms | longest ms |
| --- | --- | --- | --- | --- | --- | --- | --- |
{_NEWLINE.join(phase.row() for phase in measured.phases)}

From just before COMMIT to the receipt by the client. Statuses sent besides: \
{sum(follower.statuses for follower in followers):,}; repeated events: \
{sum(follower.repeats for follower in followers)}. The API took {measured.busy:.1f} s of processor
time for both.

Memory of the API process (resident / shared with no other): {before} before, {during} with all
streams open, {after} after the events. That is {each:.0f} KiB for each stream when opened.

Stopped {measured.stop:.2f} s after SIGTERM with all streams open; {byes} were told `bye`."""


def keep(measured: Measured) -> None:
    """Put this section into RESULTS.md in place of the last; the others stay."""
    before = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else "# Measured\n"
    whole = f"<!-- streams -->\n{text(measured)}\n<!-- /streams -->"
    pattern = re.compile(r"<!-- streams -->.*<!-- /streams -->", re.DOTALL)
    if not pattern.search(before):
        before = f"{before}\n## `python -m bench.streams`\n\n<!-- streams -->\n<!-- /streams -->\n"
    RESULTS.write_text(pattern.sub(lambda _: whole, before), encoding="utf-8")
