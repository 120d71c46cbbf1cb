"""Scheduled: what customers sent with their requests is deleted when its time is over."""

from temporalio import workflow

from activities.signatures import EvidenceSteps
from domain.contracts import Batch
from workflows.options import UNTIL_DONE, named


@workflow.defn
class ForgetEvidence:
    """Files of cancellations that ended long enough ago, and of requests nobody decides about."""

    @workflow.run
    async def run(self) -> int:
        """Return how many were deleted."""
        result = await workflow.execute_activity_method(
            EvidenceSteps.forget_evidence,
            Batch(at=workflow.now()),
            **named(UNTIL_DONE, "forget_evidence", "files whose time is over"),
        )
        workflow.set_current_details(f"{result.handled} files deleted")
        return result.handled
