"""One held card, settled after the cancellation that leaves nothing to hold it for."""

from datetime import timedelta
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from activities.signatures import CardHoldSteps
from domain.attention import Choice
from domain.card_holds import CARD_HOLD_AT_REST, CardHoldState
from domain.contracts import (
    AnswerCardHold,
    CardHoldResult,
    CardHoldStep,
    CardHoldWord,
    SettleCardHold,
)
from domain.ids import card_hold_workflow
from domain.money import plain
from domain.subjects import SubjectRef
from workflows import attributes
from workflows.children import start_own_run
from workflows.mails import Mails
from workflows.options import PAYMENT, UNTIL_DONE, named

FIRST_LOOK = timedelta(hours=1)
SLOWEST_LOOK = timedelta(days=1)
LONGEST_WAIT = timedelta(days=31)
"""No card is held longer than a month; a provider that says nothing until then is for a person."""


@workflow.defn
class SettleHold:
    """Capture the late fee of a card that was only held, or let it go.

    settle_card_hold (retriable): asked again after silence, never after a no
    """

    @workflow.init
    def __init__(self, request: SettleCardHold) -> None:
        self._request = request
        self._word: CardHoldWord | None = None
        self._mails: Mails | None = None

    @workflow.run
    async def run(self, request: SettleCardHold) -> CardHoldResult:
        until = workflow.now() + LONGEST_WAIT
        pause = FIRST_LOOK
        result = await (self._answer() if self._word else self._settle())
        while result.state not in CARD_HOLD_AT_REST:
            if result.state is CardHoldState.FAILED or workflow.now() >= until:
                result = await self._ask_person()
            else:
                await workflow.sleep(pause, summary="until the next look")
                pause = min(pause * 2, SLOWEST_LOOK)
                result = await self._settle()
        if self._mails:
            await self._mails.arrive()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return result

    async def _settle(self) -> CardHoldResult:
        return self._shown(
            await workflow.execute_activity_method(
                CardHoldSteps.settle_card_hold,
                self._step(),
                **named(PAYMENT, "settle_card_hold", "capture the fee or let the card go"),
            )
        )

    async def _ask_person(self) -> CardHoldResult:
        """Put the card before a person and do as they say."""
        workflow.upsert_search_attributes([attributes.NEEDS_ATTENTION.value_set(True)])
        concerned = await workflow.execute_activity_method(
            CardHoldSteps.escalate_card_hold,
            self._step(),
            **named(UNTIL_DONE, "escalate_card_hold", "put it before a person"),
        )
        if concerned is not None:
            self._mails = Mails(concerned)
            self._mails.send_soon("attention")
        await workflow.wait_condition(lambda: self._word is not None)
        workflow.upsert_search_attributes([attributes.NEEDS_ATTENTION.value_set(False)])
        return await self._answer()

    async def _answer(self) -> CardHoldResult:
        word, self._word = self._word, None
        assert word is not None
        result = await workflow.execute_activity_method(
            CardHoldSteps.answer_card_hold,
            AnswerCardHold(word=word, at=workflow.now()),
            **named(UNTIL_DONE, "answer_card_hold", f"{word.choice} by {word.actor}"),
        )
        return await self._settle() if word.choice is Choice.RETRY else self._shown(result)

    def _step(self) -> CardHoldStep:
        return CardHoldStep(hold_id=self._request.hold_id, at=workflow.now())

    def _shown(self, result: CardHoldResult) -> CardHoldResult:
        amount = plain(result.take_minor, result.currency)
        what = f"capture {amount} of a held card" if result.take_minor else "let go of a held card"
        failure = f" ({result.failure})" if result.failure else ""
        workflow.set_current_details(f"### {what}\n- {result.state}{failure}")
        workflow.upsert_search_attributes([attributes.STEP.value_set(f"card_hold_{result.state}")])
        return result

    @workflow.update
    async def answer(self, word: CardHoldWord) -> None:
        """Say what a person did about the card, or let it be tried again."""
        self._word = word

    @answer.validator
    def check_answer(self, word: CardHoldWord) -> None:
        if word.hold_id != self._request.hold_id or self._word is not None:
            raise ApplicationError("this has been answered already", type="AlreadyAnswered")


async def settle(hold_id: UUID, subject: SubjectRef) -> None:
    """Start a held card's own run from another; one that is there already is enough."""
    await start_own_run(
        SettleHold.run,
        SettleCardHold(hold_id=hold_id),
        card_hold_workflow(hold_id),
        subject,
        f"held card of {subject.kind} {subject.id}",
    )
