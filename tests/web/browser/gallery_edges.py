"""Scenes of withdrawing by law, of preferences, and of each way in which a visit can't go on."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from sqlalchemy import text

from storage import maintenance
from tests.web.browser.gallery_house import House, appointment, order
from tests.web.browser.gallery_stage import Scene, Stage, at, at_kept
from tests.web.browser.scenes import Customer, path_of
from web.portal.limits import LINKS_FOR_ONE
from web.shared.paths import ROOT

_SOLD = order("1070")
_SHOP = {
    "id": "distance",
    "title": "Sold at a distance",
    "laws": ["eu-withdrawal-goods"],
    "rules": [{"unless": {"stage": "open"}, "refuse": "stage_not_cancellable"}],
}


async def _sell_at_a_distance(stage: Stage) -> None:
    """An order that came three days ago, so that only the law lets it go."""
    now = datetime.now(UTC)
    report = {
        "stage": "delivered",
        "policy": {"id": "distance"},
        "currency": "EUR",
        "placed_at": (now - timedelta(days=5)).isoformat(),
        "delivered_at": (now - timedelta(days=3)).isoformat(),
        "customer": {"ref": "c-120", "name": "Grete Amsel", "email": "grete.amsel@example.com"},
        "lines": [
            {"title": "Lamp, oak", "unit_price_minor": 12_900},
            {"title": "Candle", "unit_price_minor": 690, "quantity": 4},
        ],
        "tenders": [{"method": "card", "payment_ref": "pay_1070", "captured_minor": 15_660}],
    }
    await stage.house.call("admin", "PUT", "/policies/distance", _SHOP)
    await stage.house.call("admin", "PUT", f"/orders/{_SOLD.id}", report)


async def _fill_in(customer: Customer) -> None:
    page = customer.page
    await customer.go(f"{ROOT}/withdraw")
    await page.locator('input[name="number"]').fill(_SOLD.id)
    await page.locator('input[name="name"]').fill("Grete Amsel")
    await page.locator('input[name="email"]').fill("grete.amsel@example.com")


async def _state(customer: Customer, house: House) -> None:
    await _fill_in(customer)
    await customer.page.locator('form[action$="/withdraw"] button.primary').click()
    await customer.page.locator('form[action$="/withdraw/confirm"]').wait_for()


async def _declare(stage: Stage) -> None:
    async with stage.customer() as customer:
        await _state(customer, stage.house)
        await customer.page.locator('form[action$="/confirm"] button.primary').click()
        await customer.page.wait_for_url(f"**{ROOT}/withdrawals/*")
        stage.house.kept["withdrawn"] = customer.path
    await stage.house.mail_with(_SOLD.id)


async def _look_over_own(customer: Customer, house: House) -> None:
    await customer.go(f"{path_of(_SOLD)}/withdraw")
    await customer.page.locator('form[action$="/withdraw"] button.primary').click()
    await customer.page.locator('form[action$="/withdraw/confirm"]').wait_for()


async def _come_back_too_late(customer: Customer, house: House) -> None:
    """A session that is over: nobody waits twelve hours for a picture."""
    async with house.sessions.begin() as session:
        await session.execute(text("UPDATE portal_sessions SET expires_at = created_at"))
    await customer.go(path_of(order("1042")))


async def _leave(customer: Customer, house: House) -> None:
    await customer.page.locator('form[action$="/leave"] button').click()
    await customer.page.wait_for_url("**/leave")


async def _ask_too_often(customer: Customer, house: House) -> None:
    page = customer.page
    for _ in range(LINKS_FOR_ONE.most + 1):
        await customer.go(f"{ROOT}/enter")
        await page.locator('input[name="number"]').fill("1042")
        await page.locator('input[name="email"]').fill("nobody@example.com")
        async with page.expect_navigation() as navigation:
            await page.locator('form[action$="/enter"] button').click()
        if (await navigation.value).status == HTTPStatus.TOO_MANY_REQUESTS:
            return


async def _come_during_maintenance(customer: Customer, house: House) -> None:
    now = datetime.now(UTC)
    async with house.sessions.begin() as session:
        await maintenance.begin(session, now, now + timedelta(minutes=90))
    await customer.go(f"{path_of(order('1042'))}/cancel")
    async with house.sessions.begin() as session:
        await maintenance.end(session)


SCENES = (
    Scene(
        "law",
        "An order that only the law lets go",
        at(path_of(_SOLD)),
        _SOLD,
        _sell_at_a_distance,
    ),
    Scene("withdraw-own", "Withdrawing, signed in", at(f"{path_of(_SOLD)}/withdraw"), _SOLD),
    Scene("withdraw-own-confirm", "What goes back by law", _look_over_own, _SOLD),
    Scene("withdraw", "Withdrawing as a guest", at(f"{ROOT}/withdraw"), is_key=True),
    Scene("withdraw-confirm", "The second step", _state, is_key=True),
    Scene("receipt", "Its receipt", at_kept("withdrawn"), None, _declare, is_key=True),
    Scene("preferences", "Language, clock, colours", at(f"{ROOT}/preferences"), is_key=True),
    Scene("link-expired", "A link that is too old", at(f"{ROOT}/open/none")),
    Scene("missing", "Not there, or not theirs", at(f"{ROOT}/orders/none"), order("1042")),
    Scene(
        "cancelled-elsewhere",
        "Cancelled already, in the shop's own book",
        at(path_of(order("1046"))),
        order("1046"),
    ),
    Scene(
        "attended",
        "An appointment of the past",
        at(path_of(appointment("A-2007"))),
        appointment("A-2007"),
    ),
    Scene("left", "Signed out", _leave, order("1042")),
    Scene("signed-out", "Signed out by time", _come_back_too_late, order("1042")),
    Scene("maintenance", "Down for maintenance", _come_during_maintenance, order("1042")),
    Scene("too-much", "One number was tried too often", _ask_too_often),
)
