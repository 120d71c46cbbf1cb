"""A process that plays very many stories: `python -m tests.refunds.many URL TEMPLATE SEED FROM TO`.

It tells how far it is, a line for each database; a failure ends it, with the story's seed.
"""

import sys

from runtime import garbage, loop
from tests.refunds.benches import making
from tests.refunds.sequences import play_all

TOGETHER = 50
"""Stories that share a database: more make the checker slow, fewer cost a copy each."""


async def main(url: str, template: str, seed: str, first: int, end: int) -> None:
    garbage.settle()
    async with making(url, template) as make:
        for begin in range(first, end, TOGETHER):
            stories = range(begin, min(begin + TOGETHER, end))
            async with make() as bench:
                await play_all(bench, [f"{seed}-{n}" for n in stories])
            print(f"seed {seed}: {stories[-1] + 1} of {first} to {end}", flush=True)  # noqa: T201


if __name__ == "__main__":
    _url, _template, _seed, _first, _end = sys.argv[1:]
    loop.run(main(_url, _template, _seed, int(_first), int(_end)))
