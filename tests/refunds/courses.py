"""What the provider does with a refund, and what people do about it, course by course."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple

from domain.attention import Choice, Waits
from domain.lifecycle import RefundState
from sandbox import control
from sandbox.cards import Cards
from sandbox.control import Behaviour, Delivery, Operation
from storage.refunds import RefundRow
from tests.end_to_end.conftest import MANAGER, Business
from tests.refunds.cells import Course, Fault
from tests.refunds.subjects import Scene
from use_cases import payouts, refund_requests
from use_cases.actors import Actor, Scope
from use_cases.refund_intake import AskedRefund

CUSTOMER = Actor(id="key/portal", scopes=frozenset({Scope.CANCEL}))
TIMEOUT = 9.0
"""Seconds, one more than the adapter waits."""

LATENESS = 2.0

Do = Callable[[Business, Scene, RefundRow], Awaitable[None]]


class Act(NamedTuple):
    """Something that is done once the refund stands so, at this attempt, and waits for this."""

    state: RefundState
    do: Do
    waits: Waits | None = None
    attempt: int = 1

    def is_due(self, row: RefundRow) -> bool:
        where = (row.state, row.attention, row.attempt)
        return where == (self.state, self.waits, self.attempt)


async def prepare(cards: Cards, scene: Scene) -> None:
    """Script the provider before anything is asked of it."""
    if scene.cell.course in _WAITING:
        await control.let_refunds_wait(cards, scene.card)
    if scene.cell.course is not Course.REQUESTED:
        await script(cards, scene)
        return
    for operation in (Operation.PAYMENT, Operation.CREATE, Operation.FIND):
        await control.script(
            cards, Behaviour.UNAVAILABLE, ref=scene.card, operation=operation, times=None
        )


async def script(cards: Cards, scene: Scene) -> None:
    """The fault first, then what the course needs."""
    fault, card = scene.cell.fault, scene.card
    if delivery := _DELIVERIES.get(fault):
        await control.script_webhooks(cards, delivery, ref=card, times=None, seconds=LATENESS)
    if behaviour := _BEHAVIOURS.get(fault):
        for operation in (Operation.CREATE, Operation.GET):
            await control.script(
                cards, behaviour, ref=card, operation=operation, seconds=_SECONDS.get(fault, 0)
            )
    if scene.cell.course is Course.REFUSED:
        await control.script(cards, Behaviour.REJECTS, ref=card, failure="lost_card")


_DELIVERIES = {
    Fault.DUPLICATE: Delivery.DUPLICATED,
    Fault.LATE: Delivery.DELAYED,
    Fault.REORDERED: Delivery.REORDERED,
    Fault.LOST: Delivery.DROPPED,
}
_BEHAVIOURS = {
    Fault.TIMEOUT_BEFORE: Behaviour.HANGS,
    Fault.TIMEOUT_AFTER: Behaviour.LOSES_REPLY,
    Fault.RATE_LIMITED: Behaviour.RATE_LIMITED,
    Fault.ERROR_BEFORE: Behaviour.SERVER_ERROR,
    Fault.ERROR_AFTER: Behaviour.SERVER_ERROR_AFTER,
    Fault.CUT_BEFORE: Behaviour.UNAVAILABLE,
    Fault.CUT_AFTER: Behaviour.LOSES_REPLY,
}
_SECONDS = {Fault.TIMEOUT_BEFORE: TIMEOUT, Fault.TIMEOUT_AFTER: TIMEOUT}


# What the provider does


async def _succeed(business: Business, scene: Scene, row: RefundRow) -> None:
    await control.succeed_later(business.cards, row.provider_ref or "")


async def _require_action(business: Business, scene: Scene, row: RefundRow) -> None:
    await control.require_action_later(business.cards, row.provider_ref or "")


async def _fail(business: Business, scene: Scene, row: RefundRow) -> None:
    await control.fail_later(business.cards, row.provider_ref or "", "lost_or_stolen_card")


async def _fail_for_now(business: Business, scene: Scene, row: RefundRow) -> None:
    await control.fail_later(
        business.cards, row.provider_ref or "", "insufficient_funds", retryable=True
    )


async def _cancel(business: Business, scene: Scene, row: RefundRow) -> None:
    await control.cancel_later(business.cards, row.provider_ref or "")


# What people do


async def _ask(business: Business, scene: Scene, row: RefundRow) -> None:
    asked = AskedRefund(subject=scene.ref, cancellation_id=row.cancellation_id)
    await refund_requests.request_refund(business.context, CUSTOMER, asked)


async def _take_credit(business: Business, scene: Scene, row: RefundRow) -> None:
    await payouts.choose(business.context, CUSTOMER, row.id, Choice.STORE_CREDIT)


async def _want_it_by_hand(business: Business, scene: Scene, row: RefundRow) -> None:
    await payouts.choose(business.context, CUSTOMER, row.id, Choice.PAY_BY_HAND)


async def _pay(business: Business, scene: Scene, row: RefundRow) -> None:
    await payouts.pay(business.context, MANAGER, row.id, "transfer 17")


async def _waive(business: Business, scene: Scene, row: RefundRow) -> None:
    await payouts.choose(business.context, MANAGER, row.id, Choice.SKIP, "given a new one")


_S, _W = RefundState, Waits
_ACTS: Mapping[Course, Sequence[Act]] = {
    Course.OWED: [Act(_S.OWED, _ask, _W.ON_REQUEST)],
    Course.REQUESTED: [],
    Course.PENDING: [Act(_S.PENDING, _succeed)],
    Course.REQUIRES_ACTION: [
        Act(_S.PENDING, _require_action),
        Act(_S.REQUIRES_ACTION, _succeed),
    ],
    Course.SUCCEEDED: [],
    Course.FAILED_FOR_NOW: [Act(_S.PENDING, _fail_for_now), Act(_S.PENDING, _succeed, attempt=2)],
    Course.FAILED: [Act(_S.PENDING, _fail), Act(_S.OWED, _pay, _W.MANUAL)],
    Course.REFUSED: [Act(_S.FAILED, _take_credit, _W.CUSTOMER)],
    Course.CANCELLED: [
        Act(_S.PENDING, _cancel),
        Act(_S.FAILED, _want_it_by_hand, _W.CUSTOMER),
        Act(_S.OWED, _pay, _W.MANUAL),
    ],
    Course.FAILED_LATE: [
        Act(_S.SUCCEEDED, _fail),
        Act(_S.FAILED, _take_credit, _W.CUSTOMER),
    ],
    Course.PAID_OTHERWISE: [Act(_S.PENDING, _fail), Act(_S.FAILED, _pay, _W.CUSTOMER)],
    Course.WAIVED: [Act(_S.PENDING, _fail), Act(_S.FAILED, _waive, _W.CUSTOMER)],
}
_WAITING = frozenset(
    course for course, acts in _ACTS.items() if acts and acts[0].state is _S.PENDING
)


def acts_of(course: Course) -> list[Act]:
    return list(_ACTS[course])
