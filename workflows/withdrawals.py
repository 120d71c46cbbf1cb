"""Scheduled: letters about declarations of withdrawal that are still due are sent."""

from temporalio import workflow

from activities.signatures import WithdrawalSteps
from domain.contracts import Batch
from workflows.options import UNTIL_DONE, named


@workflow.defn
class SendWithdrawalLetters:
    """Receipts that a mail server would not take when they were due, and calls for a person."""

    @workflow.run
    async def run(self) -> int:
        """Return how many were sent."""
        result = await workflow.execute_activity_method(
            WithdrawalSteps.send_withdrawal_letters,
            Batch(at=workflow.now()),
            **named(UNTIL_DONE, "send_withdrawal_letters", "receipts and calls for a person"),
        )
        workflow.set_current_details(f"{result.handled} letters sent")
        return result.handled
