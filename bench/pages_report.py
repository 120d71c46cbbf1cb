"""The measurements of the customers' pages as text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bench.browsing import Page
from bench.live_pages import Live
from bench.measure import machine, percentile

FIRST, AGAIN = 40_000, 8_000
"""Bytes of a first visit and of a later one: what the pages may weigh."""


@dataclass
class Phase:
    """Each page's times in seconds, and the empty one's."""

    orders: int
    times: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, page: Page) -> None:
        if page.status != 200:
            raise SystemExit(f"{name} was answered {page.status}")
        self.times.setdefault(name, []).append(page.seconds)


@dataclass
class Weight:
    first: int
    requests: int
    again: int


def text(weights: Mapping[str, Weight], phases: Sequence[Phase], live: Live, load: float) -> str:
    head = (
        f"{datetime.now(UTC):%d %b %Y, %H:%M} UTC. {machine()}; load before the start {load:.1f}. "
        "All parts and the caller on this one machine."
    )
    return "\n\n".join([head, _weights_table(weights), *map(_times_table, phases), live.text()])


def _weights_table(weights: Mapping[str, Weight]) -> str:
    rows = [
        f"| {name} | {w.first / 1000:.1f} | {w.first / FIRST:.2f} | {w.requests}"
        f" | {w.again / 1000:.1f} | {w.again / AGAIN:.2f} |"
        for name, w in weights.items()
    ]
    head = (
        f"Bytes on the wire, heads included. The limits are {FIRST // 1000} kB and six requests "
        f"for a first visit, {AGAIN // 1000} kB for a later one.\n"
    )
    return "\n".join(
        [
            head,
            "| page | first visit, kB | of the limit | requests | again, kB | of the limit |",
            "|---|---:|---:|---:|---:|---:|",
            *rows,
        ]
    )


def _times_table(phase: Phase) -> str:
    least = percentile(phase.times["a file"], 0.5)
    rows = []
    for name, times in phase.times.items():
        p50, p95 = percentile(times, 0.5), percentile(times, 0.95)
        rows.append(f"| {name} | {p50 * 1000:.1f} | {p95 * 1000:.1f} | {p50 / least:.0f} |")
    head = (
        f"With {phase.orders:,} orders, {len(phase.times['a file'])} times each, one at a time; "
        "from the request to the last byte. *A file* lies in memory, ready to be sent.\n"
    )
    return "\n".join(
        [
            head,
            "| page | p50 ms | p95 ms | p50 ÷ a file |",
            "|---|---:|---:|---:|",
            *rows,
        ]
    )
