"""Steps that only remember that they were called, and fail where a test says so."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from temporalio import activity

from activities.signatures import (
    CardHoldSteps,
    NotificationSteps,
    RefundSteps,
    SlotSteps,
    StatusSteps,
    StockSteps,
    ValidationSteps,
    WarehouseSteps,
)
from domain.card_holds import CardHoldState
from domain.contracts import (
    AnswerCardHold,
    AssumeStop,
    Attention,
    CardHoldResult,
    CardHoldStep,
    ClimbRefund,
    ConfirmHold,
    Mailing,
    Pivot,
    PivotResult,
    Progress,
    RefundResult,
    RefundStep,
    Restore,
    SettleRefund,
    Step,
    Validate,
    Verdict,
)
from domain.lifecycle import RefundState
from domain.warehouses import StopAnswer

Faults = BaseException | Sequence[BaseException | None]


class FakeSteps(
    ValidationSteps,
    WarehouseSteps,
    SlotSteps,
    StockSteps,
    RefundSteps,
    CardHoldSteps,
    StatusSteps,
    NotificationSteps,
):
    """A fault is raised at every call of its step, or one after another from a list.

    `noes` are what looks at a refund find one after another, before it has succeeded: whether each
    may pass; `held` likewise where held cards stand, before they are done. `found` is what steps of
    a refund's run find, one after another. `calls` are the steps in the order in which they were
    called, repeats included.
    """

    def __init__(
        self,
        verdict: Verdict,
        *,
        confirmed: Verdict | None = None,
        progress: Progress | None = None,
        owed: PivotResult | None = None,
        looked_up: RefundState = RefundState.REQUESTED,
        refund: RefundState = RefundState.SUCCEEDED,
        noes: Sequence[bool] = (),
        found: Sequence[dict[str, Any]] = (),
        held: Sequence[CardHoldState] = (),
        stop: StopAnswer = StopAnswer.PENDING,
        **faults: Faults,
    ) -> None:
        self.verdict = verdict
        self.confirmed = confirmed or verdict
        self.progress = progress
        self.pivot = owed or PivotResult()
        self.looked_up = looked_up
        self.refund = refund
        self.noes = list(noes)
        self.found = list(found)
        self.settled: list[SettleRefund] = []
        self.held = list(held)
        self.stop = stop
        self.faults = {name: _script(fault) for name, fault in faults.items()}
        self.calls: list[str] = []
        self.called = asyncio.Event()
        self.restored: list[Restore] = []
        self.confirmations: list[ConfirmHold] = []
        self.flags: list[Attention] = []
        self.mailed: list[UUID] = []

    async def reached(self, step: str, times: int = 1) -> None:
        """Wait until a step was called so many times."""
        async with asyncio.timeout(20):
            while self.calls.count(step) < times:
                await self.called.wait()

    def steps(self) -> list[Callable[..., Any]]:
        methods = (getattr(self, name) for name in dir(self) if not name.startswith("_"))
        return [each for each in methods if hasattr(each, "__temporal_activity_definition")]

    def _called(self, name: str) -> None:
        self.calls.append(name)
        self.called.set()
        self.called.clear()
        if fault := next(self.faults.get(name, iter(())), None):
            raise fault

    @activity.defn
    async def validate(self, step: Validate) -> Verdict:
        self._called("validate")
        return self.verdict

    @activity.defn
    async def confirm_hold(self, step: ConfirmHold) -> Verdict:
        self.confirmations.append(step)
        self._called("confirm_hold")
        return self.confirmed

    @activity.defn
    async def ask_to_stop(self, step: Step) -> StopAnswer:
        self._called("ask_to_stop")
        return self.stop

    @activity.defn
    async def assume_stop(self, step: AssumeStop) -> StopAnswer:
        self._called("assume_stop")
        return step.answer

    @activity.defn
    async def withdraw_stop(self, step: Step) -> None:
        self._called("withdraw_stop")

    @activity.defn
    async def release_slots(self, step: Step) -> None:
        self._called("release_slots")

    @activity.defn
    async def reserve_slots(self, step: Step) -> None:
        self._called("reserve_slots")

    @activity.defn
    async def restock(self, step: Step) -> None:
        self._called("restock")

    @activity.defn
    async def unrestock(self, step: Step) -> None:
        self._called("unrestock")

    @activity.defn
    async def trigger_refund(self, step: RefundStep) -> RefundResult:
        self._called("trigger_refund")
        return RefundResult(refund_id=step.refund_id, state=self.refund)

    @activity.defn
    async def look_up_refund(self, step: RefundStep) -> RefundResult:
        self._called("look_up_refund")
        return RefundResult(refund_id=step.refund_id, state=self.looked_up)

    @activity.defn
    async def drop_refunds(self, step: Step) -> None:
        self._called("drop_refunds")

    @activity.defn
    async def follow_refund(self, step: RefundStep) -> RefundResult:
        self._called("follow_refund")
        if not self.noes:
            return self._found(step.refund_id, RefundState.SUCCEEDED)
        no = RefundResult(refund_id=step.refund_id, state=RefundState.FAILED, failure="declined")
        return no.model_copy(update={"retryable": self.noes.pop(0)})

    @activity.defn
    async def settle_refund(self, step: SettleRefund) -> RefundResult:
        self.settled.append(step)
        self._called("settle_refund")
        return self._found(step.settlement.refund_id, RefundState.PAID_OTHERWISE)

    @activity.defn
    async def read_refund(self, step: RefundStep) -> RefundResult:
        self._called("read_refund")
        return self._found(step.refund_id, RefundState.REQUESTED)

    @activity.defn
    async def climb_refund(self, step: ClimbRefund) -> RefundResult:
        self._called(f"climb_refund {step.to}")
        return self._found(step.refund_id, RefundState.SUCCEEDED)

    @activity.defn
    async def warn_refund(self, step: RefundStep) -> RefundResult:
        self._called("warn_refund")
        return self._found(step.refund_id, RefundState.SUCCEEDED)

    def _found(self, refund: UUID, otherwise: RefundState) -> RefundResult:
        told = self.found.pop(0) if self.found else {"state": otherwise}
        return RefundResult(refund_id=refund, **told)

    @activity.defn
    async def escalate_refund(self, step: RefundStep) -> UUID | None:
        self._called("escalate_refund")
        return None

    @activity.defn
    async def settle_card_hold(self, step: CardHoldStep) -> CardHoldResult:
        self._called("settle_card_hold")
        state = self.held.pop(0) if self.held else CardHoldState.DONE
        return CardHoldResult(hold_id=step.hold_id, state=state)

    @activity.defn
    async def escalate_card_hold(self, step: CardHoldStep) -> UUID | None:
        self._called("escalate_card_hold")
        return None

    @activity.defn
    async def answer_card_hold(self, step: AnswerCardHold) -> CardHoldResult:
        self._called("answer_card_hold")
        return CardHoldResult(hold_id=step.word.hold_id, state=CardHoldState.WAIVED)

    @activity.defn
    async def update_status(self, step: Pivot) -> PivotResult:
        self._called("update_status")
        return self.pivot

    @activity.defn
    async def restore_status(self, step: Restore) -> None:
        self.restored.append(step)
        self._called("restore_status")

    @activity.defn
    async def flag_attention(self, step: Attention) -> None:
        self.flags.append(step)
        self._called("flag_attention")

    @activity.defn
    async def read_progress(self, step: Step) -> Progress:
        self._called("read_progress")
        assert self.progress is not None
        return self.progress

    @activity.defn
    async def send_notifications(self, step: Mailing) -> None:
        self.mailed.append(step.about)
        self._called("send_notifications")

    @activity.defn
    async def park_notifications(self, step: Mailing) -> None:
        self._called("park_notifications")


def _script(fault: Faults) -> Any:
    if isinstance(fault, BaseException):
        return iter(lambda: fault, None)
    return iter(fault)
