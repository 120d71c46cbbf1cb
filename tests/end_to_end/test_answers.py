"""Who may say what when: the same request again, another one meanwhile, and the waits."""

import asyncio

import pytest

from domain.errors import AlreadyAnswered, IdempotencyKeyReused, SubjectBusy
from sandbox import control
from tests.end_to_end.conftest import DESK, MANAGER, Business, a_card
from use_cases import replies, subjects
from use_cases.views import Status, Word


async def test_the_same_key_ten_times_at_once_is_one_cancellation(business: Business) -> None:
    card = a_card(4_000)
    order = await business.order(tenders=[card])
    answers = await asyncio.gather(*(business.cancel(order, key="k-1") for _ in range(10)))
    assert len({answer.id for answer in answers}) == 1
    await business.ended(answers[0])
    assert len(await control.refunds_of(business.cards, card["payment_ref"])) == 1
    assert await business.is_sound()


async def test_the_same_request_ten_times_at_once_joins_one_run(business: Business) -> None:
    order = await business.order("undo")
    answers = await asyncio.gather(*(business.cancel(order) for _ in range(10)))
    assert len({answer.id for answer in answers}) == 1
    assert len({answer.request_id for answer in answers}) == 10
    await replies.undo(business.context, DESK, answers[0].id)
    assert (await business.ended(answers[0])).state is Status.UNDONE
    assert await business.is_sound()


async def test_the_same_request_ten_times_at_once_without_a_wait_returns_the_money_once(
    business: Business,
) -> None:
    card = a_card(4_000)
    order = await business.order(tenders=[card])
    answers = await asyncio.gather(*(business.cancel(order) for _ in range(10)))
    for answer in answers:
        await business.ended(answer)
    accepted = {answer.id for answer in answers if answer.outcome is Word.ACCEPTED}
    assert len(accepted) == 1
    assert len(await control.refunds_of(business.cards, card["payment_ref"])) == 1
    assert await business.is_sound()


async def test_a_key_with_another_body_is_refused(business: Business) -> None:
    order = await business.order("undo")
    await business.cancel(order, key="k-2")
    with pytest.raises(IdempotencyKeyReused):
        await business.cancel(order, key="k-2", lines={"1": 1})


async def test_a_different_request_meanwhile_finds_it_busy(business: Business) -> None:
    order = await business.order("undo")
    first = await business.cancel(order)
    with pytest.raises(SubjectBusy) as busy:
        await business.cancel(order, lines={"1": 1})
    assert busy.value.cancellation_id == str(first.id)
    await replies.undo(business.context, DESK, first.id)
    await business.ended(first)
    assert await business.is_sound()


async def test_what_is_taken_back_is_as_it_was_and_can_be_asked_again(business: Business) -> None:
    order = await business.order("undo")
    first = await business.cancel(order)
    assert first.state is Status.UNDO_WINDOW
    assert (await subjects.get(business.context, order, ["en"])).state == "cancelling"
    await replies.undo(business.context, DESK, first.id)
    assert (await business.ended(first)).state is Status.UNDONE
    assert (await subjects.get(business.context, order, ["en"])).state == "none"
    second = await business.cancel(order)
    assert (second.n, second.state) == (2, Status.UNDO_WINDOW)
    with pytest.raises(AlreadyAnswered):
        await replies.undo(business.context, DESK, first.id)


async def test_an_approval_with_an_amount_returns_that_amount(business: Business) -> None:
    order = await business.order("asked")
    waiting = await business.cancel(order)
    assert (waiting.state, waiting.outcome) == (Status.AWAITING_APPROVAL, Word.NEEDS_APPROVAL)
    assert (await subjects.get(business.context, order, ["en"])).state == "requested"
    await replies.approve(business.context, MANAGER, waiting.id, refund_minor=1_234)
    done = await business.ended(waiting)
    assert (done.state, done.refund_minor) == (Status.CANCELLED, 1_234)
    assert [refund.amount_minor for refund in done.refunds] == [1_234]
    assert await business.is_sound()


async def test_a_declined_approval_leaves_everything_as_it_was(business: Business) -> None:
    order = await business.order("asked")
    waiting = await business.cancel(order)
    await replies.decline(business.context, MANAGER, waiting.id)
    done = await business.ended(waiting)
    assert (done.state, done.cause) == (Status.DECLINED, "staff")
    assert (await subjects.get(business.context, order, ["en"])).state == "none"
    subjects_of_mails = [str(mail["Subject"]) for mail in business.mails.messages]
    assert len(subjects_of_mails) == 3
    assert await business.is_sound()


async def test_ops_cancel_a_waiting_workflow_and_nothing_has_changed(business: Business) -> None:
    order = await business.mixed("asked")
    waiting = await business.cancel(order)
    handle = business.client.get_workflow_handle(waiting.workflow_id or "")
    await handle.cancel()
    done = await business.reached(waiting, Status.RESTORED)
    assert done.cause == "stopped_by_ops"
    assert (await subjects.get(business.context, order, ["en"])).held is False
    assert await business.is_sound()


async def test_what_came_to_nothing_says_that_no_money_moves(business: Business) -> None:
    waiting = await business.cancel(await business.order("asked"))
    assert waiting.refund_minor == 4_000
    told = await replies.decline(business.context, MANAGER, waiting.id)
    assert (told.state, told.refund_minor, told.fee_minor) == (Status.DECLINED, 0, 0)
    await business.ended(waiting)
    assert await business.is_sound()
