"""The saga: one cancellation of an order or an appointment, from the request to the last mail."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception

from domain.contracts import (
    CLOCK,
    Answer,
    Ask,
    CancellationResult,
    CancelSubject,
    Cause,
    Ending,
    Reply,
    ReplyKind,
    Resolution,
    Standing,
    Verdict,
    WarehouseWord,
)
from domain.decisions import IfSilent, OnRefused
from domain.ids import refund_workflow
from domain.values import NO_CURRENCY
from domain.warehouses import StopAnswer
from workflows.desk import Desk
from workflows.display import Display
from workflows.failures import cause_of
from workflows.mails import Mails
from workflows.payout import is_refused
from workflows.replies import Replies
from workflows.saga import Saga, uncancellable
from workflows.steps import Steps
from workflows.stopping import Stopping
from workflows.waiting import in_utc, until

with workflow.unsafe.imports_passed_through():  # only started here: they run in their own sandboxes
    from workflows import card_hold
    from workflows.refund import follow

Turn = tuple[Ending, Cause]

_ASSUMED = {IfSilent.STOP: StopAnswer.STOPPED, IfSilent.REFUSE: StopAnswer.REFUSED}


@workflow.defn
class Cancellation:
    """Cancel an order or an appointment and return what is owed.

    validate, confirm_hold, ask_to_stop, release_slots, restock, trigger_refunds (compensable),
    update_status (pivot), follow each refund, settle each held card and notify (retriable)
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
        self._stopping = Stopping()
        self._steps = Steps(request, self._display, self._desk)
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
            turn = turn or await self._stop(verdict)
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
        return self._decided(await self._saga.attempt(self._steps.validate(), self._restore))

    async def _wait(self, verdict: Verdict) -> tuple[Verdict, Turn | None]:
        """Wait for approval and through the undo window, where the decision asks for them.

        The verdict comes back as it stands then, since an approval may set the amounts; and how
        to turn back, if somebody said no, took it back, or facts overtook it.
        """
        if verdict.approval_until:
            await self._await_approval(verdict, verdict.approval_until)
            if not self._replies.refusal:
                verdict = await self._confirm(self._replies.approval)
        if verdict.undo_until and not self._replies.refusal and not verdict.is_declined:
            await self._await_undo(verdict.undo_until)
            if not self._replies.refusal:
                verdict = await self._confirm(None)
        turn = self._replies.refusal
        if not turn and verdict.is_declined:
            turn = (Ending.RESTORED, Cause.OVERTAKEN)
        self._replies.is_closed = bool(turn) or verdict.warehouse is None
        return verdict, turn

    async def _await_approval(self, verdict: Verdict, deadline: datetime) -> None:
        self._display.begin("awaiting_approval", f"waits for approval until {in_utc(deadline)}")
        self._mails.send_soon("received")
        self._replies.awaits_approval = True
        if not await until(deadline, lambda: self._replies.has_approval, "approval deadline"):
            kind = ReplyKind.APPROVED if verdict.approve_by_default else ReplyKind.DECLINED
            self._replies.take(Reply(cancellation_id=self._id, kind=kind, actor=CLOCK))
        self._replies.awaits_approval = False

    async def _await_undo(self, end: datetime) -> None:
        self._display.begin("undo_window", f"can be taken back until {in_utc(end)}")
        self._mails.send_soon("undo window")
        await until(end, lambda: self._replies.taken_back is not None, "undo window")

    async def _confirm(self, reply: Reply | None) -> Verdict:
        return self._decided(await self._steps.confirm_hold(reply))

    async def _stop(self, verdict: Verdict) -> Turn | None:
        """Ask who packs to stop, where the policy says so. A no means that it is too late.

        The asker may still take it back while the answer is awaited.
        """
        if verdict.warehouse is None:
            return None
        self._saga.owe(self._steps.withdraw_stop)
        answer = await self._asked_to_stop(verdict.warehouse.within)
        self._stopping.is_open, self._replies.is_closed = False, True
        if self._replies.refusal:
            return self._replies.refusal
        if answer is StopAnswer.PENDING:
            answer = await self._steps.assume_stop(_ASSUMED[verdict.warehouse.if_silent])
        self._display.note(f"the warehouse: {answer}")
        return (Ending.DECLINED, Cause.OVERTAKEN) if answer is StopAnswer.REFUSED else None

    async def _asked_to_stop(self, within: timedelta) -> StopAnswer:
        """The answer, at once or later by itself; pending if time ran out or it was taken back."""
        deadline = workflow.now() + within
        self._stopping.is_open = True
        asking = asyncio.create_task(self._steps.ask_to_stop(within, in_utc(deadline)))
        try:
            await until(deadline, lambda: self._is_stopped_or_not(asking), "the warehouse's time")
        finally:
            asking.cancel()
        if self._stopping.has_answer or not asking.done():
            return self._stopping.answer
        return asking.result()

    def _is_stopped_or_not(self, asking: "asyncio.Task[StopAnswer]") -> bool:
        if self._stopping.has_answer or self._replies.taken_back:
            return True
        return asking.done() and asking.result() is not StopAnswer.PENDING

    async def _release(self, verdict: Verdict) -> None:
        if verdict.release:
            await self._saga.attempt(self._steps.release_slots(), self._steps.reserve_slots)
            self._display.note("the reserved time is released")
        if verdict.restock:
            await self._saga.attempt(self._steps.restock(), self._steps.unrestock)
            self._display.note("the goods are back")

    async def _trigger_refunds(self, verdict: Verdict) -> None:
        """Ask the providers one after another. A cancel meanwhile counts until the first yes."""
        if verdict.refunds:
            self._display.begin("trigger_refunds", "asks for the money to be returned")
            self._saga.owe(self._steps.drop_refunds)
        for refund in verdict.refunds:
            refused, was_cancelled = await uncancellable(
                is_refused(self._id, refund, verdict.patience, self._display)
            )
            if not refused:
                self._saga.seal()
            if was_cancelled and not self._saga.is_sealed:
                raise asyncio.CancelledError
            if refused and not self._saga.is_sealed and verdict.on_refused is OnRefused.RESTORE:
                raise ApplicationError("rejected", type="RefundRejected", non_retryable=True)

    async def _finish(self) -> CancellationResult:
        """The pivot and what must follow. Nothing stops it any more."""
        pivot = await self._steps.update_status()
        self._is_at_rest = True
        self._display.note("everything is cancelled; what follows can't fail any more")
        await self._settle(pivot.owed, pivot.holds)
        return self._end(Ending.CANCELLED, None)

    async def _settle(self, owed: tuple[UUID, ...], holds: tuple[UUID, ...]) -> None:
        for refund_id in owed:
            await follow(refund_id, self._request.subject)
            self._display.note(f"{refund_workflow(refund_id)} follows a refund that isn't at rest")
        for hold_id in holds:
            await card_hold.settle(hold_id, self._request.subject)
            self._display.note(f"held card {hold_id} is settled by a run of its own")
        await self._mails.send_last()

    # Ways out

    async def _turn_back(self, ending: Ending, cause: Cause) -> CancellationResult:
        """Put everything back in reverse order, and say so."""
        self._replies.is_closed = True
        self._turn = (ending, cause)
        self._display.begin("compensate", f"puts everything back: {cause}")
        await uncancellable(self._saga.compensate())
        self._is_at_rest = True
        await uncancellable(self._mails.send_last())
        return self._end(ending, cause)

    async def _restore(self) -> None:
        ending, cause = self._turn
        await self._steps.restore_status(ending, cause, self._replies.actor_of(cause))

    async def _resume(self) -> CancellationResult:
        """Pick up a run that was closed before its end: forward if sealed, else back."""
        progress = await self._steps.read_progress()
        if progress.verdict is None:
            return await self._cancel()
        self._replies.is_closed = True
        self._decided(progress.verdict)
        if progress.at_rest:
            self._is_at_rest = True
            await self._settle(progress.owed, progress.holds)
            return self._end(progress.at_rest, progress.verdict.cause)
        if progress.sealed:
            self._saga.seal()
            return await self._finish()
        if progress.verdict.warehouse:
            self._saga.owe(self._steps.withdraw_stop)
        for undo in (
            self._restore,
            self._steps.reserve_slots,
            self._steps.unrestock,
            self._steps.drop_refunds,
        ):
            self._saga.owe(undo)  # each accepts that there may be nothing to undo
        return await self._turn_back(Ending.RESTORED, Cause.STOPPED_BY_OPS)

    def _end(self, ending: Ending, cause: Cause | None) -> CancellationResult:
        self._is_at_rest = self._replies.is_closed = True
        self._display.ended(ending, cause)
        verdict = self._verdict if ending is Ending.CANCELLED else None
        return CancellationResult(
            ending=ending,
            cause=cause,
            refund_minor=verdict.refund_minor if verdict else 0,
            currency=verdict.currency if verdict else NO_CURRENCY,
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
    async def answer_warehouse(self, word: WarehouseWord) -> None:
        """Say whether the warehouse stopped. What it answered is on record before."""
        self._stopping.take(word)
        self._display.note(f"the warehouse answers {word.answer}")

    @answer_warehouse.validator
    def check_warehouse(self, word: WarehouseWord) -> None:
        self._check_own(word.cancellation_id)
        self._stopping.check(word)

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

    def _decided(self, verdict: Verdict) -> Verdict:
        self._verdict = verdict
        self._display.decided(verdict)
        return verdict

    async def _flag(self, step: str | None, failure: str) -> None:
        self._display.attention(step)
        await self._steps.flag_attention(step, failure)
        if step:
            self._mails.send_soon("attention")
