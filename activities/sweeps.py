"""Finding work that lost its run: after an outage, a termination, or a start nobody heard of."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.service import RPCError, RPCStatusCode

from activities.help import call_for_help
from activities.refund_news import ask_for_help
from activities.signatures import SweepSteps
from domain.contracts import Batch, BatchResult, CancelSubject, FollowRefund, SettleCardHold
from domain.ids import cancellation_workflow, card_hold_workflow, refund_workflow
from domain.lifecycle import CancellationState
from domain.values import Value
from storage import cancellations, card_holds, events, notifications, refunds, requests, subjects
from storage.requests import RequestRow, RequestState
from storage.subjects import SubjectRow

GRACE = timedelta(minutes=1)
"""How long a request or a change may be without a run before the sweep looks at it."""

OVERDUE = timedelta(minutes=5)
SOME_MAILS = 20
"""Mails that are due for so long are tried by the sweep as well, a few at a time."""

CANCELLATION = "Cancellation"
REFUND = "Refund"
SETTLE_HOLD = "SettleHold"
"""The workflows' names: activities don't import workflows."""

_KIND = SearchAttributeKey.for_keyword("RescindKind")
_SUBJECT = SearchAttributeKey.for_keyword("RescindSubject")


class Sweeps(SweepSteps):
    """Compares our rows with Temporal's runs."""

    def __init__(
        self, sessions: async_sessionmaker[AsyncSession], client: Client, task_queue: str
    ) -> None:
        self._sessions = sessions
        self._client = client
        self._task_queue = task_queue

    @activity.defn
    async def start_forgotten_requests(self, batch: Batch) -> BatchResult:
        """Start each open request; one whose subject is at work for another is refused."""
        async with self._sessions() as session:
            forgotten = await requests.open_since(session, batch.at - GRACE, batch.limit)
        started = 0
        for asked in forgotten:
            started += await self._start(asked)
        return BatchResult(handled=started, more=len(forgotten) == batch.limit)

    @activity.defn
    async def flag_stranded(self, batch: Batch) -> BatchResult:
        """Put before a person what is not at rest and has no run. Waits of any length have one."""
        followed = await self._follow_refunds(batch)
        flagged = [one async for one in self._unrest(batch) if await self._is_flagged(one, batch)]
        async with self._sessions() as session:
            owed = await refunds.unrest(session, batch.at - GRACE, batch.limit)
            unsent = await notifications.overdue(session, batch.at - OVERDUE, SOME_MAILS)
        lost = [refund for refund in owed if await self._flag_refund(refund.id, batch)]
        told = {refund.cancellation_id or refund.request_id for refund in lost}
        concerned = {about for about in told if about is not None}
        return BatchResult(
            handled=len(flagged) + len(lost) + followed + await self._settle_holds(batch),
            concerned=tuple(concerned.union(flagged, unsent)),
        )

    async def _follow_refunds(self, batch: Batch) -> int:
        """Start the runs of refunds asked for on their own that have none: nothing was begun."""
        async with self._sessions() as session:
            rows = await refunds.unbegun(session, batch.at - GRACE, batch.limit)
        started = 0
        for row in rows:
            request = FollowRefund(refund_id=row.id)
            summary = "a refund that was asked for, started by the sweep"
            started += await self._start_run(REFUND, request, refund_workflow(row.id), summary)
        return started

    async def _settle_holds(self, batch: Batch) -> int:
        """Start the runs of held cards that have none: nothing was lost but their run."""
        async with self._sessions() as session:
            rows = await card_holds.unrest(session, batch.at - GRACE, batch.limit)
        started = 0
        for row in rows:
            request, id_ = SettleCardHold(hold_id=row.id), card_hold_workflow(row.id)
            summary = "a held card, started by the sweep"
            started += await self._start_run(SETTLE_HOLD, request, id_, summary)
        return started

    async def _unrest(self, batch: Batch) -> AsyncIterator[UUID]:
        """All cancellations that are not at rest, read page by page."""
        page, last = batch.limit, None
        while page == batch.limit:
            async with self._sessions() as session:
                rows = await cancellations.unrest(session, batch.at - GRACE, batch.limit, last)
            for row in rows:
                yield row.id
            page, last = len(rows), rows[-1].id if rows else None

    async def _start(self, asked: RequestRow) -> bool:
        async with self._sessions.begin() as session:
            row = await subjects.lock(session, asked.subject_id)
            other = await cancellations.at_work(session, row.id)
            if other and other.id != asked.id:
                await requests.settle(
                    session, asked.id, RequestState.REFUSED, refusal="subject_busy"
                )
                return False
            n = await cancellations.next_number(session, row.id)
        workflow_id = cancellation_workflow(row.subject, n)
        return await self._start_run(
            CANCELLATION,
            CancelSubject(
                cancellation_id=asked.id,
                subject=row.subject,
                n=n,
                fingerprint=asked.request.fingerprint(),
            ),
            workflow_id,
            f"{row.kind} {row.ref}, started by the sweep",
            TypedSearchAttributes(
                [
                    SearchAttributePair(_KIND, row.kind.value),
                    SearchAttributePair(_SUBJECT, row.ref),
                ]
            ),
        )

    async def _start_run(
        self,
        name: str,
        request: Value,
        id_: str,
        summary: str,
        attributes: TypedSearchAttributes = TypedSearchAttributes.empty,
    ) -> bool:
        """Start a run unless there is one. Returns whether it was started."""
        if await self._is_running(id_):
            return False
        await self._client.start_workflow(
            name,
            request,
            id=id_,
            task_queue=self._task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=summary,
            search_attributes=attributes,
        )
        return True

    async def _is_flagged(self, cancellation_id: UUID, batch: Batch) -> bool:
        async with self._sessions() as session:
            cancellation = await cancellations.get(session, cancellation_id)
            row = await session.get_one(SubjectRow, cancellation.subject_id)
        if await self._is_running(cancellation_workflow(row.subject, cancellation.n)):
            return False
        async with self._sessions.begin() as session:
            await subjects.lock(session, row.id)
            cancellation = await cancellations.get(session, cancellation_id)
            if cancellation.is_at_rest or cancellation.attention:
                return False
            cancellation.attention = "run"
            cancellation.attention_failure = "run_closed"
            cancellations.move(cancellation, CancellationState.NEEDS_ATTENTION, batch.at)
            await call_for_help(session, cancellation, "run", "run_closed", batch.at)
            await events.record(
                session,
                row.id,
                "needs_attention",
                batch.at,
                cancellation_id=cancellation_id,
                data={"step": "run", "failure": "run_closed"},
            )
        return True

    async def _flag_refund(self, refund_id: UUID, batch: Batch) -> bool:
        async with self._sessions() as session:
            refund = await refunds.find(session, refund_id)
            if refund is None:
                return False
            running = [refund_workflow(refund_id)]
            if refund.cancellation_id is not None:
                cancellation = await cancellations.get(session, refund.cancellation_id)
                row = await session.get_one(SubjectRow, refund.subject_id)
                running.append(cancellation_workflow(row.subject, cancellation.n))
        for workflow_id in running:
            if await self._is_running(workflow_id):
                return False
        async with self._sessions.begin() as session:
            await subjects.lock(session, refund.subject_id)
            refund = await refunds.find(session, refund_id)
            if refund is None or refund.attention is not None or refund.settled_at is not None:
                return False
            refund.attention = "refund"
            await ask_for_help(session, refund, "run_closed", batch.at)
            await events.record(
                session,
                refund.subject_id,
                "refund_needs_attention",
                batch.at,
                cancellation_id=refund.cancellation_id,
                data={"refund": str(refund_id), "failure": "run_closed"},
            )
        return True

    async def _is_running(self, workflow_id: str) -> bool:
        try:
            found = await self._client.get_workflow_handle(workflow_id).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return found.status is WorkflowExecutionStatus.RUNNING
