"""Refunds that are asked for later, or without cancelling, with everything real."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus

from activities.sweeps import GRACE, Sweeps
from domain.attention import Choice
from domain.contracts import Batch
from domain.errors import (
    AlreadyAnswered,
    AmountFixed,
    AmountRequired,
    ChoiceNotAllowed,
    IdempotencyKeyReused,
    NotAllowed,
    PayoutDiffers,
    RefundTooHigh,
    SecondPersonRequired,
)
from domain.lifecycle import RefundState
from domain.policy.document import DEFAULT_WAIT
from domain.requests import Initiator, Overrides, Right
from domain.subjects import SubjectRef
from sandbox import control
from sandbox.control import Behaviour
from storage import credit
from tests.api.conftest import nowhere
from tests.end_to_end.conftest import DESK, MANAGER, Business, a_card, a_gift_card
from use_cases import payouts, policies, refund_answers, refund_requests, refunds, subjects
from use_cases.actors import Actor, Scope
from use_cases.refund_intake import AskedRefund
from use_cases.refund_request_views import RefundRequestView, RequestState
from use_cases.refund_views import RefundDetail
from use_cases.runs import Runs
from use_cases.views import Status

PORTAL = Actor(id="key/portal", scopes=frozenset({Scope.CANCEL}))
REASON: dict[str, Any] = {"reason": "no_longer_needed"}
STAFF: dict[str, Any] = {"initiator": Initiator.STAFF} | REASON


async def ask(
    business: Business,
    subject: SubjectRef,
    actor: Actor = DESK,
    key: str | None = None,
    **known: Any,
) -> RefundRequestView:
    asked = AskedRefund(subject=subject, **known)
    return await refund_requests.request_refund(business.context, actor, asked, key)


async def read(business: Business, request: RefundRequestView) -> RefundRequestView:
    return await refund_requests.get_request(business.context, request.id)


async def until(
    business: Business, request: RefundRequestView, true: Callable[[RefundRequestView], bool]
) -> RefundRequestView:
    async with asyncio.timeout(20):
        while True:
            seen = await read(business, request)
            if true(seen):
                return seen
            await asyncio.sleep(0.05)


async def landed(business: Business, request: RefundRequestView) -> RefundRequestView:
    return await until(business, request, lambda seen: seen.is_at_rest)


async def refund_of(business: Business, request: RefundRequestView) -> RefundDetail:
    return await refunds.get_refund(business.context, DESK, request.refunds[0].id)


async def returned(business: Business, subject: SubjectRef) -> int:
    seen = await subjects.get(business.context, subject, [])
    return sum(tender.returned_minor + tender.pending_minor for tender in seen.tenders)


async def test_what_a_cancellation_left_to_be_asked_for_is_paid_when_it_is(
    business: Business,
) -> None:
    document = {"title": "Who asks gets it", "currency": "EUR", "refund": "on_request"}
    await policies.keep_policy(business.context, DESK, "asking", document)
    tenders = [a_card(3_000), {"id": "gift", **a_gift_card(1_000)}]
    order = await business.order("asking", tenders=tenders)
    done = await business.ended(await business.cancel(order))
    assert await returned(business, order) == 0
    wish: dict[str, Any] = {"cancellation_id": done.id, "note": "please, by Friday"}
    with pytest.raises(AmountFixed):
        await ask(business, order, PORTAL, amount_minor=100, **wish)
    told = await ask(business, order, PORTAL, "k", **wish)
    again = await ask(business, order, PORTAL, "k", **wish)
    assert (again.id, told.state, told.amount_minor) == (told.id, RequestState.ACCEPTED, 4_000)
    with pytest.raises(IdempotencyKeyReused):
        await ask(business, order, PORTAL, "k", cancellation_id=done.id)
    seen = await landed(business, told)
    assert {refund.state for refund in seen.refunds} == {RefundState.SUCCEEDED}
    assert await returned(business, order) == 4_000
    after = await business.seen(done)
    assert after.refund_requests == (told.id,)
    assert {refund.cancellation_id for refund in seen.refunds} == {done.id}
    with pytest.raises(AmountRequired):
        await ask(business, order, PORTAL, cancellation_id=done.id)
    assert await business.is_sound()


async def test_a_customers_wish_without_cancelling_waits_for_a_yes_to_all_or_a_part(
    business: Business,
) -> None:
    order = await business.order()
    broken = await ask(business, order, PORTAL, lines=({"id": "2", "quantity": 1},), note="broken")
    assert (broken.state, broken.amount_minor) == (RequestState.AWAITING_APPROVAL, 500)
    assert (await refund_of(business, broken)).attention == "approval"
    more = await ask(business, order, PORTAL, amount_minor=3_000)
    with pytest.raises(RefundTooHigh):
        await ask(business, order, PORTAL, amount_minor=501)
    with pytest.raises(RefundTooHigh):
        await refund_answers.approve(business.context, MANAGER, more.id, 3_001)
    no = await refund_answers.decline(business.context, MANAGER, more.id)
    assert (no.state, no.refunds[0].state) == (RequestState.DECLINED, RefundState.WAIVED)
    with pytest.raises(AlreadyAnswered):
        await refund_answers.approve(business.context, MANAGER, more.id)
    yes = await refund_answers.approve(business.context, MANAGER, broken.id, 300)
    assert yes.state is RequestState.ACCEPTED
    paid = await landed(business, yes)
    assert [(r.amount_minor, r.state) for r in paid.refunds] == [(300, RefundState.SUCCEEDED)]
    assert await returned(business, order) == 300
    done = await business.ended(await business.cancel(order))
    assert (done.state, done.refund_minor) == (Status.CANCELLED, 3_700)
    assert await business.is_sound()


async def test_who_gets_no_answer_in_time_gets_a_no(business: Business) -> None:
    order = await business.order()
    soon = timedelta(seconds=1)
    before = replace(
        business, context=replace(business.context, clock=lambda: _past(business, soon))
    )
    request = await ask(before, order, PORTAL, amount_minor=1_000)
    expired = await until(business, request, lambda s: s.state is RequestState.EXPIRED)
    assert expired.refunds[0].state is RefundState.WAIVED
    with pytest.raises(AlreadyAnswered):
        await refund_answers.approve(business.context, MANAGER, request.id)
    assert await returned(business, order) == 0
    assert await business.is_sound()


async def test_the_sweep_starts_what_nobody_could_be_told_of(
    business: Business, task_queue: str
) -> None:
    order = await business.order()
    cut_off = replace(business, context=replace(business.context, runs=Runs(nowhere, "none")))
    at_once = await ask(cut_off, order, amount_minor=1_000, **STAFF)
    waiting = await ask(cut_off, order, PORTAL, amount_minor=1_000)
    sweeps = Sweeps(business.sessions, business.client, task_queue)
    later = Batch(at=business.context.clock() + 2 * GRACE)
    assert (await sweeps.flag_stranded(later)).handled == 2
    await landed(business, at_once)
    assert (await read(business, waiting)).state is RequestState.AWAITING_APPROVAL
    handle = business.client.get_workflow_handle((await refund_of(business, waiting)).workflow_id)
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    assert (await sweeps.flag_stranded(later)).handled == 0
    assert await business.is_sound()


async def test_staff_give_back_alone_within_a_limit_and_with_a_second_person_above_it(
    business: Business,
) -> None:
    order = await business.order(tenders=[a_card(40_000)])
    large = await ask(business, order, amount_minor=10_001, **STAFF)
    assert large.state is RequestState.AWAITING_APPROVAL
    small = await ask(business, order, amount_minor=9_999, **STAFF)
    assert small.state is RequestState.ACCEPTED
    second = await ask(business, order, amount_minor=2, **STAFF)
    assert second.state is RequestState.AWAITING_APPROVAL
    for request in (large, second):
        with pytest.raises(SecondPersonRequired):
            await refund_answers.approve(business.context, DESK, request.id)
        await refund_answers.approve(business.context, MANAGER, request.id)
    await asyncio.gather(*[landed(business, request) for request in (large, small, second)])
    assert await returned(business, order) == 20_002
    assert await business.is_sound()


async def test_cash_above_the_limit_is_paid_by_hand_by_two_people(business: Business) -> None:
    order = await business.order(tenders=[{"method": "cash", "captured_minor": 20_000}])
    request = await ask(
        business, order, amount_minor=15_000, payout_details="in an envelope, for Ada", **STAFF
    )
    await refund_answers.approve(business.context, MANAGER, request.id)
    task = await until(business, request, lambda s: s.refunds[0].attention == "manual")
    refund = task.refunds[0]
    assert Choice.SETTLE_BY_HAND in refund.choices
    pay = payouts.pay
    assert not await pay(business.context, DESK, refund.id, "till 3, receipt 17")
    with pytest.raises(SecondPersonRequired):
        await pay(business.context, DESK, refund.id, "till 3, receipt 17")
    with pytest.raises(PayoutDiffers):
        await pay(business.context, MANAGER, refund.id, "till 3, receipt 71")
    for other in (Choice.SETTLE_BY_HAND, Choice.RETRY, Choice.STORE_CREDIT):
        with pytest.raises(ChoiceNotAllowed):
            await payouts.choose(business.context, MANAGER, refund.id, other)
    await payouts.withdraw(business.context, DESK, refund.id)
    with pytest.raises(SecondPersonRequired):
        await payouts.choose(business.context, MANAGER, refund.id, Choice.SETTLE_BY_HAND)
    assert not await pay(business.context, DESK, refund.id, "till 3, receipt 17")
    assert await pay(business.context, MANAGER, refund.id, "till 3, receipt 17")
    seen = await refund_of(business, await landed(business, request))
    assert (seen.state, seen.is_at_rest) == (RefundState.PAID_OTHERWISE, True)
    assert seen.payout is not None
    assert seen.payout.reference == "till 3, receipt 17"
    assert (seen.payout.proposed_by, seen.payout.confirmed_by) == (DESK.id, MANAGER.id)
    assert seen.payout.details == "in an envelope, for Ada"
    assert not [e for e in seen.history if "envelope" in str(e.data) or "till" in str(e.data)]
    with pytest.raises(AlreadyAnswered):
        await pay(business.context, MANAGER, refund.id, "till 3, receipt 17")
    assert await returned(business, order) == 15_000
    assert await business.is_sound()


async def test_a_customer_whose_card_takes_nothing_accepts_store_credit(
    business: Business,
) -> None:
    card = a_card(4_000)
    await control.script(business.cards, Behaviour.REJECTS, ref=card["payment_ref"], times=None)
    order = await business.order("kind", tenders=[card])
    done = await business.ended(await business.cancel(order))
    asked = await business.until(done, lambda s: s.refunds[0].attention == "customer")
    refund = asked.refunds[0]
    await payouts.choose(business.context, PORTAL, refund.id, Choice.STORE_CREDIT)
    seen = await business.until(done, lambda s: s.refunds[0].state is RefundState.SUCCEEDED)
    assert seen.refunds[0].form == "store_credit"
    async with business.sessions() as session:
        assert await credit.balance(session, "credit/c-1", "EUR") == 4_000
    assert await business.is_sound()


async def test_a_customer_may_name_an_account_instead_and_a_person_pays_there(
    business: Business,
) -> None:
    card = a_card(4_000)
    await control.script(business.cards, Behaviour.REJECTS, ref=card["payment_ref"], times=None)
    done = await business.ended(await business.cancel(await business.order("kind", tenders=[card])))
    asked = await business.until(done, lambda s: s.refunds[0].attention == "customer")
    refund = asked.refunds[0].id
    await payouts.keep_details(business.context, PORTAL, refund, "DE02 1203")
    await business.until(done, lambda s: s.refunds[0].attention == "manual")
    with pytest.raises(NotAllowed):
        await payouts.choose(business.context, PORTAL, refund, Choice.STORE_CREDIT)
    assert await payouts.pay(business.context, DESK, refund, "transfer 7")
    paid = await business.until(done, lambda s: s.refunds[0].state is RefundState.PAID_OTHERWISE)
    assert paid.attention == ()
    assert await business.is_sound()


async def test_of_requests_for_the_same_money_no_more_come_through_than_there_is(
    business: Business,
) -> None:
    order = await business.order()
    wishes = [ask(business, order, amount_minor=1_500, **STAFF) for _ in range(5)]
    told = await asyncio.gather(*wishes, return_exceptions=True)
    through = [one for one in told if isinstance(one, RefundRequestView)]
    assert len(through) == 2
    assert {type(one) for one in told if one not in through} == {RefundTooHigh}
    for one in through:
        await landed(business, one)
    assert await returned(business, order) == 3_000
    waiting = await ask(business, order, PORTAL, amount_minor=1_000)
    done = await business.ended(await business.cancel(order))
    assert (done.state, done.refund_minor) == (Status.CANCELLED, 1_000)
    await refund_answers.approve(business.context, MANAGER, waiting.id)
    late = await until(business, waiting, lambda s: s.refunds[0].failure is not None)
    assert late.refunds[0].failure == "no_longer_held"
    assert await returned(business, order) == 4_000
    assert await business.is_sound()


async def test_cancelling_without_a_refund_keeps_the_money_where_it_is(business: Business) -> None:
    document = {"title": "Nothing back", "currency": "EUR", "refund": "none"}
    await policies.keep_policy(business.context, DESK, "nothing", document)
    order = await business.order("nothing")
    by_policy = await business.ended(await business.cancel(order))
    overridden = await business.order()
    by_staff = await business.ended(
        await business.cancel(
            overridden,
            right=Right.GOODWILL,
            overrides=Overrides(refund_minor=0),
            **STAFF,
        )
    )
    for done in (by_policy, by_staff):
        assert (done.state, done.refunds) == (Status.CANCELLED, ())
    assert await returned(business, order) == await returned(business, overridden) == 0
    wish = await ask(business, order, PORTAL, cancellation_id=by_policy.id, amount_minor=1_000)
    assert wish.state is RequestState.AWAITING_APPROVAL
    assert (await business.seen(by_policy)).refund_requests == (wish.id,)
    assert await business.is_sound()


def _past(business: Business, left: timedelta) -> Any:
    """A moment ago enough that an answer is due after so long from now."""
    return business.context.clock() - DEFAULT_WAIT + left
