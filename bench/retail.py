"""The whole product on real orders: are all answers right, and how fast is it.

Starts what `rescind up` starts on an empty folder, imports the orders once for each reason, asks to
cancel every one over HTTP, and checks what became of them. The same runs, empty, tell how fast this
machine's Temporal alone would be.
"""

import argparse
import os
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from bench import asking, checks, report, runs, yardstick
from bench.asking import Answered
from bench.emptiness import Shape
from bench.installed import installed
from bench.measure import Phase, Watch, watching
from bench.orders import Ask, Retail, read
from bench.report import Measured
from runtime import loop

IN_FLIGHT = 16
_WARM_UP = 30
_EMPTY = 500
_SEED = 2_026


def main() -> int:
    arguments = _arguments()
    cases = arguments.cases or arguments.file.parent.parent / "policies" / "retail_cases.jsonl.gz"
    for file in (arguments.file, cases):
        if not file.exists():
            _say(f"{file} is missing. These orders are not part of the repository: name your copy.")
            return 2
    retail = read(arguments.file, cases, arguments.orders)
    measured = loop.run(_measure(retail, arguments.in_flight))
    _say("\n" + report.text(measured))
    if arguments.orders is None:
        report.keep(measured)
        _say(f"\nKept in {report.RESULTS}")
    return 1 if measured.faults else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.retail", description=__doc__)
    parser.add_argument("file", type=Path, help="retail_orders.ndjson.gz")
    parser.add_argument("--cases", type=Path, help="default: ../policies/ beside the file's folder")
    parser.add_argument("--orders", type=int, help="only the first so many; nothing is kept then")
    parser.add_argument("--in-flight", type=int, default=IN_FLIGHT, help="requests at a time")
    return parser.parse_args()


async def _measure(retail: Retail, in_flight: int) -> Measured:
    load = os.getloadavg()
    _say("Starting the parts of `rescind up` on an empty folder")
    async with installed() as ours, asking.caller(ours, in_flight) as http:
        client = await Client.connect(ours.temporal, data_converter=pydantic_data_converter)
        await asking.furnish(http)
        _say(f"Importing {len(retail.asks)} orders")
        seconds = await asking.import_all(http, retail.copies)
        watches: dict[str, Watch] = {}
        phases, answered = [], []
        for name, asks in _groups(retail):
            _say(f"Asking for {len(asks)} {name}")
            async with watching(ours.process.pid) as watches[name]:
                phase, told = await asking.ask_all(http, ours, client, name, asks, in_flight, _say)
            phases.append(phase)
            answered += told
        _say("Checking")
        faults = checks.answers(answered) + await checks.ends(ours, answered)
        shapes = await _shapes(client, answered)
        async with yardstick.worker(ours.temporal):
            empty = await _empty(client, in_flight)
            yardsticks = []
            for name, asks in _groups(retail):
                _say(f"Asking for {len(asks)} empty runs of the shape of {name}")
                same = [shapes[ask.key][0] for ask in asks]
                async with watching(ours.process.pid) as watches[f"empty {name}"]:
                    yardsticks.append(await yardstick.run(client, name, same, in_flight))
    return Measured(
        orders=len(retail.copies[0]),
        in_flight=in_flight,
        imported=len(retail.asks),
        import_seconds=seconds,
        phases=phases,
        yardsticks=yardsticks,
        empty=empty,
        shapes=shapes,
        watches=watches,
        load=load,
        faults=faults,
    )


def _groups(retail: Retail) -> list[tuple[str, list[Ask]]]:
    """Those to be cancelled and those to be refused, each in a mixed but fixed order."""
    groups = [("cancellations", retail.eligible), ("refusals", retail.refused)]
    for _, asks in groups:
        random.Random(_SEED).shuffle(asks)
    return groups


async def _shapes(client: Client, answered: Sequence[Answered]) -> dict[str, tuple[Shape, int]]:
    ids: dict[str, list[str]] = {}
    for one in answered:
        ids.setdefault(one.ask.key, []).append(asking.run_of(one.ask))
    return {key: await runs.shape(client, of_key) for key, of_key in sorted(ids.items())}


async def _empty(client: Client, in_flight: int) -> Phase:
    """The time of an update-with-start of a run without a step, after a warm-up."""
    await yardstick.run(client, "warm-up", [Shape()] * _WARM_UP, in_flight)
    _say(f"Asking for {_EMPTY} empty runs without a step")
    return await yardstick.run(client, "empty", [Shape()] * _EMPTY, in_flight)


def _say(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # The Temporal SDK may abort the interpreter at its end (temporalio/sdk-python issue 300).
    os._exit(code)
