"""Runs without Temporal: the same steps in the same order, with repeats and lost replies."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from random import Random
from typing import Any, TypeVar
from uuid import UUID

from domain.contracts import (
    Answer,
    CancelSubject,
    Cause,
    ClimbRefund,
    Ending,
    Pivot,
    PlannedRefund,
    RefundResult,
    RefundStep,
    Restore,
    Settlement,
    SettleRefund,
    Standing,
    Step,
    Validate,
    Verdict,
)
from domain.decisions import OnRefused
from domain.errors import ProviderUnavailable, RefundRejected
from domain.lifecycle import RefundState
from use_cases.runs import Runs

T = TypeVar("T")
Steps = dict[str, Callable[[Any], Awaitable[Any]]]

TRIES = 2
"""Attempts at a provider that doesn't answer, before the cancellation stands with a debt."""


class Inline(Runs):
    """What a worker does for a cancellation and its refunds, done at once by whoever asks.

    A step is called again now and then, as after a reply that was lost.
    """

    def __init__(
        self, steps: Sequence[Callable[..., Any]], clock: Callable[[], datetime], chance: Random
    ) -> None:
        self._steps: Steps = {step.__name__: step for step in steps}
        self._clock = clock
        self._chance = chance

    async def ask(self, request: CancelSubject, summary: str, reason: str | None) -> Answer:
        id_ = request.cancellation_id
        verdict = await self._do("validate", Validate(request=request, at=self._clock()))
        if not verdict.is_declined:
            await self._cancel(request, verdict)
        return Answer(standing=Standing.OWN, cancellation_id=id_)

    async def _cancel(self, request: CancelSubject, verdict: Verdict) -> None:
        id_ = request.cancellation_id
        for name in [name for name in ("release", "restock") if getattr(verdict, name)]:
            await self._do({"release": "release_slots"}.get(name, name), self._step(id_))
        if await self._is_refused(id_, verdict):
            await self._put_back(request)
            return
        pivot = await self._do("update_status", Pivot(cancellation_id=id_, at=self._clock()))
        for refund in pivot.owed:
            await self.follow(refund)

    async def _is_refused(self, id_: UUID, verdict: Verdict) -> bool:
        """Ask the providers in turn; whether a no, before any yes or silence, puts it all back."""
        is_sealed = False
        for refund in verdict.refunds:
            result = await self._trigger(id_, refund)
            if result is None or result.state is not RefundState.FAILED:
                is_sealed = True
            elif not is_sealed and verdict.on_refused is OnRefused.RESTORE:
                return True
        return False

    async def _trigger(self, id_: UUID, refund: PlannedRefund) -> RefundResult | None:
        step = RefundStep(cancellation_id=id_, refund_id=refund.id, at=self._clock())
        result: RefundResult
        for _ in range(TRIES):
            try:
                result = await self._do("trigger_refund", step)
                return result
            except RefundRejected:
                return RefundResult(refund_id=refund.id, state=RefundState.FAILED)
            except ProviderUnavailable:
                continue
        try:
            result = await self._do("look_up_refund", step)
            return result
        except ProviderUnavailable:
            return None

    async def _put_back(self, request: CancelSubject) -> None:
        step = self._step(request.cancellation_id)
        for undo in ("drop_refunds", "unrestock", "reserve_slots"):
            await self._do(undo, step)
        restore = Restore(
            cancellation_id=request.cancellation_id,
            at=self._clock(),
            n=request.n,
            ending=Ending.RESTORED,
            cause=Cause.REFUND_REJECTED,
        )
        await self._do("restore_status", restore)

    async def follow(self, refund_id: UUID) -> None:
        """One round of a refund's run: look, climb where the tender is at its end, ask a person."""
        step = RefundStep(refund_id=refund_id, at=self._clock())
        try:
            result: RefundResult = await self._do("follow_refund", step)
        except ProviderUnavailable:
            return
        if result.fallback is not None:
            climb = ClimbRefund(refund_id=refund_id, to=result.fallback, at=self._clock())
            result = await self._do("climb_refund", climb)
        if _is_stuck(result):
            await self._do("escalate_refund", step)

    async def settle(self, settlement: Settlement) -> None:
        step = SettleRefund(settlement=settlement, at=self._clock())
        await self._do("settle_refund", step)
        await self.follow(settlement.refund_id)

    def _step(self, id_: UUID) -> Step:
        return Step(cancellation_id=id_, at=self._clock())

    async def _do(self, name: str, argument: Any) -> Any:
        """One step; now and then its reply is lost, and it is called once more."""
        if self._chance.random() < 0.1:
            await self._steps[name](argument)
        return await self._steps[name](argument)


def _is_stuck(result: RefundResult) -> bool:
    """Whether nothing more is tried by itself and nobody was asked yet."""
    is_done = result.is_over or result.waits is not None or result.retryable
    return result.state is RefundState.FAILED and not is_done
