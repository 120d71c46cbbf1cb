"""Faults of one step: rejected for good, timed out, its reply lost, or late after its undo."""

import pytest

from tests.matrix import page
from tests.matrix.acting import act, as_documented
from tests.matrix.cells import Fault, every
from tests.matrix.stage import Stage


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
