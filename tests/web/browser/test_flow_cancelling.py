"""Cancelling an order, a part of one and an appointment, from the mail's link to the end."""

from tests.web.browser.flow import Flow, every_look, fixture_flow  # noqa: F401 - a fixture
from tests.web.browser.scenes import path_of
from tests.web.browser.visitor import Look
from use_cases.views import Status
from web.shared.paths import ROOT


@every_look(Look("dark", 390, script=False, language="ar"))
async def test_a_whole_order_is_cancelled_and_paid_back(flow: Flow) -> None:
    order = await flow.order()
    await flow.come_in(order)
    await flow.customer.choose(order)
    assert flow.money(4_000) in await flow.customer.read()
    await flow.customer.look_over()
    assert flow.money(4_000) in await flow.customer.read()
    await flow.customer.confirm()
    await flow.follow("It is cancelled.")
    done = await flow.is_at(Status.CANCELLED)
    await flow.follow("Sent back.")
    assert (done.refund_minor, done.fee_minor) == (4_000, 0)
    assert await flow.returned() == [4_000]
    assert order.id in str((await flow.mails(1))[0]["Subject"])
    assert await flow.business.is_sound()


@every_look(Look("light", 1280))
async def test_a_part_is_cancelled_and_the_refund_follows_the_choice(flow: Flow) -> None:
    order = await flow.order()
    await flow.come_in(order)
    await flow.customer.choose(order, {"2": 1})
    if flow.look.script:
        await flow.customer.until(flow.money(500))
    else:
        await flow.customer.page.locator('button[name="again"]').click()
    told = await flow.customer.page.locator("#summary").inner_text()
    assert flow.money(500) in " ".join(told.split())
    assert flow.money(4_000) not in " ".join(told.split())
    await flow.customer.look_over()
    await flow.customer.confirm()
    await flow.follow("The part you chose is cancelled.")
    await flow.follow("Sent back.")
    assert await flow.returned() == [500]
    await flow.customer.go(path_of(order))
    await flow.reads("Partly cancelled")
    assert await flow.business.is_sound()


@every_look()
async def test_an_appointment_is_cancelled_and_its_slot_is_free(flow: Flow) -> None:
    appointment = await flow.appointment()
    await flow.come_in(appointment)
    await flow.customer.cancel(appointment)
    await flow.follow("It is cancelled.")
    await flow.follow("Sent back.")
    assert await flow.slots_kept(appointment) == 0
    assert await flow.returned() == [4_000]
    assert appointment.id in str((await flow.mails(1))[0]["Subject"])


@every_look()
async def test_from_the_order_to_done_there_are_two_pages_between_and_none_holds_back(
    flow: Flow,
) -> None:
    order = await flow.order()
    await flow.come_in(order)
    status = await flow.customer.cancel(order)
    here = path_of(order)
    shown = [
        page.partition("?")[0]
        for page in flow.customer.seen
        if not page.startswith(f"{ROOT}/open/")
    ]
    assert shown == [here, f"{here}/cancel", f"{here}/review", status]
