"""One fault at each step of a mixed order, and the promises checked after it."""

import pytest

from domain.attention import Choice
from domain.lifecycle import RefundState
from sandbox import control
from sandbox.control import Behaviour
from tests.end_to_end.conftest import DESK, MANAGER, Business, a_card, a_gift_card
from tests.end_to_end.faults import Fault
from use_cases import replies, resolutions, subjects
from use_cases.resolutions import Decided
from use_cases.views import CancellationView, Status


async def asked(business: Business) -> CancellationView:
    """A mixed order that takes every step there is, agreed to by the desk."""
    order = await business.mixed("asked")
    waiting = await business.cancel(order)
    if waiting.state is Status.AWAITING_APPROVAL:
        await replies.approve(business.context, MANAGER, waiting.id)
    return waiting


FORWARD = (
    "validate",
    "confirm_hold",
    "release_slots",
    "restock",
    "trigger_refund",
    "update_status",
    "send_notifications",
)


@pytest.mark.parametrize("step", FORWARD)
async def test_a_lost_reply_changes_nothing(business: Business, step: str) -> None:
    business.faults.planned[step] = Fault.REPLY_LOST
    done = await business.ended(await asked(business))
    assert done.state is Status.CANCELLED
    assert business.faults.ran.count(step) >= 2
    assert [refund.state for refund in done.refunds] == [RefundState.SUCCEEDED] * 2
    assert await business.on_hand("mug") == 11
    assert await business.is_sound()


@pytest.mark.parametrize("step", ["confirm_hold", "release_slots", "restock"])
async def test_a_step_rejected_for_good_puts_everything_back(business: Business, step: str) -> None:
    business.faults.planned[step] = Fault.REJECTED
    done = await business.ended(await asked(business))
    assert (done.state, done.cause) == (Status.RESTORED, "step_failed")
    seen = await subjects.get(business.context, done.subject, ["en"])
    assert (seen.state, seen.held) == ("none", False)
    assert all(line.quantity_cancelled == 0 for line in seen.lines)
    assert await business.on_hand("mug") == 10
    assert await business.is_sound()
    again = await business.ended(await asked_again(business, done))
    assert again.state is Status.CANCELLED
    assert await business.is_sound()


async def asked_again(business: Business, restored: CancellationView) -> CancellationView:
    """The second chance: the quote that a restored run leaves."""
    assert restored.retry_quote_id
    waiting = await business.cancel(restored.subject, quote_id=str(restored.retry_quote_id))
    await replies.approve(business.context, MANAGER, waiting.id)
    return waiting


async def test_a_decision_rejected_for_good_is_on_record_and_can_be_asked_again(
    business: Business,
) -> None:
    business.faults.planned["validate"] = Fault.REJECTED
    order = await business.order()
    failed = await business.ended(await business.cancel(order))
    assert (failed.state, failed.n) == (Status.RESTORED, 1)
    again = await business.ended(await business.cancel(order))
    assert (again.state, again.n) == (Status.CANCELLED, 2)
    assert await business.is_sound()


@pytest.mark.slow
async def test_a_decision_that_can_neither_be_made_nor_put_back_waits_for_a_person(
    business: Business,
) -> None:
    business.faults.planned |= {"validate": Fault.REJECTED, "restore_status": Fault.REJECTED}
    order = await business.order()
    waiting = await business.reached(await business.cancel(order), Status.NEEDS_ATTENTION)
    assert [one.step for one in waiting.attention] == ["restore_status"]
    assert await business.is_sound()
    await business.until_mails(1)
    decided = Decided(step="restore_status", choice=Choice.RETRY)
    await resolutions.resolve(business.context, MANAGER, waiting.id, decided)
    done = await business.ended(waiting)
    assert (done.state, done.cause, done.n) == (Status.RESTORED, "step_failed", 1)
    seen = await subjects.get(business.context, order, ["en"])
    assert (seen.state, seen.held) == ("none", False)
    assert await business.is_sound()
    assert (await business.ended(await business.cancel(order))).state is Status.CANCELLED


@pytest.mark.parametrize("step", ["reserve_slots", "unrestock", "drop_refunds", "restore_status"])
async def test_a_lost_reply_of_an_undo_changes_nothing(business: Business, step: str) -> None:
    card = a_card(3_500)
    await control.script(
        business.cards, Behaviour.REJECTS, ref=card["payment_ref"], failure="declined"
    )
    business.faults.planned[step] = Fault.REPLY_LOST
    order = await business.mixed(tenders=[card, {"id": "gift", **a_gift_card(1_500)}])
    done = await business.ended(await business.cancel(order))
    assert (done.state, done.cause) == (Status.RESTORED, "refund_rejected")
    assert business.faults.ran.count(step) == 2
    assert await business.on_hand("mug") == 10
    assert await business.is_sound()


async def test_a_refund_step_that_breaks_becomes_a_debt_and_is_paid(business: Business) -> None:
    business.faults.planned["trigger_refund"] = Fault.REJECTED
    done = await business.ended(await asked(business))
    assert done.state is Status.CANCELLED
    settled = await paid(business, done)
    assert all(refund.state is RefundState.SUCCEEDED for refund in settled.refunds)
    assert await business.is_sound()


async def test_a_pivot_rejected_for_good_waits_for_a_person(business: Business) -> None:
    business.faults.planned["update_status"] = Fault.REJECTED
    started = await asked(business)
    waiting = await business.reached(started, Status.NEEDS_ATTENTION)
    assert waiting.attention[0].step == "update_status"
    assert waiting.attention[0].choices == (Choice.RETRY,)
    decided = Decided(step="update_status", choice=Choice.RETRY)
    await resolutions.resolve(business.context, DESK, started.id, decided)
    done = await business.ended(started)
    assert done.state is Status.CANCELLED
    assert await business.is_sound()


async def test_a_lost_reply_of_the_provider_returns_the_money_once(business: Business) -> None:
    card = a_card(4_000)
    await control.script(business.cards, Behaviour.LOSES_REPLY, ref=card["payment_ref"])
    order = await business.order(tenders=[card])
    done = await business.ended(await business.cancel(order))
    assert done.state is Status.CANCELLED
    refunds = await control.refunds_of(business.cards, card["payment_ref"])
    assert [refund.amount for refund in refunds] == [4_000]
    assert await business.is_sound()


async def test_a_pending_refund_is_followed_by_a_run_of_its_own(business: Business) -> None:
    card = a_card(4_000)
    ref = card["payment_ref"]
    await control.script(business.cards, Behaviour.ACCEPTS_PENDING, ref=ref)
    done = await business.ended(await business.cancel(await business.order(tenders=[card])))
    assert done.state is Status.CANCELLED
    assert [refund.state for refund in done.refunds] == [RefundState.PENDING]
    (refund,) = await control.refunds_of(business.cards, ref)
    await control.succeed_later(business.cards, refund.id)
    handle = business.client.get_workflow_handle(f"refund/{done.refunds[0].id}")
    await handle.signal("hint")
    settled = await paid(business, done)
    assert settled.refunds[0].state is RefundState.SUCCEEDED
    assert await business.is_sound()


async def test_a_rejected_refund_that_stands_waits_for_a_person_who_pays(
    business: Business,
) -> None:
    card = a_card(4_000)
    await control.script(
        business.cards, Behaviour.REJECTS, ref=card["payment_ref"], failure="expired", times=None
    )
    order = await business.order("kind", tenders=[card])
    done = await business.ended(await business.cancel(order))
    assert done.state is Status.CANCELLED
    waiting = await attention(business, done)
    assert waiting.attention[0].step == "refund"
    decided = Decided(
        step="refund",
        choice=Choice.SETTLE_BY_HAND,
        reason="paid by bank transfer",
        refund_id=waiting.refunds[0].id,
    )
    await resolutions.resolve(business.context, MANAGER, done.id, decided)
    settled = await paid(business, done)
    assert settled.refunds[0].state is RefundState.PAID_OTHERWISE
    assert await business.is_sound()


async def paid(business: Business, done: CancellationView) -> CancellationView:
    """Wait until the refunds' own runs have ended."""
    for refund in done.refunds:
        if refund.state not in (RefundState.SUCCEEDED, RefundState.PAID_OTHERWISE):
            await business.client.get_workflow_handle(f"refund/{refund.id}").result()
    return await business.seen(done)


async def attention(business: Business, done: CancellationView) -> CancellationView:
    handle = business.client.get_workflow_handle(f"refund/{done.refunds[0].id}")
    await handle.signal("hint")
    return await business.until(done, lambda seen: bool(seen.attention))
