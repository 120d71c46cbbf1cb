"""The saga: one cancellation of an order or an appointment, from the request to the last mail."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import (
    ApplicationError,
    FailureError,
    WorkflowAlreadyStartedError,
    is_cancelled_exception,
)
from temporalio.workflow import ActivityConfig, ParentClosePolicy

from activities.signatures import (
    RefundSteps,
    SlotSteps,
    StatusSteps,
    StockSteps,
    ValidationSteps,
)
from domain.contracts import (
    Answer,
    Ask,
    Attention,
    CancellationResult,
    CancelSubject,
    Cause,
    ConfirmHold,
    Ending,
    FollowRefund,
    Pivot,
    Reply,
    ReplyKind,
    Resolution,
    Restore,
    Standing,
    Step,
    Validate,
    Verdict,
)
from domain.decisions import OnRefused
from domain.ids import refund_workflow
from workflows.desk import Desk
from workflows.display import Display
from workflows.failures import cause_of
from workflows.mails import Mails
from workflows.options import BRIEF, QUICK, UNTIL_DONE, named
from workflows.payout import is_refused
from workflows.refund import Refund
from workflows.replies import CLOCK, Replies
from workflows.saga import Saga, uncancellable

Turn = tuple[Ending, Cause]
SimpleStep = Callable[[Any, Step], Awaitable[None]]


@workflow.defn
class Cancellation:
    """Cancel an order or an appointment and return what is owed.

    validate, confirm_hold, release_slots, restock, trigger_refunds (compensable),
    update_status (pivot), follow each refund and notify (retriable)
    """

    @workflow.init
    def __init__(self, request: CancelSubject) -> None:
        self._request = request
        self._id = request.cancellation_id
        self._saga = Saga()
        self._replies = Replies()
        self._mails = Mails(self._id)
        self._display = Display(request.subject)
        self._desk = Desk(self._flag, lambda: self._saga.is_sealed)
        self._verdict: Verdict | None = None
        self._turn: Turn = (Ending.RESTORED, Cause.STEP_FAILED)
        self._is_at_rest = False

    @workflow.run
    async def run(self, request: CancelSubject) -> CancellationResult:
        if request.resume:
            result, _ = await uncancellable(self._resume())
        else:
            result = await self._cancel()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return result

    async def _cancel(self) -> CancellationResult:
        try:
            verdict = await self._validate()
            if verdict.is_declined:
                return self._end(Ending.DECLINED, verdict.cause)
            verdict, turn = await self._wait(verdict)
            if turn:
                return await self._turn_back(*turn)
            await self._release(verdict)
            await self._trigger_refunds(verdict)  # seals the saga at the first yes or silence
        except (FailureError, asyncio.CancelledError) as error:
            result = await self._turn_back(Ending.RESTORED, cause_of(error))
            if is_cancelled_exception(error):
                await workflow.wait_condition(workflow.all_handlers_finished)
                raise
            return result
        self._saga.seal()
        result, was_cancelled = await uncancellable(self._finish())
        if was_cancelled:
            self._display.note("a cancel came after the point of no return and was passed over")
        return result

    # The steps, in their order

    async def _validate(self) -> Verdict:
        step = Validate(request=self._request, at=workflow.now())
        verdict = await self._saga.attempt(
            workflow.execute_local_activity_method(
                ValidationSteps.validate, step, **named(QUICK, "validate", "decide and hold")
            ),
            self._restore_status,
        )
        return self._decided(verdict)

    async def _wait(self, verdict: Verdict) -> tuple[Verdict, Turn | None]:
        """Wait for approval and through the undo window, where the decision asks for them.

        The verdict comes back as it stands then, since an approval may set the amounts; and how
        to turn back, if somebody said no, took it back, or facts overtook it.
        """
        if verdict.approval_until:
            await self._await_approval(verdict)
            if not self._replies.refusal:
                verdict = await self._confirm_hold(self._replies.approval)
        if verdict.undo_until and not self._replies.refusal and not verdict.is_declined:
            await self._await_undo(verdict.undo_until)
            if not self._replies.refusal:
                verdict = await self._confirm_hold(None)
        turn = self._replies.refusal
        if not turn and verdict.is_declined:
            turn = (Ending.RESTORED, Cause.OVERTAKEN)
        self._replies.is_closed = True
        return verdict, turn

    async def _await_approval(self, verdict: Verdict) -> None:
        until = verdict.approval_until or workflow.now()
        self._display.begin("awaiting_approval", f"waits for approval until {_utc(until)}")
        self._mails.send_soon("received")
        self._replies.awaits_approval = True
        if not await _until(until, lambda: self._replies.has_approval, "approval deadline"):
            kind = ReplyKind.APPROVED if verdict.approve_by_default else ReplyKind.DECLINED
            self._replies.take(Reply(cancellation_id=self._id, kind=kind, actor=CLOCK))
        self._replies.awaits_approval = False

    async def _await_undo(self, until: datetime) -> None:
        self._display.begin("undo_window", f"can be taken back until {_utc(until)}")
        self._mails.send_soon("undo window")
        await _until(until, lambda: self._replies.taken_back is not None, "undo window")

    async def _confirm_hold(self, reply: Reply | None) -> Verdict:
        step = ConfirmHold(cancellation_id=self._id, at=workflow.now(), reply=reply)
        verdict = await workflow.execute_local_activity_method(
            ValidationSteps.confirm_hold,
            step,
            **named(QUICK, "confirm_hold", "look at the facts again"),
        )
        return self._decided(verdict)

    async def _release(self, verdict: Verdict) -> None:
        if verdict.release:
            await self._saga.attempt(
                self._do(SlotSteps.release_slots, "release_slots", "release the reserved time"),
                self._reserve_slots,
            )
            self._display.note("the reserved time is released")
        if verdict.restock:
            await self._saga.attempt(
                self._do(StockSteps.restock, "restock", "put the goods back"), self._unrestock
            )
            self._display.note("the goods are back")

    async def _trigger_refunds(self, verdict: Verdict) -> None:
        """Ask the providers one after another. A cancel meanwhile counts until the first yes."""
        if verdict.refunds:
            self._display.begin("trigger_refunds", "asks for the money to be returned")
            self._saga.owe(self._drop_refunds)
        for refund in verdict.refunds:
            refused, was_cancelled = await uncancellable(
                is_refused(self._id, refund, self._display)
            )
            if not refused:
                self._saga.seal()
            if was_cancelled and not self._saga.is_sealed:
                raise asyncio.CancelledError
            if refused and not self._saga.is_sealed and verdict.on_refused is OnRefused.RESTORE:
                raise ApplicationError("rejected", type="RefundRejected", non_retryable=True)

    async def _finish(self) -> CancellationResult:
        """The pivot and what must follow. Nothing stops it any more."""
        self._display.begin("update_status", "becomes cancelled")
        pivot = Pivot(cancellation_id=self._id, at=workflow.now())
        done = await self._desk.until_done(
            "update_status",
            lambda: workflow.execute_activity_method(
                StatusSteps.update_status,
                pivot,
                **named(UNTIL_DONE, "update_status", "the point of no return"),
            ),
        )
        self._is_at_rest = True
        self._display.note("everything is cancelled; what follows can't fail any more")
        await self._settle(done.owed if done else ())
        return self._end(Ending.CANCELLED, None)

    async def _settle(self, owed: tuple[UUID, ...]) -> None:
        for refund_id in owed:
            await _follow(refund_id)
            self._display.note(f"refund {refund_id} is followed by a run of its own")
        await self._mails.send_last()

    async def _turn_back(self, ending: Ending, cause: Cause) -> CancellationResult:
        """Put everything back in reverse order, and say so."""
        self._replies.is_closed = True
        self._turn = (ending, cause)
        self._display.begin("compensate", f"puts everything back: {cause}")
        await uncancellable(self._saga.compensate())
        self._is_at_rest = True
        await uncancellable(self._mails.send_last())
        return self._end(ending, cause)

    async def _resume(self) -> CancellationResult:
        """Pick up a run that was closed before its end: forward if sealed, else back."""
        self._replies.is_closed = True
        progress = await workflow.execute_activity_method(
            StatusSteps.read_progress,
            Step(cancellation_id=self._id, at=workflow.now()),
            **named(UNTIL_DONE, "read_progress", "what the closed run had done"),
        )
        if progress.verdict is None:
            self._replies.is_closed = False
            return await self._cancel()
        self._decided(progress.verdict)
        if progress.at_rest:
            self._is_at_rest = True
            await self._settle(progress.owed)
            return self._end(progress.at_rest, progress.verdict.cause)
        if progress.sealed:
            self._saga.seal()
            return await self._finish()
        self._owe_everything()
        return await self._turn_back(Ending.RESTORED, Cause.STOPPED_BY_OPS)

    # What undoes them

    def _owe_everything(self) -> None:
        """Owe every undo: each accepts that there is nothing to undo."""
        self._saga.owe(self._restore_status)
        self._saga.owe(self._reserve_slots)
        self._saga.owe(self._unrestock)
        self._saga.owe(self._drop_refunds)

    async def _reserve_slots(self) -> None:
        await self._undo(SlotSteps.reserve_slots, "reserve_slots", "reserve the time again")

    async def _unrestock(self) -> None:
        await self._undo(StockSteps.unrestock, "unrestock", "take the goods out again")

    async def _drop_refunds(self) -> None:
        await self._undo(RefundSteps.drop_refunds, "drop_refunds", "no refund after all")

    async def _undo(self, step: SimpleStep, name: str, summary: str) -> None:
        await self._desk.until_done(name, lambda: self._do(step, name, summary, UNTIL_DONE))

    async def _restore_status(self) -> None:
        ending, cause = self._turn
        step = Restore(
            cancellation_id=self._id,
            at=workflow.now(),
            n=self._request.n,
            ending=ending,
            cause=cause,
            actor=self._replies.actor_of(cause),
        )
        await self._desk.until_done(
            "restore_status",
            lambda: workflow.execute_activity_method(
                StatusSteps.restore_status,
                step,
                **named(UNTIL_DONE, "restore_status", f"{ending}: {cause}"),
            ),
        )

    # What people may ask and say

    @workflow.update
    async def ask(self, ask: Ask) -> Answer:
        """Wait for the decision, and say whether it is the asker's own, shared, or another's."""
        await workflow.wait_condition(lambda: self._verdict is not None or self._is_at_rest)
        return Answer(standing=self._standing(ask), cancellation_id=self._id)

    def _standing(self, ask: Ask) -> Standing:
        if ask.cancellation_id == self._id:
            return Standing.OWN
        if self._is_at_rest:
            return Standing.CLOSED
        same = ask.fingerprint == self._request.fingerprint
        return Standing.JOINED if same else Standing.BUSY

    @workflow.update
    async def reply(self, reply: Reply) -> None:
        """Approve, decline, or take back."""
        self._replies.take(reply)
        self._display.note(f"{reply.kind} by {reply.actor}")

    @reply.validator
    def check_reply(self, reply: Reply) -> None:
        self._check_own(reply.cancellation_id)
        self._replies.check(reply)

    @workflow.update
    async def resolve(self, resolution: Resolution) -> None:
        """Choose a way out of a step that waits for a person."""
        self._desk.take(resolution)
        self._display.note(f"{resolution.step}: {resolution.choice} by {resolution.actor}")

    @resolve.validator
    def check_resolution(self, resolution: Resolution) -> None:
        self._check_own(resolution.cancellation_id)
        self._desk.check(resolution)

    def _check_own(self, cancellation_id: UUID) -> None:
        if cancellation_id != self._id:
            raise ApplicationError("this run is another cancellation", type="AlreadyAnswered")

    # What ops see

    def _do(
        self, step: SimpleStep, name: str, summary: str, options: ActivityConfig = BRIEF
    ) -> Awaitable[None]:
        self._display.begin(name, summary)
        argument = Step(cancellation_id=self._id, at=workflow.now())
        return workflow.execute_activity_method(step, argument, **named(options, name, summary))

    def _decided(self, verdict: Verdict) -> Verdict:
        self._verdict = verdict
        self._display.decided(verdict)
        return verdict

    async def _flag(self, step: str | None, failure: str) -> None:
        self._display.attention(step)
        await workflow.execute_activity_method(
            StatusSteps.flag_attention,
            Attention(cancellation_id=self._id, at=workflow.now(), step=step, failure=failure),
            **named(UNTIL_DONE, "flag_attention", f"{step} waits" if step else "goes on"),
        )
        if step:
            self._mails.send_soon("attention")

    def _end(self, ending: Ending, cause: Cause | None) -> CancellationResult:
        self._is_at_rest = self._replies.is_closed = True
        self._display.ended(ending, cause)
        verdict = self._verdict if ending is Ending.CANCELLED else None
        return CancellationResult(
            ending=ending,
            cause=cause,
            refund_minor=verdict.refund_minor if verdict else 0,
            currency=verdict.currency if verdict else "XXX",
        )


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%d %b %Y %H:%M} UTC"


async def _until(moment: datetime, answered: Callable[[], bool], summary: str) -> bool:
    """Wait for an answer until that moment, and say whether there was one."""
    left = max(moment - workflow.now(), timedelta(milliseconds=1))
    try:
        await workflow.wait_condition(answered, timeout=left, timeout_summary=summary)
    except TimeoutError:
        return False
    return True


async def _follow(refund_id: UUID) -> None:
    """Start the refund's own run; one that is there already is enough."""
    try:
        await workflow.start_child_workflow(
            Refund.run,
            FollowRefund(refund_id=refund_id),
            id=refund_workflow(refund_id),
            parent_close_policy=ParentClosePolicy.ABANDON,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        )
    except WorkflowAlreadyStartedError:
        workflow.logger.info("refund %s is followed already", refund_id)
