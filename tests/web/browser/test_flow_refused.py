"""What the rules refuse, and money that can't go back the way it came."""

from sandbox import control
from storage import credit
from tests.web.browser.flow import Flow, every_look, fixture_flow  # noqa: F401 - a fixture
from tests.web.browser.scenes import path_of
from use_cases.views import Status


@every_look()
async def test_too_late_says_why_and_an_exception_can_be_asked_for(flow: Flow) -> None:
    order = await flow.order("shut", stage="packed")
    await flow.come_in(order)
    assert await flow.customer.page.locator(f'a[href="{path_of(order)}/cancel"]').count() == 0
    await flow.customer.ask_for_an_exception(order, "It was to be a present")
    await flow.reads("Your request is with us. Nothing is cancelled yet.")
    assert "It was to be a present" in await flow.customer.read()
    asked = await flow.is_at(Status.AWAITING_APPROVAL)
    assert asked.right == "goodwill"
    await flow.staff("decline")
    await flow.follow("It was not cancelled. Everything stays as it is.")
    assert await flow.returned() == []


@every_look()
async def test_a_refund_that_comes_back_is_taken_as_credit(flow: Flow) -> None:
    order = await flow.order()
    await flow.come_in(order)
    await flow.customer.cancel(order)
    await flow.follow("Sent back.")
    (refund,) = await control.refunds_of(flow.business.cards, flow.card)
    await control.fail_later(flow.business.cards, refund.id, "lost_or_stolen_card")
    seen = await flow.seen()
    await flow.business.context.runs.follow(seen.refunds[0].id)
    await flow.comes_back_to("It could not go back the way you paid. Choose how you would like it.")
    await flow.customer.take_credit()
    await flow.follow("It is there.")
    (paid,) = (await flow.seen()).refunds
    assert (paid.form, paid.amount_minor) == ("store_credit", 4_000)
    async with flow.business.sessions() as session:
        assert await credit.balance(session, f"credit/{flow.who['ref']}", "EUR") == 4_000
    assert await flow.returned() == []
    assert await flow.business.is_sound()
