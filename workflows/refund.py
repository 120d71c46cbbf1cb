"""One refund, followed until its money has landed or a person has settled it."""

from datetime import datetime, timedelta
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from activities.signatures import RefundSteps
from domain.attention import CHOOSE_WITHIN, Choice, Waits
from domain.contracts import (
    ClimbRefund,
    FollowRefund,
    RefundResult,
    RefundStep,
    Settlement,
    SettleRefund,
)
from domain.decisions import IfRefundFails
from domain.ids import refund_workflow
from domain.lifecycle import REFUND_AT_REST, RefundState
from domain.subjects import SubjectRef
from workflows import attributes
from workflows.children import start_own_run
from workflows.failures import is_silence
from workflows.mails import Mails
from workflows.options import PAYMENT, PAYMENT_ONCE, UNTIL_DONE, named
from workflows.refund_display import show

FIRST_LOOK = timedelta(hours=1)
SLOWEST_LOOK = timedelta(days=1)
SLOWEST_WHILE_SILENT = timedelta(hours=6)
LONGEST_WAIT = timedelta(days=45)
"""Where nobody says how long to follow it. Card schemes report late failures within a month."""

DEADLINE = "deadline"
"""Who says no where nobody answered in time."""

_WITH_PROVIDER = frozenset(
    {RefundState.REQUESTED, RefundState.PENDING, RefundState.REQUIRES_ACTION}
)


@workflow.defn
class Refund:
    """Bring one refund to rest: look, wait, try again where that may help, climb the ladder else.

    follow_refund (retriable), climb_refund (store credit, the customer's choice, a payment by
    hand), warn_refund before its deadline; a webhook's hint only brings the next look forward
    """

    @workflow.init
    def __init__(self, request: FollowRefund) -> None:
        self._request = request
        self._hinted = False
        self._is_silent = False
        self._settlement: Settlement | None = None
        self._mails: Mails | None = None
        self._pause = FIRST_LOOK
        self._needs_person = False

    @workflow.run
    async def run(self, request: FollowRefund) -> RefundResult:
        started = workflow.now()
        result = await self._next()
        while not self._is_over(result) or self._is_called_late():
            if self._is_over(result):
                result = await self._next()
            elif _is_due(result):
                result = await self._warn()
            elif result.fallback is not None:
                result = await self._climb(result.fallback)
            elif result.waits == Waits.CUSTOMER:
                result = await self._await_customer(result)
            else:
                longest = result.horizon or LONGEST_WAIT
                await self._wait(result, is_late=workflow.now() - started > longest)
                result = await self._next() if self._is_called or not _is_due(result) else result
        show(result, is_silent=False)
        if self._needs_person:
            self._need_person(False)
        if self._mails:
            await self._mails.arrive()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return result

    def _is_over(self, result: RefundResult) -> bool:
        return (result.state in REFUND_AT_REST or result.is_over) and not self._is_silent

    def _is_called_late(self) -> bool:
        return self._is_called and workflow.patched("hear what came last")

    @property
    def _is_called(self) -> bool:
        return self._hinted or self._settlement is not None

    async def _next(self) -> RefundResult:
        return await (self._settle() if self._settlement else self._look())

    async def _look(self) -> RefundResult:
        self._hinted = False
        options = PAYMENT_ONCE if self._is_silent else PAYMENT
        try:
            result = await workflow.execute_activity_method(
                RefundSteps.follow_refund,
                self._step(),
                **named(options, "follow_refund", "look where it stands"),
            )
        except ActivityError as error:
            if not is_silence(error):
                raise
            self._pause = self._pause if self._is_silent else FIRST_LOOK
            self._is_silent = True
            return await self._read()
        self._pause = FIRST_LOOK if self._is_silent else self._pause
        self._is_silent = False
        return self._seen(result)

    async def _read(self) -> RefundResult:
        return self._seen(
            await workflow.execute_activity_method(
                RefundSteps.read_refund,
                self._step(),
                **named(UNTIL_DONE, "read_refund", "the provider is silent"),
            )
        )

    async def _wait(self, result: RefundResult, *, is_late: bool) -> None:
        """Until the next look, a hint, a person's word or the moment to speak of the deadline."""
        if not is_late and (self._is_silent or _is_looked_at_again(result)):
            await self._until_called(_sooner(self._pause, result), "until the next look")
            slowest = SLOWEST_WHILE_SILENT if self._is_silent else SLOWEST_LOOK
            self._pause = min(self._pause * 2, slowest)
        else:
            await self._ask_person(result)

    async def _until_called(self, length: timedelta | None, summary: str) -> None:
        try:
            await workflow.wait_condition(
                lambda: self._is_called, timeout=length, timeout_summary=summary
            )
        except TimeoutError:
            return

    async def _ask_person(self, result: RefundResult) -> None:
        """Put the refund before a person and wait: for their word, or a hint that it moved."""
        self._need_person(True)
        concerned = await workflow.execute_activity_method(
            RefundSteps.escalate_refund,
            self._step(),
            **named(UNTIL_DONE, "escalate_refund", "put it before a person"),
        )
        if concerned is not None:
            self._send(concerned)
        moments = [at for at in (result.escalate_at, result.answer_by) if at is not None]
        await self._until_called(_left(min(moments, default=None)), "until the next deadline")
        if not self._is_called and _is_past(result.answer_by):
            self._settlement = Settlement(
                refund_id=self._request.refund_id, choice=Choice.DECLINE, actor=DEADLINE
            )
        self._need_person(False)

    async def _climb(self, to: IfRefundFails) -> RefundResult:
        return self._seen(
            await workflow.execute_activity_method(
                RefundSteps.climb_refund,
                ClimbRefund(refund_id=self._request.refund_id, at=workflow.now(), to=to),
                **named(UNTIL_DONE, "climb_refund", f"the tender can't take it: {to}"),
            )
        )

    async def _await_customer(self, result: RefundResult) -> RefundResult:
        """Wait for the customer's choice; without one a person pays it out."""
        left = _left(result.answer_by)
        length = _sooner(CHOOSE_WITHIN if left is None else left, result)
        await self._until_called(length, "until the customer chooses")
        return await (self._next() if self._is_called else self._climb(IfRefundFails.PERSON))

    async def _warn(self) -> RefundResult:
        self._need_person(True)
        return self._seen(
            await workflow.execute_activity_method(
                RefundSteps.warn_refund,
                self._step(),
                **named(UNTIL_DONE, "warn_refund", "the deadline nears"),
            )
        )

    async def _settle(self) -> RefundResult:
        settlement, self._settlement = self._settlement, None
        assert settlement is not None
        self._is_silent = False
        step = SettleRefund(settlement=settlement, at=workflow.now())
        result = await workflow.execute_activity_method(
            RefundSteps.settle_refund,
            step,
            **named(UNTIL_DONE, "settle_refund", f"{settlement.choice} by {settlement.actor}"),
        )
        self._seen(result)
        looks = settlement.choice in (Choice.RETRY, Choice.APPROVE)
        return await self._look() if looks and not self._is_over(result) else result

    def _step(self) -> RefundStep:
        return RefundStep(refund_id=self._request.refund_id, at=workflow.now())

    def _seen(self, result: RefundResult) -> RefundResult:
        show(result, is_silent=self._is_silent)
        if result.has_mail and result.about is not None:
            self._send(result.about)
        return result

    def _send(self, about: UUID) -> None:
        self._mails = self._mails or Mails(about)
        self._mails.send_soon("attention")

    def _need_person(self, needed: bool) -> None:
        self._needs_person = needed
        workflow.upsert_search_attributes([attributes.NEEDS_ATTENTION.value_set(needed)])

    @workflow.signal
    def hint(self) -> None:
        """A provider says that something moved: look now."""
        self._hinted = True

    @workflow.update
    async def settle(self, settlement: Settlement) -> None:
        """Say what a person did about the refund, or how it is to go on."""
        self._settlement = settlement

    @settle.validator
    def check_settlement(self, settlement: Settlement) -> None:
        if settlement.refund_id != self._request.refund_id or self._settlement is not None:
            raise ApplicationError("this has been answered already", type="AlreadyAnswered")


def _is_due(result: RefundResult) -> bool:
    """Whether a person has to be told now that the deadline nears."""
    return _is_past(result.escalate_at)


def _is_past(moment: datetime | None) -> bool:
    return moment is not None and workflow.now() >= moment


def _is_looked_at_again(result: RefundResult) -> bool:
    """Whether time alone may move it: it is with its provider, or a no may pass."""
    if result.state in _WITH_PROVIDER:
        return True
    may_pass = result.state is RefundState.FAILED and result.retryable
    return may_pass and workflow.patched("ask again after a no that may pass")


def _left(until: datetime | None) -> timedelta | None:
    return None if until is None else max(until - workflow.now(), timedelta())


def _sooner(length: timedelta, result: RefundResult) -> timedelta:
    left = _left(result.escalate_at)
    return length if left is None else min(length, left)


async def follow(refund_id: UUID, subject: SubjectRef) -> None:
    """Start a refund's own run from another; one that is there already is enough."""
    await start_own_run(
        Refund.run,
        FollowRefund(refund_id=refund_id),
        refund_workflow(refund_id),
        subject,
        f"refund for {subject.kind} {subject.id}",
    )
