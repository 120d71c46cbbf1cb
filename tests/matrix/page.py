"""docs/fault-matrix.md: read, compared with a run, and written anew."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.matrix.cells import OUTSIDE_FAULTS, STEP_FAULTS, STEPS, Cell, Fault, Kind, absence, every

PAGE = Path(__file__).parents[2] / "docs" / "fault-matrix.md"
WRITE = "RESCIND_WRITE_MATRIX"

Outcomes = Mapping[Cell, str]

TITLES = {
    Fault.REJECTED: "rejected for good",
    Fault.SLOW: "times out",
    Fault.SILENT: "times out each time",
    Fault.REPLY_LOST: "done, reply lost",
    Fault.LATE: "late, after its undo",
    Fault.KILLED_BEFORE: "worker killed before",
    Fault.KILLED_AFTER: "worker killed after",
    Fault.DATABASE_BEFORE: "PostgreSQL killed before",
    Fault.DATABASE_AFTER: "PostgreSQL killed after",
    Fault.TEMPORAL_BEFORE: "Temporal killed before",
    Fault.TEMPORAL_AFTER: "Temporal killed after",
    Fault.CANCELLED_BEFORE: "run cancelled before",
    Fault.CANCELLED_AFTER: "run cancelled after",
    Fault.TERMINATED_BEFORE: "run terminated before",
    Fault.TERMINATED_AFTER: "run terminated after",
}

_HEAD = """\
# The fault matrix

Written by the tests in [tests/matrix/](../tests/matrix/), which cause each fault on real servers
and compare this page with what happened. A difference fails them;
`RESCIND_WRITE_MATRIX=1 .venv/bin/pytest tests/matrix -m ''` writes the page anew.
[saga.md](saga.md) explains the steps.

After each cell every promise of [storage/invariants.py](../storage/invariants.py) is kept; money
at the card sandbox is that of our rows; goods, reserved time and status are those of what was
cancelled; no mail is left over. Then what is still open is cancelled as well, and all of it is
checked again: in the end every cent has gone back once. An appointment that is cancelled already
declines it.
"""

_WORDS = """\
## The words

| word | means |
|---|---|
| `cancelled` | it went through, the money with it |
| `paid later` | the refund was a debt at the pivot, and its own run paid it |
| `declined (overtaken)` | the warehouse gave no answer in time, which counts as a no here |
| `restored (…)` | everything was put back, for the cause named |
| `a person at …` | it waited there for a person, who chose *retry* |
| `found by the sweep` | a run was gone, and the sweep took care of what it left |
| `run again` | the run was started again under its id |
| `mails parked` | the mails could not be sent; the rest is as it should be |

The faults:

- **rejected for good**: the step never runs, and says that it never will.
- **times out**: the first attempt outlives its time-out and acts then, beside its own repeat.
  **Each time**: all attempts do, until the step is given up.
- **done, reply lost**: the step had its effect, and the run doesn't know.
- **late, after its undo**: the attempt failed for good, was undone, and acts after that. It must
  change no row.
- **killed before, after** (the effect): SIGKILL while one cancellation is at each step. Then a new
  worker, or the same server again.
- **run cancelled, terminated**: by ops, in Temporal. Where a run ended there, an attempt that was
  under way before its effect acts after all is over, and must change no row. *Retry* is chosen for
  whatever waits for a person.

A refund's own run takes the last three steps. The fault is met by whichever run takes the step.
"""


def compare(outcomes: Outcomes) -> None:
    """Fail where the page says something else of these cells, or write what happened there."""
    told = read()
    if os.environ.get(WRITE):
        PAGE.write_text(render({**told, **outcomes}))
        return
    stale = [
        f"{cell}: {word}, but the page says {told.get(cell)}"
        for cell, word in outcomes.items()
        if word != told.get(cell)
    ]
    assert not stale, "\n".join(stale)


def read() -> dict[Cell, str]:
    """The outcomes on the page, by cell."""
    text = PAGE.read_text() if PAGE.exists() else ""
    by_title = {title: fault for fault, title in TITLES.items()}
    found: dict[Cell, str] = {}
    faults: list[Fault] = []
    for line in text.splitlines():
        columns = [column.strip() for column in line.strip("|").split(" | ")]
        if columns[0] == "step":
            faults = [by_title[title] for title in columns[2:]]
        elif columns[0].strip("`") in STEPS and len(columns) == len(faults) + 2:
            step, kind = columns[0].strip("`"), Kind(columns[1])
            cells = [Cell(step, fault, kind) for fault in faults]
            found |= {
                cell: word for cell, word in zip(cells, columns[2:], strict=True) if word != "–"
            }
    return found


def render(outcomes: Outcomes) -> str:
    """The page, the same for the same outcomes."""
    known = {cell: word for cell, word in outcomes.items() if absence(cell) is None}
    parts = [
        _HEAD,
        "## Faults of a step\n",
        _table(known, STEP_FAULTS, tuple(Kind)),
        "## Faults around it\n\nOn a mixed order, which takes every step.\n",
        _table(known, OUTSIDE_FAULTS, (Kind.MIXED,)),
        _WORDS,
        _reasons(),
        _totals(known),
    ]
    return "\n".join(parts)


def _table(outcomes: Outcomes, faults: Sequence[Fault], kinds: Sequence[Kind]) -> str:
    titles = [TITLES[fault] for fault in faults]
    rows = [["step", "subject", *titles], ["---"] * (len(titles) + 2)]
    for step in STEPS:
        for kind in kinds:
            cells = [Cell(step, fault, kind) for fault in faults]
            words = ["–" if absence(cell) else outcomes.get(cell, "?") for cell in cells]
            rows.append([f"`{step}`", kind, *words])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _reasons() -> str:
    """Why a cell is a dash."""
    steps: dict[str, dict[str, None]] = {}
    for step in STEPS:
        for fault in STEP_FAULTS:
            for kind in Kind:
                if reason := absence(Cell(step, fault, kind)):
                    steps.setdefault(reason, {})[f"`{step}`"] = None
    lines = [f"- {reason}: {', '.join(named)}\n" for reason, named in steps.items()]
    return "A dash is a cell that can't be:\n\n" + "".join(lines)


def _totals(outcomes: Outcomes) -> str:
    rows = ["## Totals\n\n| fault | cells |\n|---|---|\n"]
    rows += [f"| {TITLES[fault]} | {len(every(fault))} |\n" for fault in Fault]
    rows.append(f"| **all** | **{len(every(*Fault))}** |\n")
    return "".join(rows)
