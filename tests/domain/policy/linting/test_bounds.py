"""No document takes long, however many rules it has and whatever they ask for."""

import time
from typing import Any

import pytest

from domain.policy.lint import lint
from tests.domain.factories import a_policy

HANGS = 60
"""Seconds after which nobody would wait: a guard, where one second is usual."""

FLAGS = {f"attributes.f{n}": "boolean" for n in range(200)}
NUMBERS = {f"attributes.n{n}": "number" for n in range(10)}
COLUMNS = [*range(1, 91)]


def keep(**when: Any) -> dict[str, Any]:
    return {"when": {name.replace("__", "."): test for name, test in when.items()}, "keep": "50%"}


HEAVY: dict[str, dict[str, Any]] = {
    "tiers": {"rules": [keep(notice={"at_least": f"{2_000 - n}h"}) for n in range(200)]},
    "business days": {"rules": [keep(notice={"under": f"{900 - 4 * n}bd"}) for n in range(200)]},
    "flags": {
        "facts": FLAGS,
        "rules": [
            keep(**{f"attributes.f{(n + 7 * m) % 200}": True for m in range(8)}) for n in range(200)
        ],
    },
    "ranges": {
        "facts": NUMBERS,
        "rules": [keep(**{name: {"between": [n, n + 3]} for name in NUMBERS}) for n in range(200)],
    },
    "one table": {
        "facts": {"attributes.guests": "number"},
        "rules": [
            {
                "keep": {
                    "table": {
                        "down": "notice",
                        "across": "attributes.guests",
                        "columns": COLUMNS,
                        "rows": [[f"{200 - n}h"] + ["50%"] * len(COLUMNS) for n in range(190)],
                    }
                }
            }
        ],
    },
    "lists": {
        "facts": {"attributes.n": "number"},
        "rules": [
            keep(notice={"over": f"{n}h"})
            | {"keep": {"first": [keep(attributes__n=each) for each in range(30)]}}
            for n in range(150)
        ],
    },
    "words": {"rules": [keep(stage=[f"s{n}_{m}" for m in range(40)]) for n in range(100)]},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HEAVY)
def test_a_look_over_the_heaviest_policies_comes_to_its_end(name: str) -> None:
    policy = a_policy(**HEAVY[name])
    began = time.process_time()
    found = lint(policy)
    assert time.process_time() - began < HANGS
    assert 0 < len(found) <= 200
