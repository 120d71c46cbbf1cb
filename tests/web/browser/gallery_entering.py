"""Scenes of coming in and of choosing what to cancel."""

import re

from tests.web.browser.gallery_house import House, appointment, order
from tests.web.browser.gallery_stage import Scene, at
from tests.web.browser.scenes import Customer, path_of
from web.shared.paths import ROOT

ADA = "ada.sommer@example.com"


async def _ask_for_a_link(customer: Customer, house: House) -> None:
    await customer.go(f"{ROOT}/enter")
    await customer.page.locator('input[name="number"]').fill("1050")
    await customer.page.locator('input[name="email"]').fill("nobody@example.com")
    await customer.page.locator('form[action$="/enter"] button').click()
    await customer.page.wait_for_load_state()


async def _open_once(customer: Customer, house: House) -> None:
    await customer.go(f"{ROOT}/enter")
    await customer.page.locator('input[name="number"]').fill("1042")
    await customer.page.locator('input[name="email"]').fill(ADA)
    await customer.page.locator('form[action$="/enter"] button').click()
    await customer.page.wait_for_load_state()
    (link,) = re.findall(rf"{ROOT}/once/\S+", await house.mail_with("/once/"))
    await customer.go(link)


async def _choose_a_part(customer: Customer, house: House) -> None:
    await customer.choose(order("1042"), {"1": 1})
    await customer.give_reason("changed_mind")
    await customer.page.wait_for_timeout(900)


async def _forget_the_note(customer: Customer, house: House) -> None:
    await customer.choose(order("1042"))
    await customer.give_reason("other")
    await customer.page.locator('form[method="post"] button.primary').first.click()
    await customer.page.locator('[role="alert"]').wait_for()


async def _look_over_a_part(customer: Customer, house: House) -> None:
    await _choose_a_part(customer, house)
    await customer.look_over()


async def _look_over_with_a_note(customer: Customer, house: House) -> None:
    await customer.choose(order("1042"))
    await customer.give_reason("other")
    await customer.page.locator("#note").fill("We have ordered the same lamp twice.")
    await customer.look_over()


async def _look_over_a_late_one(customer: Customer, house: House) -> None:
    await customer.choose(appointment("A-2003"))
    await customer.look_over()


SCENES = (
    Scene("enter", "The way in without a link", at(f"{ROOT}/enter"), is_key=True),
    Scene("sent", "Told alike, whether there is such an order or not", _ask_for_a_link),
    Scene("once", "The link that works once asks for a click first", _open_once),
    Scene("home", "Orders and appointments", at(f"{ROOT}/"), order("1042"), is_key=True),
    Scene(
        "order",
        "An order that can be cancelled",
        at(path_of(order("1042"))),
        order("1042"),
        is_key=True,
    ),
    Scene(
        "appointment",
        "An appointment, with what it costs later",
        at(path_of(appointment("A-2001"))),
        appointment("A-2001"),
        is_key=True,
    ),
    Scene(
        "choose", "One of two mugs, and what goes back", _choose_a_part, order("1042"), is_key=True
    ),
    Scene("choose-fault", "A reason that needs a few words", _forget_the_note, order("1042")),
    Scene("review", "Looked over before it is done", _look_over_a_part, order("1042"), is_key=True),
    Scene("review-note", "With a few words of one's own", _look_over_with_a_note, order("1042")),
    Scene(
        "choose-appointment",
        "A late one, with a fee",
        at(f"{path_of(appointment('A-2003'))}/cancel"),
        appointment("A-2003"),
    ),
    Scene(
        "review-appointment",
        "The fee looked over",
        _look_over_a_late_one,
        appointment("A-2003"),
        is_key=True,
    ),
    Scene(
        "too-late",
        "Too late, why, and what else there is",
        at(path_of(order("1043"))),
        order("1043"),
        is_key=True,
    ),
    Scene(
        "exception",
        "Asking for an exception, with files",
        at(f"{path_of(order('1043'))}/exception"),
        order("1043"),
    ),
    Scene(
        "part-of-order",
        "A workshop that is cancelled with its order",
        at(path_of(appointment("A-2009"))),
        appointment("A-2009"),
    ),
)
