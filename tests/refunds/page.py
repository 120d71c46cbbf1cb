"""docs/refund-matrix.md: read, compared with a run, and written anew."""

import os
from collections.abc import Mapping
from pathlib import Path

from domain.subjects import Kind
from tests.refunds.cells import (
    ERRORS,
    OF_WEBHOOKS,
    REFUSALS,
    TIMEOUTS,
    Cell,
    Course,
    Fault,
    Outcome,
    absence,
    every,
)

PAGE = Path(__file__).parents[2] / "docs" / "refund-matrix.md"
WRITE = "RESCIND_WRITE_MATRIX"

Outcomes = Mapping[Cell, Outcome]

COURSES = {
    Course.OWED: "Nobody asks the provider before the customer asks for the money.",
    Course.REQUESTED: "The provider is silent for as long as the cancellation waits: it is unknown"
    " whether it has the request. Later it answers.",
    Course.PENDING: "The provider takes it, and says later that it succeeded.",
    Course.REQUIRES_ACTION: "The customer has to do something at the provider's, and does.",
    Course.SUCCEEDED: "It succeeds at once.",
    Course.FAILED_FOR_NOW: "It is pending and fails for a cause that may pass; asked for again, it"
    " succeeds.",
    Course.FAILED: "It is pending and fails for good. The customer, asked how else they want their"
    " money, says nothing for a week; a person pays it out.",
    Course.REFUSED: "The provider says no at once and for good. The customer takes store credit.",
    Course.CANCELLED: "It is pending and cancelled in the provider's own pages. The customer wants"
    " to be paid by hand, and is.",
    Course.FAILED_LATE: "It succeeds, and the bank sends the money back later. The customer takes"
    " store credit.",
    Course.PAID_OTHERWISE: "It fails for good, and a person pays it out before the customer says"
    " anything.",
    Course.WAIVED: "It fails for good, and a second person waives it, with a reason.",
}
FAULTS = {
    Fault.NONE: "nothing",
    Fault.DUPLICATE: "webhooks come twice",
    Fault.LATE: "webhooks come late",
    Fault.REORDERED: "webhooks come in another order",
    Fault.LOST: "webhooks never come",
    Fault.TIMEOUT_BEFORE: "time-out before the effect",
    Fault.TIMEOUT_AFTER: "time-out after the effect",
    Fault.RATE_LIMITED: "429",
    Fault.ERROR_BEFORE: "500 before the effect",
    Fault.ERROR_AFTER: "500 after the effect",
    Fault.CUT_BEFORE: "connection cut before the effect",
    Fault.CUT_AFTER: "connection cut after the effect",
}
_BY_TITLE = {title: fault for fault, title in FAULTS.items()}

_HEAD = """\
# The refund matrix

Every course of a refund × every fault of its news, for an order and an appointment. Written by the
tests in [tests/refunds/](../tests/refunds/), which cause each fault at the card sandbox over the
wire and compare this page with what happened. A difference fails them;
`RESCIND_WRITE_MATRIX=1 .venv/bin/pytest tests/refunds/test_matrix.py -m ''` writes the page anew.
[refunds.md](refunds.md) explains the states.

In each cell the cancellation stands, 40.00 EUR went back once (or, waived, not at all) by our rows
and by the provider's, every promise of [storage/invariants.py](../storage/invariants.py) is kept,
and what arrives after the end changes nothing. PostgreSQL, Temporal, the API, the worker, the mail
server and the sandbox are real; only time is moved.
"""
_WORDS = """\
## The words

- *End state*: of the refund. *Money moved*: as what it went back in the end.
- *The customer saw*: where their money stood, in turn, from the moment the cancellation stood:
  `owed`, `on_its_way`, `requires_action`, `failed`, `settled`.
- *Mails*: the customer's, in turn. `cancelled`: it is cancelled, and how the money goes back.
  `refunded`: all of it is on its way. `refund_choice`: how else would you like it?

Faults of webhooks happen to all webhooks about the payment. Late: they come two seconds later, when
we have looked already. In another order: each comes after the next one. Never: we look by
ourselves, hourly at first and then daily; what fails after it had succeeded is found by the nightly
comparison.

The other faults happen to the call that asks for the refund, and to the first look at it again. A
time-out: the provider is silent for longer than we wait. An error 500 is what the provider answers
to every repeat for a day; before the effect, the refund is asked for again when that is over.
"""


def compare(outcomes: Outcomes) -> None:
    """Fail where the page says something else of these cells, or write what happened there."""
    told = read()
    if os.environ.get(WRITE):
        PAGE.write_text(render({**told, **outcomes}))
        return
    stale = [
        f"{cell}: {outcome}, but the page says {told.get(cell)}"
        for cell, outcome in outcomes.items()
        if outcome != told.get(cell)
    ]
    assert not stale, "\n".join(stale)


def read() -> dict[Cell, Outcome]:
    """The outcomes on the page, by cell."""
    found: dict[Cell, Outcome] = {}
    course = None
    for line in PAGE.read_text().splitlines() if PAGE.exists() else ():
        if line.startswith("## `"):
            course = Course(line.removeprefix("## ").strip("`"))
        columns = [column.strip() for column in line.strip("|").split(" | ")]
        if course and columns[0] in _BY_TITLE and len(columns) == 6:
            title, kind, *told = columns
            found[Cell(course, _BY_TITLE[title], Kind(kind))] = Outcome(*told)
    return found


def render(outcomes: Outcomes) -> str:
    """The page, the same for the same outcomes."""
    parts = [_HEAD, *(_section(course, outcomes) for course in Course), _WORDS, _absences()]
    return "\n".join([*parts, _totals()])


def _section(course: Course, outcomes: Outcomes) -> str:
    rows = [("fault", "subject", "end state", "money moved", "the customer saw", "mails")]
    rows.append(("---",) * 6)
    cells = [Cell(course, fault, kind) for fault in Fault for kind in Kind]
    for cell in [cell for cell in cells if absence(cell) is None]:
        told = outcomes.get(cell) or Outcome("?", "?", "?", "?")
        rows.append((FAULTS[cell.fault], cell.kind.value, *told))
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return f"## `{course}`\n\n{COURSES[course]}\n\n{table}"


def _absences() -> str:
    """Why a cell isn't there."""
    cells = [Cell(course, fault, kind) for course in Course for fault in Fault for kind in Kind]
    reasons: dict[str, dict[str, None]] = {}
    for cell in cells:
        if reason := absence(cell):
            where = f"`{cell.course}`, {FAULTS[cell.fault]}"
            reasons.setdefault(reason, {})[where] = None
    lines = [f"- {reason}: {'; '.join(named)}\n" for reason, named in reasons.items()]
    return "What can't be:\n\n" + "".join(lines)


def _totals() -> str:
    groups = {
        "webhooks": OF_WEBHOOKS,
        "time-outs": TIMEOUTS,
        "429 and cut connections": REFUSALS,
        "500": ERRORS,
    }
    rows = ["## Totals\n\n| faults | cells |\n|---|---|\n"]
    rows += [f"| {name} | {len(every(*faults))} |\n" for name, faults in groups.items()]
    rows.append(f"| **all** | **{len(every(*Fault))}** |\n")
    return "".join(rows)
