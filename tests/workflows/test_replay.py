"""Saved runs of every kind of ending still replay: a change must not break what is in flight."""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from workflows.cancellation import Cancellation
from workflows.card_hold import SettleHold
from workflows.refund import Refund
from workflows.sandbox import runner

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))


@pytest.mark.parametrize("file", HISTORIES, ids=lambda file: file.stem)
async def test_a_saved_run_replays(file: Path) -> None:
    replayer = Replayer(
        workflows=[Cancellation, Refund, SettleHold],
        workflow_runner=runner(),
        data_converter=pydantic_data_converter,
    )
    await replayer.replay_workflow(WorkflowHistory.from_json(file.stem, file.read_text()))


def test_there_is_a_saved_run_of_every_ending() -> None:
    endings = {file.stem.split("-")[0] for file in HISTORIES}
    assert endings == {"cancelled", "declined", "undone", "restored", "stopped", "refund", "hold"}
