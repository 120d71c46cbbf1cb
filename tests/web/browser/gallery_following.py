"""Scenes of what becomes of a cancellation, in the order in which they come about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox import control
from sandbox.control import Behaviour
from tests.web.browser.gallery_house import House, api_path, appointment, order
from tests.web.browser.gallery_stage import Scene, Stage, at, at_kept
from tests.web.browser.scenes import Customer, path_of
from web.shared.paths import ROOT

_LAMP = order("1071")


def _a_lamp() -> dict[str, Any]:
    """Bought yesterday by somebody who has nothing else."""
    return {
        "stage": "pending",
        "currency": "EUR",
        "placed_at": (datetime.now(UTC) - timedelta(days=1)).isoformat(),
        "customer": {"ref": "c-121", "name": "Ada Winter", "email": "ada.winter@example.com"},
        "lines": [{"title": "Lamp, oak", "unit_price_minor": 12_900}],
        "tenders": [{"method": "card", "payment_ref": "pay_1071", "captured_minor": 12_900}],
    }


async def _wait_for_approval(stage: Stage) -> None:
    await stage.cancel("waiting", order("1047"))


async def _decline(stage: Stage) -> None:
    path = api_path(stage.house.kept["waiting"])
    await stage.house.call("approver", "POST", f"{path}/decline")
    await stage.house.until("waiting", state="declined")


async def _wait_for_undo(stage: Stage) -> None:
    await stage.cancel("undo", appointment("A-2005"))
    await stage.house.until("undo", state="undo_window")


async def _undo(stage: Stage) -> None:
    async with stage.customer(appointment("A-2005")) as customer:
        await customer.go(stage.house.kept["undo"])
        await customer.page.locator('form[action$="/undo"] button').click()
    await stage.house.until("undo", state="undone")


async def _work(stage: Stage) -> None:
    slow = Behaviour.ANSWERS_LATE
    await control.script(stage.house.cards, slow, ref="pay_1045", seconds=25)
    await stage.cancel("working", order("1045"))


async def _be_on_the_way(stage: Stage) -> None:
    await control.let_refunds_wait(stage.house.cards, "pay_1042")
    await stage.cancel("on-its-way", order("1042"), {"1": 1, "2": 1})
    await stage.house.until("on-its-way", state="cancelled", money="on_its_way")


async def _be_paid(stage: Stage) -> None:
    await stage.cancel("paid", appointment("A-2001"))
    await stage.house.until("paid", state="cancelled", money="settled")


async def _be_refused(stage: Stage) -> None:
    await stage.house.call("admin", "PUT", f"/orders/{_LAMP.id}", _a_lamp())
    lost = "lost_or_stolen_card"
    await control.script(
        stage.house.cards, Behaviour.REJECTS, ref="pay_1071", failure=lost, times=None
    )
    await stage.cancel("restored", _LAMP)
    await stage.house.until("restored", state="restored")


async def _fail_late(stage: Stage) -> None:
    await stage.cancel("failed", appointment("A-2002"))
    await stage.house.until("failed", state="cancelled", money="settled")
    (refund,) = await control.refunds_of(stage.house.cards, "pay_A-2002")
    await control.fail_later(stage.house.cards, refund.id, "lost_or_stolen_card")
    await stage.house.until_refund("failed", attention="customer")


async def _take_credit(stage: Stage) -> None:
    async with stage.customer(appointment("A-2002")) as customer:
        await customer.go(stage.house.kept["failed"])
        await customer.page.locator('form[action$="/credit"] button').click()
    await stage.house.until("failed", money="settled")


async def _ask_for_an_exception(stage: Stage) -> None:
    async with stage.customer(order("1043")) as customer:
        await customer.go(f"{path_of(order('1043'))}/exception")
        await customer.page.locator('textarea[name="note"]').fill("It was to be a present.")
        await customer.page.locator('form[action$="/exception"] button.primary').click()
        await customer.page.wait_for_url("**/cancellations/*")
        stage.house.kept["asked"] = customer.path


async def _read_receipt(customer: Customer, house: House) -> None:
    await customer.go(f"{house.kept['paid']}/receipt")


SCENES = (
    Scene(
        "waiting",
        "A request waits for a person",
        at_kept("waiting"),
        order("1047"),
        _wait_for_approval,
        is_key=True,
    ),
    Scene("declined", "The person said no", at_kept("waiting"), order("1047"), _decline),
    Scene(
        "undo",
        "It can still be taken back",
        at_kept("undo"),
        appointment("A-2005"),
        _wait_for_undo,
        is_key=True,
    ),
    Scene("undone", "Taken back", at_kept("undo"), appointment("A-2005"), _undo),
    Scene(
        "working",
        "Being cancelled, while the card is slow",
        at_kept("working"),
        order("1045"),
        _work,
    ),
    Scene(
        "on-its-way",
        "A part is cancelled; one refund there, one on its way",
        at_kept("on-its-way"),
        order("1042"),
        _be_on_the_way,
        is_key=True,
    ),
    Scene("partly", "What is left of the order", at(path_of(order("1042"))), order("1042")),
    Scene("paid", "Cancelled and paid back", at_kept("paid"), appointment("A-2001"), _be_paid),
    Scene("receipt-cancelled", "Its receipt", _read_receipt, appointment("A-2001")),
    Scene(
        "cancelled",
        "An appointment that is cancelled already",
        at(path_of(appointment("A-2001"))),
        appointment("A-2001"),
    ),
    Scene(
        "restored",
        "The bank said no, so everything is as it was",
        at_kept("restored"),
        _LAMP,
        _be_refused,
        is_key=True,
    ),
    Scene(
        "failed",
        "The money came back to the shop: the customer chooses",
        at_kept("failed"),
        appointment("A-2002"),
        _fail_late,
        is_key=True,
    ),
    Scene(
        "credit",
        "Paid as store credit instead",
        at_kept("failed"),
        appointment("A-2002"),
        _take_credit,
    ),
    Scene(
        "asked",
        "An exception that was asked for",
        at_kept("asked"),
        order("1043"),
        _ask_for_an_exception,
    ),
    Scene(
        "history",
        "All that was cancelled or asked for, and the money",
        at(f"{ROOT}/history"),
        order("1042"),
    ),
)
