"""Scheduled: looks every hour whether all promises are kept."""

from temporalio import workflow

from activities.signatures import InvariantSteps
from domain.contracts import Batch
from workflows.options import SCAN, named


@workflow.defn
class CheckInvariants:
    """Put what breaks a promise into its subject's history, and before a person."""

    @workflow.run
    async def run(self) -> int:
        """Return how much was found that history did not tell yet."""
        result = await workflow.execute_activity_method(
            InvariantSteps.check_invariants,
            Batch(at=workflow.now()),
            **named(SCAN, "check_invariants", "every promise on all data"),
        )
        workflow.set_current_details(f"{result.handled} broken promises noted")
        return result.handled
