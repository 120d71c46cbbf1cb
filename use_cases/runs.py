"""Runs at Temporal: the only place that starts, updates or looks at one."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from temporalio.client import (
    Client,
    RPCError,
    WithStartWorkflowOperation,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCStatusCode

from domain import ids
from domain.contracts import (
    Answer,
    Ask,
    CancellationResult,
    CancelSubject,
    CardHoldWord,
    FollowRefund,
    Reconcile,
    Reply,
    Resolution,
    SettleCardHold,
    Settlement,
    Standing,
    WarehouseWord,
)
from domain.errors import ServiceUnavailable
from domain.subjects import SubjectRef
from domain.values import Value
from use_cases.run_errors import COMPLETED, NoRun, refused, translated, type_of
from workflows.attributes import KIND, REASON, SUBJECT
from workflows.cancellation import Cancellation
from workflows.card_hold import SettleHold
from workflows.reconciliation import ReconcileRefunds
from workflows.refund import Refund

_PROBE_AFTER = 1.0
"""Seconds without an answer after which we look whether anybody is there."""

_PROBE = timedelta(seconds=3)

T = TypeVar("T")
Handle = WorkflowHandle[Cancellation, CancellationResult]


class Runs:
    """Temporal, connected when first needed, so that the API starts without it."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[Client]],
        task_queue: str,
        patience: timedelta = timedelta(seconds=5),
    ) -> None:
        self._connect = connect
        self._task_queue = task_queue
        self._patience = patience.total_seconds()
        self._client: Client | None = None
        self._connecting = asyncio.Lock()

    async def ask(self, request: CancelSubject, summary: str, reason: str | None) -> Answer:
        """Start a run, or find the one there is, and wait for its decision.

        A run of that id that is closed answers `closed`. Raises TimeoutError when nobody decided
        in time, and ServiceUnavailable when Temporal can't be reached: it may have been asked.
        """
        client = await self._reach()
        start = self._start(request, summary, reason)
        try:
            return await self._patiently(
                client.execute_update_with_start_workflow(
                    Cancellation.ask,
                    Ask(cancellation_id=request.cancellation_id, fingerprint=request.fingerprint),
                    start_workflow_operation=start,
                    id=str(request.cancellation_id),
                ),
            )
        except WorkflowAlreadyStartedError:
            return _closed(request)
        except WorkflowUpdateFailedError as error:
            if type_of(error) == COMPLETED:
                return _closed(request)
            raise
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return _closed(request)
            raise translated(error) from error
        finally:
            await _retrieve(start)

    async def reply(self, subject: SubjectRef, n: int, reply: Reply) -> None:
        """Answer a wait. Raises AlreadyAnswered, NoRun."""
        handle = await self._handle(subject, n)
        update = handle.execute_update(Cancellation.reply, reply, id=str(uuid4()))
        await self._told(update)

    async def answer_warehouse(self, subject: SubjectRef, n: int, word: WarehouseWord) -> None:
        """Tell a run what the warehouse answered. Raises AlreadyAnswered, NoRun."""
        handle = await self._handle(subject, n)
        await self._told(
            handle.execute_update(Cancellation.answer_warehouse, word, id=str(uuid4()))
        )

    async def resolve(self, subject: SubjectRef, n: int, resolution: Resolution) -> None:
        """Give a step its way out. Raises AlreadyAnswered, ChoiceNotAllowed, NoRun."""
        handle = await self._handle(subject, n)
        update = handle.execute_update(Cancellation.resolve, resolution, id=str(uuid4()))
        await self._told(update)

    async def settle(self, settlement: Settlement) -> None:
        """Tell a refund's run a person's word, starting one if none is open."""
        await self._tell_or_start(
            Refund.run,
            FollowRefund(refund_id=settlement.refund_id),
            ids.refund_workflow(settlement.refund_id),
            Refund.settle,
            settlement,
        )

    async def follow(self, refund_id: UUID) -> None:
        """Have a refund looked at now: its open run is told, else one starts under its id.

        Also one that had succeeded, which may have failed since. Safe at any time.
        """
        client = await self._reach()
        try:
            await client.start_workflow(
                Refund.run,
                FollowRefund(refund_id=refund_id),
                id=ids.refund_workflow(refund_id),
                task_queue=self._task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                start_signal="hint",
                static_summary=f"refund {refund_id}",
            )
        except RPCError as error:
            raise translated(error) from error

    async def answer_card_hold(self, word: CardHoldWord) -> None:
        """Tell a held card's run a person's word, starting one if none is open."""
        await self._tell_or_start(
            SettleHold.run,
            SettleCardHold(hold_id=word.hold_id),
            ids.card_hold_workflow(word.hold_id),
            SettleHold.answer,
            word,
        )

    async def _tell_or_start(
        self, run: Any, request: Value, workflow_id: str, update: Any, word: Value
    ) -> None:
        """Give a run a person's word; one that has ended starts again under its id to hear it."""
        client = await self._reach()
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            run,
            request,
            id=workflow_id,
            task_queue=self._task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        )
        try:
            await self._patiently(
                client.execute_update_with_start_workflow(
                    update, word, start_workflow_operation=start, id=str(uuid4())
                ),
            )
        except WorkflowUpdateFailedError as error:
            raise refused(error) from error
        except RPCError as error:
            raise translated(error) from error
        finally:
            await _retrieve(start)

    async def reconcile(self, run_id: UUID, since: datetime) -> None:
        """Start comparing our refunds with the providers'; the same again is one run."""
        client = await self._reach()
        try:
            await client.start_workflow(
                ReconcileRefunds.run,
                Reconcile(run_id=run_id, since=since),
                id=f"reconciliation/{run_id}",
                task_queue=self._task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary="compares refunds with what the providers list",
            )
        except RPCError as error:
            raise translated(error) from error

    async def resume(self, request: CancelSubject) -> None:
        """Start a closed run again under its id; one that is open meanwhile is left alone."""
        client = await self._reach()
        try:
            await client.start_workflow(
                Cancellation.run,
                request,
                id=ids.cancellation_workflow(request.subject, request.n),
                task_queue=self._task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                static_summary=f"{request.subject.kind} {request.subject.id}, resumed",
                search_attributes=_attributes(request.subject, None),
            )
        except RPCError as error:
            raise translated(error) from error

    async def is_up(self) -> bool:
        """Whether Temporal answers at this moment."""
        try:
            client = await asyncio.wait_for(self._reach(), 2)
            return await client.service_client.check_health(timeout=_PROBE)
        except (ServiceUnavailable, RPCError, TimeoutError):
            return False

    async def _handle(self, subject: SubjectRef, n: int) -> Handle:
        client = await self._reach()
        return client.get_workflow_handle_for(
            Cancellation.run, ids.cancellation_workflow(subject, n)
        )

    async def _told(self, update: Awaitable[None]) -> None:
        try:
            await self._patiently(update)
        except WorkflowUpdateFailedError as error:
            raise refused(error) from error
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise NoRun(error.message) from error
            raise translated(error) from error

    def _start(
        self, request: CancelSubject, summary: str, reason: str | None
    ) -> WithStartWorkflowOperation[Any, Any]:
        return WithStartWorkflowOperation(
            Cancellation.run,
            request,
            id=ids.cancellation_workflow(request.subject, request.n),
            task_queue=self._task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            static_summary=summary,
            search_attributes=_attributes(request.subject, reason),
        )

    async def _reach(self) -> Client:
        """The client, connected once. Raises ServiceUnavailable."""
        if self._client is None:
            async with self._connecting:
                if self._client is None:
                    try:
                        self._client = await self._connect()
                    except Exception as error:
                        raise ServiceUnavailable("Temporal can't be reached") from error
        return self._client

    async def _patiently(self, call: Awaitable[T]) -> T:
        """Wait as long as the patience lasts, looking early on whether anybody is there.

        The SDK keeps trying to reach a server that is down for longer than a caller would wait.
        """
        asked = asyncio.ensure_future(call)
        try:
            await asyncio.wait({asked}, timeout=min(_PROBE_AFTER, self._patience))
            if not asked.done() and not await self.is_up():
                raise ServiceUnavailable("Temporal can't be reached")
            await asyncio.wait({asked}, timeout=max(0, self._patience - _PROBE_AFTER))
            if not asked.done():
                raise TimeoutError("no worker answered in time")
            return asked.result()
        except WorkflowUpdateRPCTimeoutOrCancelledError as error:
            raise TimeoutError("no worker answered in time") from error
        finally:
            asked.cancel()
            with suppress(Exception, asyncio.CancelledError):
                await asked


def _attributes(subject: SubjectRef, reason: str | None) -> TypedSearchAttributes:
    pairs: list[SearchAttributePair[Any]] = [
        SearchAttributePair(KIND, subject.kind.value),
        SearchAttributePair(SUBJECT, subject.id),
    ]
    if reason:
        pairs.append(SearchAttributePair(REASON, reason))
    return TypedSearchAttributes(pairs)


def _closed(request: CancelSubject) -> Answer:
    return Answer(standing=Standing.CLOSED, cancellation_id=request.cancellation_id)


async def _retrieve(start: WithStartWorkflowOperation[Any, Any]) -> None:
    """Look at the start's own failure, or asyncio complains that nobody did."""
    with suppress(Exception, asyncio.CancelledError):
        await asyncio.wait_for(start.workflow_handle(), 0.01)
