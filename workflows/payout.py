"""Asking a provider for one refund before the pivot."""

from datetime import timedelta
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError
from temporalio.workflow import ActivityConfig

from activities.signatures import RefundSteps
from domain.contracts import PlannedRefund, RefundResult, RefundStep
from domain.lifecycle import RefundState
from domain.money import plain
from workflows.display import Display
from workflows.failures import failure_type
from workflows.options import PATIENCE, named


async def is_refused(
    cancellation_id: UUID, refund: PlannedRefund, patience: timedelta, display: Display
) -> bool:
    """Trigger one refund and say whether the answer was a definite no.

    No answer within the patience is looked up by our key; still none is not a no: the refund may
    have happened, so the cancellation stands and the refund is a debt.
    """
    what = f"{plain(refund.amount_minor, refund.currency)} to {refund.method}"
    step = RefundStep(cancellation_id=cancellation_id, at=workflow.now(), refund_id=refund.id)
    bounded: ActivityConfig = {**PATIENCE, "schedule_to_close_timeout": patience}
    result: RefundResult | None
    try:
        result = await workflow.execute_activity_method(
            RefundSteps.trigger_refund,
            step,
            **named(bounded, f"trigger_refund {refund.id}", what),
        )
    except ActivityError as error:
        if failure_type(error) == "RefundRejected":
            display.note(f"{what}: rejected")
            return True
        result = await _look_up(step, what)
    display.note(f"{what}: {result.state if result else 'no answer, followed as a debt'}")
    return result is not None and result.state is RefundState.FAILED


async def _look_up(step: RefundStep, what: str) -> RefundResult | None:
    try:
        return await workflow.execute_activity_method(
            RefundSteps.look_up_refund,
            step,
            **named(PATIENCE, f"look_up_refund {step.refund_id}", f"{what}: no answer, looked up"),
        )
    except ActivityError:
        return None
