"""Scheduled and on demand: compares our refunds with those that the providers list."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.signatures import ReconciliationSteps
from domain.contracts import Reconcile, Reconciled, ReconcileStep
from workflows.options import RECONCILE, named

LOOK_BACK = timedelta(days=45)
"""Banks send money back within about a month: a success older than this stays one."""

SETTLING = timedelta(minutes=2)
"""What refunds take that were told to look again."""


@workflow.defn
class ReconcileRefunds:
    """Note what doesn't agree, have the refunds concerned looked at, and compare once more."""

    @workflow.run
    async def run(self, request: Reconcile | None = None) -> Reconciled:
        request = request or Reconcile()
        run_id = request.run_id or workflow.uuid4()
        since = request.since or workflow.now() - LOOK_BACK
        step = ReconcileStep(run_id=run_id, since=since, at=workflow.now())
        try:
            result = await _compare(step, "first look")
            if result.followed:
                await workflow.sleep(SETTLING, summary="until refunds have been looked at")
                step = step.model_copy(update={"at": workflow.now()})
                result = await _compare(step, "what is left")
        except ActivityError:
            workflow.set_current_details("a provider did not answer; the next run tries again")
            return Reconciled()
        workflow.set_current_details(
            f"{result.listed} refunds listed, {result.differences} don't agree"
        )
        return result


async def _compare(step: ReconcileStep, summary: str) -> Reconciled:
    return await workflow.execute_activity_method(
        ReconciliationSteps.reconcile_refunds,
        step,
        **named(RECONCILE, f"reconcile_refunds {summary}", summary),
    )
