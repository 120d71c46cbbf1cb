"""Scheduled: cancellation windows that have run out are closed, in batches."""

from temporalio import workflow

from activities.signatures import WindowSteps
from domain.contracts import Batch
from workflows.options import UNTIL_DONE, named

MOST_BATCHES = 200
"""A run's share; after a long outage the next runs go on where it stopped."""


@workflow.defn
class CloseWindows:
    """Close what has run out. Held subjects are passed over and come next time."""

    @workflow.run
    async def run(self) -> int:
        """Return how many windows were closed."""
        closed = 0
        for _ in range(MOST_BATCHES):
            result = await workflow.execute_activity_method(
                WindowSteps.close_windows,
                Batch(at=workflow.now()),
                **named(UNTIL_DONE, "close_windows", "one batch"),
            )
            closed += result.handled
            if not result.more:
                break
        workflow.set_current_details(f"{closed} windows closed")
        return closed
