"""Scheduled: finds what fell between two stools and starts it or puts it before a person."""

from temporalio import workflow

from activities.signatures import SweepSteps
from domain.contracts import Batch
from workflows.options import UNTIL_DONE, named


@workflow.defn
class Sweep:
    """Start requests that never had a run; flag work whose run was closed before its end."""

    @workflow.run
    async def run(self) -> int:
        """Return how much was found."""
        started = await workflow.execute_activity_method(
            SweepSteps.start_forgotten_requests,
            Batch(at=workflow.now()),
            **named(UNTIL_DONE, "start_forgotten_requests", "requests without a run"),
        )
        flagged = await workflow.execute_activity_method(
            SweepSteps.flag_stranded,
            Batch(at=workflow.now()),
            **named(UNTIL_DONE, "flag_stranded", "work whose run is closed"),
        )
        workflow.set_current_details(
            f"{started.handled} requests started, {flagged.handled} put before a person"
        )
        return started.handled + flagged.handled
