"""An order, an appointment and a mixed order, cancelled for real."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import PartOfOrder
from domain.lifecycle import RefundState
from domain.reports import AppointmentReport
from domain.subjects import Kind, SubjectRef
from sandbox import control
from storage import credit
from tests.end_to_end.conftest import DESK, Business, a_card
from use_cases import records, resources, subjects
from use_cases.views import Status, Word


async def test_an_order_is_cancelled_and_everything_follows(business: Business) -> None:
    order = await business.order()
    asked = await business.cancel(order, reason="no_longer_needed")
    assert (asked.outcome, asked.refund_minor) == (Word.ACCEPTED, 4_000)
    done = await business.ended(asked)
    assert done.state is Status.CANCELLED
    assert [refund.state for refund in done.refunds] == [RefundState.SUCCEEDED]
    assert (await business.on_hand("mug"), await business.on_hand("tea")) == (11, 12)
    seen = await subjects.get(business.context, order, ["en"])
    assert seen.state == "cancelled"
    assert all(line.quantity_cancelled == line.quantity for line in seen.lines)
    assert await business.is_sound()


async def test_the_mails_of_a_cancelled_order_go_to_customer_and_business(
    business: Business,
) -> None:
    await business.ended(await business.cancel(await business.order()))
    recipients = [recipient for mail in business.mails.recipients for recipient in mail]
    assert sorted(recipients) == ["ada@example.org", "desk@rescind.example"]
    text = business.mails.messages[0].get_body(("plain",))
    assert text is not None
    assert "40.00" in text.get_content()


async def test_an_appointments_slot_is_free_again(business: Business) -> None:
    appointment = await business.appointment()
    starts = (await subjects.get(business.context, appointment, ["en"])).starts_at
    assert isinstance(starts, datetime)
    assert starts not in await free(business, starts)
    done = await business.ended(await business.cancel(appointment))
    assert done.state is Status.CANCELLED
    assert starts in await free(business, starts)
    assert await business.is_sound()


async def test_a_mixed_order_returns_to_both_tenders(business: Business) -> None:
    order = await business.mixed()
    done = await business.ended(await business.cancel(order))
    assert {refund.method: refund.amount_minor for refund in done.refunds} == {
        "card": 3_500,
        "gift_card": 1_500,
    }
    assert all(refund.state is RefundState.SUCCEEDED for refund in done.refunds)
    async with business.sessions() as session:
        tenders = (await subjects.get(business.context, order, ["en"])).tenders
        gift = next(tender for tender in tenders if tender.method == "gift_card")
        assert gift.payment_ref
        assert await credit.balance(session, gift.payment_ref, "EUR") == 1_500
    assert await business.is_sound()


async def test_an_appointment_that_is_part_of_an_order_is_cancelled_there(
    business: Business,
) -> None:
    order = await business.mixed()
    view = SubjectRef(kind=Kind.APPOINTMENT, id=f"view-{order.id}")
    report = AppointmentReport.model_validate(
        {"stage": "booked", "currency": "EUR", "part_of": {"order": order.id, "line": "2"}}
    )
    await records.report(business.context, DESK, view, report)
    with pytest.raises(PartOfOrder):
        await business.cancel(view)
    await business.ended(await business.cancel(order, lines={"2": 1}))
    assert (await subjects.get(business.context, view, ["en"])).state == "cancelled"
    assert (await subjects.get(business.context, order, ["en"])).state == "partly_cancelled"
    assert await business.is_sound()


async def test_partial_after_partial_returns_all_of_it_once(business: Business) -> None:
    card = a_card(4_000)
    order = await business.order("half", tenders=[card])
    returned = []
    for lines in ({"2": 1}, {"1": 1}, {"2": 1, "3": 1}):
        done = await business.ended(await business.cancel(order, lines=lines))
        assert done.state is Status.CANCELLED
        returned.append(done.refund_minor)
        assert await business.is_sound()
    assert sum(amount or 0 for amount in returned) == 2_000
    assert (
        sum(
            refund.amount
            for refund in await control.refunds_of(business.cards, card["payment_ref"])
        )
        == 2_000
    )
    again = await business.cancel(order)
    assert again.outcome is Word.DECLINED


async def free(business: Business, day: datetime) -> list[datetime]:
    slots = await resources.free_slots(
        business.context, "chair", day - timedelta(hours=2), day + timedelta(hours=3), 60
    )
    return [slot.starts_at.astimezone(UTC) for slot in slots]
