"""One refund, followed until its money has landed or a person has settled it."""

from datetime import timedelta
from uuid import UUID

from temporalio import workflow
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from activities.signatures import RefundSteps
from domain.attention import Choice
from domain.contracts import FollowRefund, RefundResult, RefundStep, Settlement, SettleRefund
from domain.ids import refund_workflow
from domain.lifecycle import REFUND_AT_REST, RefundState
from domain.money import plain
from domain.subjects import SubjectRef
from workflows import attributes
from workflows.mails import Mails
from workflows.options import PAYMENT, UNTIL_DONE, named

FIRST_LOOK = timedelta(hours=1)
SLOWEST_LOOK = timedelta(days=1)
LONGEST_WAIT = timedelta(days=45)
"""Card schemes report late failures within about a month; after this a person looks."""

_WITH_PROVIDER = frozenset(
    {RefundState.REQUESTED, RefundState.PENDING, RefundState.REQUIRES_ACTION}
)


@workflow.defn
class Refund:
    """Bring one refund to rest: look, wait, try again where that may help, ask a person else.

    follow_refund (retriable); a webhook's hint only brings the next look forward
    """

    @workflow.init
    def __init__(self, request: FollowRefund) -> None:
        self._request = request
        self._hinted = False
        self._settlement: Settlement | None = None
        self._mails: Mails | None = None

    @workflow.run
    async def run(self, request: FollowRefund) -> RefundResult:
        started = workflow.now()
        pause = FIRST_LOOK
        result = await (self._settle() if self._settlement else self._look())
        while result.state not in REFUND_AT_REST:
            is_late = workflow.now() - started > LONGEST_WAIT
            if not is_late and (result.state in _WITH_PROVIDER or _is_asked_again(result)):
                await self._pause(pause)
                pause = min(pause * 2, SLOWEST_LOOK)
            else:
                await self._ask_person()
            result = await self._settle() if self._settlement else await self._look()
        self._show(result)
        if self._mails:
            await self._mails.arrive()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return result

    async def _look(self) -> RefundResult:
        self._hinted = False
        result = await workflow.execute_activity_method(
            RefundSteps.follow_refund,
            self._step(),
            **named(PAYMENT, "follow_refund", "look where it stands"),
        )
        self._show(result)
        return result

    async def _pause(self, length: timedelta) -> None:
        try:
            await workflow.wait_condition(
                lambda: self._hinted or self._settlement is not None,
                timeout=length,
                timeout_summary="until the next look",
            )
        except TimeoutError:
            return

    async def _ask_person(self) -> None:
        """Put the refund before a person and wait: for their word, or a hint that it moved."""
        workflow.upsert_search_attributes([attributes.NEEDS_ATTENTION.value_set(True)])
        concerned = await workflow.execute_activity_method(
            RefundSteps.escalate_refund,
            self._step(),
            **named(UNTIL_DONE, "escalate_refund", "put it before a person"),
        )
        if concerned is not None:
            self._mails = Mails(concerned)
            self._mails.send_soon("attention")
        await workflow.wait_condition(lambda: self._settlement is not None or self._hinted)
        workflow.upsert_search_attributes([attributes.NEEDS_ATTENTION.value_set(False)])

    async def _settle(self) -> RefundResult:
        settlement, self._settlement = self._settlement, None
        assert settlement is not None
        step = SettleRefund(settlement=settlement, at=workflow.now())
        result = await workflow.execute_activity_method(
            RefundSteps.settle_refund,
            step,
            **named(UNTIL_DONE, "settle_refund", f"{settlement.choice} by {settlement.actor}"),
        )
        self._show(result)
        return await self._look() if settlement.choice is Choice.RETRY else result

    def _step(self) -> RefundStep:
        return RefundStep(refund_id=self._request.refund_id, at=workflow.now())

    def _show(self, result: RefundResult) -> None:
        amount = plain(result.amount_minor, result.currency)
        failure = f" ({result.failure})" if result.failure else ""
        workflow.set_current_details(f"### {amount} back\n- {result.state}{failure}")
        workflow.upsert_search_attributes(
            [
                attributes.STEP.value_set(f"refund_{result.state}"),
                attributes.REFUND_MINOR.value_set(result.amount_minor),
            ]
        )

    @workflow.signal
    def hint(self) -> None:
        """A provider says that something moved: look now."""
        self._hinted = True

    @workflow.update
    async def settle(self, settlement: Settlement) -> None:
        """Say what a person did about the refund, or let it be tried again."""
        self._settlement = settlement

    @settle.validator
    def check_settlement(self, settlement: Settlement) -> None:
        if settlement.refund_id != self._request.refund_id or self._settlement is not None:
            raise ApplicationError("this has been answered already", type="AlreadyAnswered")


def _is_asked_again(result: RefundResult) -> bool:
    """Whether the next look tries the same tender again, after a no that may pass."""
    may_pass = result.state is RefundState.FAILED and result.retryable
    return may_pass and workflow.patched("ask again after a no that may pass")


async def follow(refund_id: UUID, subject: SubjectRef) -> None:
    """Start a refund's own run from another; one that is there already is enough."""
    try:
        await workflow.start_child_workflow(
            Refund.run,
            FollowRefund(refund_id=refund_id),
            id=refund_workflow(refund_id),
            parent_close_policy=ParentClosePolicy.ABANDON,
            search_attributes=TypedSearchAttributes(
                [
                    SearchAttributePair(attributes.KIND, subject.kind.value),
                    SearchAttributePair(attributes.SUBJECT, subject.id),
                ]
            ),
            static_summary=f"refund for {subject.kind} {subject.id}",
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        )
    except WorkflowAlreadyStartedError:
        workflow.logger.info("refund %s is followed already", refund_id)
