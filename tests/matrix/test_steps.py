"""Faults of one step: rejected for good, timed out, its reply lost, or late after its undo."""

import pytest

from tests.matrix import page
from tests.matrix.acting import act, as_documented
from tests.matrix.cells import Cell, Fault, Kind, every
from tests.matrix.stage import Stage

SHORT = [
    Cell("restock", Fault.REJECTED, Kind.MIXED),
    Cell("validate", Fault.SLOW, Kind.MIXED),
    Cell("trigger_refund", Fault.REPLY_LOST, Kind.MIXED),
    Cell("release_slots", Fault.LATE, Kind.MIXED),
    Cell("trigger_refund", Fault.LATE, Kind.MIXED),
    Cell("drop_refunds", Fault.REPLY_LOST, Kind.MIXED),
    Cell("update_status", Fault.REJECTED, Kind.MIXED),
    Cell("follow_refund", Fault.REJECTED, Kind.MIXED),
]


async def test_a_few_cells_end_as_they_should(stage: Stage) -> None:
    assert as_documented(await act(stage, SHORT))


@pytest.mark.slow
@pytest.mark.parametrize(
    "faults",
    [(Fault.REJECTED, Fault.REPLY_LOST), (Fault.LATE,), (Fault.SLOW, Fault.SILENT)],
    ids=["at_once", "late", "timed_out"],
)
async def test_every_step_ends_as_documented(stage: Stage, faults: tuple[Fault, ...]) -> None:
    outcomes = await act(stage, every(*faults))
    assert as_documented(outcomes)
    page.compare(outcomes)
