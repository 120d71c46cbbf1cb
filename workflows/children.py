"""Runs that a cancellation starts and leaves to themselves: a refund, a held card."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from domain.subjects import SubjectRef
from workflows import attributes

A = TypeVar("A")


async def start_own_run(
    run: Callable[[Any, A], Awaitable[Any]], request: A, id_: str, subject: SubjectRef, summary: str
) -> None:
    """Start a run that outlives this one; one of that id that is there already is enough."""
    try:
        await workflow.start_child_workflow(
            run,
            request,
            id=id_,
            parent_close_policy=ParentClosePolicy.ABANDON,
            search_attributes=TypedSearchAttributes(
                [
                    SearchAttributePair(attributes.KIND, subject.kind.value),
                    SearchAttributePair(attributes.SUBJECT, subject.id),
                ]
            ),
            static_summary=summary,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        )
    except WorkflowAlreadyStartedError:
        workflow.logger.info("%s runs already", id_)
