"""Cancellations that wait: for a person's yes, and for who may still take them back."""

from tests.web.browser.flow import Flow, every_look, fixture_flow  # noqa: F401 - a fixture
from tests.web.browser.visitor import Look
from use_cases.views import Status

_QUICK = Look("light", 390)


@every_look(_QUICK)
async def test_a_request_waits_for_a_yes_and_the_page_moves_on(flow: Flow) -> None:
    order = await flow.order("asked")
    await flow.come_in(order)
    await flow.customer.cancel(order)
    await flow.reads("Your request is with us. Nothing is cancelled yet.")
    assert (await flow.is_at(Status.AWAITING_APPROVAL)).ended_at is None
    assert await flow.returned() == []
    await flow.staff("approve")
    await flow.follow("It is cancelled.")
    await flow.follow("Sent back.")
    assert await flow.returned() == [4_000]
    assert len(await flow.mails(2)) >= 2


@every_look()
async def test_a_request_that_is_declined_changes_nothing(flow: Flow) -> None:
    appointment = await flow.appointment("asked")
    await flow.come_in(appointment)
    await flow.customer.cancel(appointment)
    await flow.is_at(Status.AWAITING_APPROVAL)
    await flow.staff("decline")
    await flow.follow("It was not cancelled. Everything stays as it is.")
    assert (await flow.is_at(Status.DECLINED)).cause == "staff"
    assert (await flow.slots_kept(appointment), await flow.returned()) == (1, [])


@every_look()
async def test_what_can_be_taken_back_is(flow: Flow) -> None:
    order = await flow.order("undo")
    await flow.come_in(order)
    await flow.customer.cancel(order)
    await flow.follow("This will be cancelled. You can still take it back.")
    await flow.customer.take_back()
    await flow.follow("You took it back. Everything stays as it is.")
    assert (await flow.is_at(Status.UNDONE)).ended_at is not None
    assert await flow.returned() == []
    assert await flow.business.is_sound()
