"""Comparing with the providers: once, and once more where something was looked at."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from temporalio import activity
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.signatures import ReconciliationSteps
from domain.contracts import Reconcile, Reconciled, ReconcileStep
from domain.errors import ProviderUnknown
from workflows.reconciliation import LOOK_BACK, SETTLING, ReconcileRefunds
from workflows.sandbox import runner


class Looks(ReconciliationSteps):
    """Finds one thing after another, the last for ever; a fault is raised."""

    def __init__(self, found: Sequence[Reconciled | Exception]) -> None:
        self.found = list(found)
        self.steps: list[ReconcileStep] = []

    @activity.defn
    async def reconcile_refunds(self, step: ReconcileStep) -> Reconciled:
        self.steps.append(step)
        found = self.found[0] if len(self.found) == 1 else self.found.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


async def reconcile(
    env: WorkflowEnvironment, queue: str, looks: Looks, *request: Reconcile
) -> Reconciled:
    worker = Worker(
        env.client,
        task_queue=queue,
        workflows=[ReconcileRefunds],
        activities=[looks.reconcile_refunds],
        workflow_runner=runner(),
    )
    async with worker:
        handle: WorkflowHandle[Any, Any] = await env.client.start_workflow(
            "ReconcileRefunds",
            args=request,
            id=f"reconciliation/{uuid4()}",
            task_queue=queue,
            result_type=Reconciled,
        )
        result: Reconciled = await handle.result()
        return result


async def test_what_was_looked_at_is_compared_once_more(
    env: WorkflowEnvironment, task_queue: str
) -> None:
    looks = Looks([Reconciled(listed=9, differences=2, followed=2), Reconciled(listed=9)])
    assert await reconcile(env, task_queue, looks) == Reconciled(listed=9)
    first, again = looks.steps
    assert (again.run_id, again.since) == (first.run_id, first.since)
    assert again.at - first.at >= SETTLING
    assert abs(first.at - first.since - LOOK_BACK) < timedelta(seconds=1)


async def test_a_look_that_comes_to_nothing_ends_the_run_without_a_failure(
    env: WorkflowEnvironment, task_queue: str
) -> None:
    looks = Looks([ProviderUnknown("there is no such provider")])
    asked = Reconcile(run_id=uuid4(), since=datetime(2026, 3, 1, tzinfo=UTC))
    assert await reconcile(env, task_queue, looks, asked) == Reconciled()
    assert [step.run_id for step in looks.steps] == [asked.run_id]
