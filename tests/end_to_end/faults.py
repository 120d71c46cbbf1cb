"""Faults between Temporal and a step: the step itself runs unchanged, or not at all."""

from enum import StrEnum
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor


class Fault(StrEnum):
    """Rejected never ran and never will; a lost reply had its effect and is not known of."""

    REJECTED = "rejected"
    REPLY_LOST = "reply_lost"


class Faults(Interceptor):
    """Steps that meet a fault once each; `ran` counts how often each step really ran."""

    def __init__(self) -> None:
        self.planned: dict[str, Fault] = {}
        self.ran: list[str] = []

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        return _Inbound(next, self)


class _Inbound(ActivityInboundInterceptor):
    def __init__(self, inner: ActivityInboundInterceptor, faults: Faults) -> None:
        super().__init__(inner)
        self._faults = faults

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        step = activity.info().activity_type
        fault = self._faults.planned.pop(step, None)
        if fault is Fault.REJECTED:
            raise ApplicationError("rejected for good", type="Broken", non_retryable=True)
        result = await super().execute_activity(input)
        self._faults.ran.append(step)
        if fault is Fault.REPLY_LOST:
            raise ConnectionError("the reply was lost")
        return result
