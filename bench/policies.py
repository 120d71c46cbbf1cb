"""How fast policies decide, and what it takes to try one on a million bookings.

`python -m bench.policies hotel_bookings.csv.gz` decides some public cases again and again, and runs
`rescind policy simulate` for three policies over the file, once and as often as makes a million;
then for one of them against another.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import deciding, simulating
from bench.deciding import Rate
from bench.measure import machine
from bench.results import keep
from bench.simulating import Simulation

POLICIES = Path(__file__).parent.parent / "policies"
CASES = (
    *("tau-retail-01", "prepaid-car-01", "hotel-6pm-day-before-01"),
    *("misasa-ryokan-matrix-03", "spa-fee-engine-07", "airbnb-long-term-03"),
)
"""Simple ones; then the largest table, most facts and an expression, amounts that change daily."""

SIMULATED = ("hotel-6pm-day-before", "airbnb-firm", "salon")
MILLION = 1_000_000
_MIB = 2**20
_NEWLINE = "\n"


@dataclass(frozen=True)
class Measured:
    load: float
    rates: Sequence[Rate]
    simulations: Sequence[Simulation]


def main() -> int:
    arguments = _arguments()
    cases = arguments.cases or arguments.file.parent.parent / "policies" / "public_cases.jsonl"
    for file in (arguments.file, cases):
        if not file.exists():
            print(f"{file} is missing. It is not part of the repository: name your copy.")
            return 2
    load = os.getloadavg()[0]
    rates = [deciding.measure(POLICIES, cases, case) for case in arguments.case or CASES]
    names = arguments.policy or SIMULATED
    once = [_simulated(name, arguments.file, 1) for name in names]
    repeat = -(-MILLION // once[0].rows)
    often = [] if arguments.quick else [_simulated(n, arguments.file, repeat) for n in names]
    if len(often) > 1:
        often.append(_simulated(names[0], arguments.file, repeat, against=names[1]))
    measured = Measured(load, rates, [*once, *often])
    print(text(measured))
    if not (arguments.quick or arguments.case or arguments.policy):
        keep("policies", text(measured))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.policies", description=__doc__)
    parser.add_argument("file", type=Path, help="hotel_bookings.csv.gz")
    parser.add_argument("--cases", type=Path, help="default: ../policies/ beside the file's folder")
    parser.add_argument("--case", action="append", help="decide this one instead; may be repeated")
    parser.add_argument("--policy", action="append", help="simulate this one instead")
    parser.add_argument("--quick", action="store_true", help="not the million; nothing is kept")
    return parser.parse_args()


def _simulated(name: str, bookings: Path, repeat: int, against: str | None = None) -> Simulation:
    print(f"Simulating {name} over {bookings.name}, {repeat} times", flush=True)
    other = POLICIES / f"{against}.yaml" if against else None
    return simulating.measure(POLICIES / f"{name}.yaml", bookings, repeat, other)


def text(measured: Measured) -> str:
    return f"""\
{datetime.now(UTC):%Y-%m-%d}, {machine()}, load {measured.load:.1f}.

On one core, the same case each time; *ahead* is how many later changes are foretold. *Whole*: the
decision with its trace, its tenders, and the moments ahead at which it changes. *Answer*: outcome
and amounts, all that a simulation asks for. *Empty*: calls of a function with the same signature
that does nothing; how many of these the others are worth stands last.

| case | ahead | whole, µs | whole /s | answer, µs | answers /s | empty, µs | whole ÷ | answer ÷ |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
{_NEWLINE.join(map(_rate, measured.rates))}

`rescind policy simulate` from its start to its end, interpreter and imports included. A booking
that was not cancelled is passed over. Memory is that of all its processes at the worst moment.

| policy | bookings | cancelled | s | bookings /s | CPU s | peak PSS, MiB | peak RSS, MiB |
| --- | --- | --- | --- | --- | --- | --- | --- |
{_NEWLINE.join(map(_simulation, measured.simulations))}"""


def _rate(rate: Rate) -> str:
    cells = [
        f"{rate.ahead}",
        f"{rate.decision * 1e6:.1f}",
        f"{1 / rate.decision:,.0f}",
        f"{rate.answer * 1e6:.1f}",
        f"{1 / rate.answer:,.0f}",
        f"{rate.empty * 1e6:.3f}",
        f"{rate.decision / rate.empty:,.0f}",
        f"{rate.answer / rate.empty:,.0f}",
    ]
    return f"| {rate.case} | {' | '.join(cells)} |"


def _simulation(one: Simulation) -> str:
    cells = [
        f"{one.rows:,}",
        f"{one.cancellations:,}",
        f"{one.seconds:.1f}",
        f"{one.rows / one.seconds:,.0f}",
        f"{one.cpu:.1f}",
        f"{one.pss / _MIB:.0f}",
        f"{one.rss / _MIB:.0f}",
    ]
    return f"| {one.policy} | {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
