"""What both sides read about a refund without a cancellation, with everything real."""

import asyncio
from datetime import timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from domain.attention import CHOOSE_WITHIN
from domain.subjects import SubjectRef
from sandbox import control
from sandbox.control import Behaviour
from tests.end_to_end.conftest import MANAGER, Business, a_card
from tests.end_to_end.test_refund_requests import PORTAL, STAFF, ask
from use_cases import refund_answers


async def _mails(business: Business, order: SubjectRef, count: int) -> list[EmailMessage]:
    """So many mails about an order, once they have come."""
    async with asyncio.timeout(20):
        while True:
            found = [one for one in business.mails.messages if order.id in str(one["Subject"])]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.02)


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


async def test_who_asks_is_told_and_so_is_who_decides_with_the_commands_to_type(
    business: Business,
) -> None:
    order = await business.order()
    asked = await ask(business, order, PORTAL, amount_minor=500, note="It was broken.")
    first, second = await _mails(business, order, 2)
    assert first["Subject"] == f"Please decide: refund for order {order.id}"
    assert f"rescind refunds approve {asked.id}" in _text(first)
    assert "> It was broken." in _text(first)
    assert second["Subject"] == f"We have your request for a refund: order {order.id}"
    assert second["X-Rescind-Refund-Request"] == str(asked.id)
    assert "Card: €5.00" in _text(second)
    assert "broken" not in _text(second)
    await refund_answers.decline(business.context, MANAGER, asked.id)
    *_, last = await _mails(business, order, 3)
    assert last["Subject"] == f"Your refund for order {order.id} was declined"
    assert "A member of staff looked at the request and said no." in _text(last)


async def test_a_yes_is_told_and_then_that_the_money_is_on_its_way(business: Business) -> None:
    order = await business.order()
    asked = await ask(business, order, PORTAL, amount_minor=500)
    await refund_answers.approve(business.context, MANAGER, asked.id, 300)
    mails = await _mails(business, order, 4)
    to_customer = {str(one["Subject"]): one for one in mails if "ada@" in str(one["To"])}
    assert "Card: €3.00" in _text(to_customer[f"Your refund for order {order.id} is approved"])
    sent = _text(to_customer[f"The money for your order {order.id} is on its way"])
    assert f"All that goes back to you for your order {order.id} has been sent." in (
        " ".join(sent.split())
    )


async def test_what_staff_give_of_their_own_accord_is_told_once_it_is_on_its_way(
    business: Business,
) -> None:
    order = await business.order()
    await ask(business, order, amount_minor=500, **STAFF)
    (only,) = await _mails(business, order, 1)
    assert only["Subject"] == f"The money for your order {order.id} is on its way"


async def test_who_has_to_choose_is_told_until_when_and_the_business_what_it_may_do(
    business: Business,
) -> None:
    card = a_card(4_000)
    await control.script(business.cards, Behaviour.REJECTS, ref=card["payment_ref"], times=None)
    order = await business.order("kind", tenders=[card])
    done = await business.ended(await business.cancel(order))
    asked = await business.until(done, lambda seen: seen.refunds[0].attention == "customer")
    refund = asked.refunds[0]
    assert refund.answer_by is not None
    assert (
        timedelta() < refund.answer_by - asked.requested_at - CHOOSE_WITHIN < timedelta(minutes=1)
    )
    mails = await _mails(business, order, 4)
    told = {str(one["Subject"]): " ".join(_text(one).split()) for one in mails}
    end = refund.answer_by.astimezone(ZoneInfo("Europe/Berlin"))
    day = f"{end:%B} {end.day}, {end.year}"
    choice = told[f"How would you like your money for order {order.id}?"]
    assert "Choose by " in choice
    assert day in choice
    help_ = told[f"A person is needed: refund for order {order.id}"]
    for way in ("show", "retry", "credit", "pay", "waive"):
        assert f"rescind refunds {way} {refund.id}" in help_
