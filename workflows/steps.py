"""The steps of one cancellation: each an activity with its name, its line for ops, its patience."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception
from temporalio.workflow import ActivityConfig

from activities.signatures import (
    RefundSteps,
    SlotSteps,
    StatusSteps,
    StockSteps,
    ValidationSteps,
    WarehouseSteps,
)
from domain.contracts import (
    AssumeStop,
    Attention,
    CancelSubject,
    Cause,
    ConfirmHold,
    Ending,
    Pivot,
    PivotResult,
    Progress,
    Reply,
    Restore,
    Step,
    Validate,
    Verdict,
)
from domain.warehouses import StopAnswer
from workflows.desk import Desk
from workflows.display import Display
from workflows.options import BRIEF, QUICK, UNTIL_DONE, WAREHOUSE, WITHDRAWAL, named

SimpleStep = Callable[[Any, Step], Awaitable[None]]


class Steps:
    """Steps before the seal fail after a while; undos and what follows go on until they are done,
    and if they never can be, a person is asked at the desk."""

    def __init__(self, request: CancelSubject, display: Display, desk: Desk) -> None:
        self._request = request
        self._id = request.cancellation_id
        self._display = display
        self._desk = desk

    async def validate(self) -> Verdict:
        return await workflow.execute_local_activity_method(
            ValidationSteps.validate,
            Validate(request=self._request, at=workflow.now()),
            **named(QUICK, "validate", "decide and hold"),
        )

    async def confirm_hold(self, reply: Reply | None) -> Verdict:
        return await workflow.execute_local_activity_method(
            ValidationSteps.confirm_hold,
            ConfirmHold(cancellation_id=self._id, at=workflow.now(), reply=reply),
            **named(QUICK, "confirm_hold", "look at the facts again"),
        )

    async def ask_to_stop(self, within: timedelta, until: str) -> StopAnswer:
        """Ask until the time to answer is over; one that can't be reached is silent."""
        self._display.begin("ask_to_stop", f"asks the warehouse to stop; it answers until {until}")
        bounded: ActivityConfig = {**WAREHOUSE, "schedule_to_close_timeout": within}
        try:
            return await workflow.execute_activity_method(
                WarehouseSteps.ask_to_stop,
                Step(cancellation_id=self._id, at=workflow.now()),
                **named(bounded, "ask_to_stop", "ask the warehouse to stop"),
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            return StopAnswer.PENDING

    async def assume_stop(self, answer: StopAnswer) -> StopAnswer:
        return await workflow.execute_activity_method(
            WarehouseSteps.assume_stop,
            AssumeStop(cancellation_id=self._id, at=workflow.now(), answer=answer),
            **named(BRIEF, "assume_stop", f"no answer in time: {answer}"),
        )

    async def withdraw_stop(self) -> None:
        summary = "let the warehouse go on"
        await self._desk.until_done(
            "withdraw_stop",
            lambda: self._do(WarehouseSteps.withdraw_stop, "withdraw_stop", summary, WITHDRAWAL),
        )

    async def release_slots(self) -> None:
        await self._do(SlotSteps.release_slots, "release_slots", "release the reserved time")

    async def reserve_slots(self) -> None:
        await self._undo(SlotSteps.reserve_slots, "reserve_slots", "reserve the time again")

    async def restock(self) -> None:
        await self._do(StockSteps.restock, "restock", "put the goods back")

    async def unrestock(self) -> None:
        await self._undo(StockSteps.unrestock, "unrestock", "take the goods out again")

    async def drop_refunds(self) -> None:
        await self._undo(RefundSteps.drop_refunds, "drop_refunds", "no refund after all")

    async def restore_status(self, ending: Ending, cause: Cause, actor: str) -> None:
        step = Restore(
            cancellation_id=self._id,
            at=workflow.now(),
            n=self._request.n,
            ending=ending,
            cause=cause,
            actor=actor,
        )
        options = named(UNTIL_DONE, "restore_status", f"{ending}: {cause}")
        await self._desk.until_done(
            "restore_status",
            lambda: workflow.execute_activity_method(StatusSteps.restore_status, step, **options),
        )

    async def update_status(self) -> PivotResult:
        self._display.begin("update_status", "becomes cancelled")
        step = Pivot(cancellation_id=self._id, at=workflow.now())
        options = named(UNTIL_DONE, "update_status", "the point of no return")
        done = await self._desk.until_done(
            "update_status",
            lambda: workflow.execute_activity_method(StatusSteps.update_status, step, **options),
        )
        return done or PivotResult()

    async def read_progress(self) -> Progress:
        return await workflow.execute_activity_method(
            StatusSteps.read_progress,
            Step(cancellation_id=self._id, at=workflow.now()),
            **named(UNTIL_DONE, "read_progress", "what the closed run had done"),
        )

    async def flag_attention(self, step: str | None, failure: str) -> None:
        await workflow.execute_activity_method(
            StatusSteps.flag_attention,
            Attention(cancellation_id=self._id, at=workflow.now(), step=step, failure=failure),
            **named(UNTIL_DONE, "flag_attention", f"{step} waits" if step else "goes on"),
        )

    async def _undo(self, step: SimpleStep, name: str, summary: str) -> None:
        await self._desk.until_done(name, lambda: self._do(step, name, summary, UNTIL_DONE))

    async def _do(
        self, step: SimpleStep, name: str, summary: str, options: ActivityConfig = BRIEF
    ) -> None:
        self._display.begin(name, summary)
        argument = Step(cancellation_id=self._id, at=workflow.now())
        await workflow.execute_activity_method(step, argument, **named(options, name, summary))
