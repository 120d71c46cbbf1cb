"""Pages of what somebody has, and of choosing what of it to cancel."""

from typing import Any

from domain.subjects import SubjectRef
from tests.end_to_end.conftest import DESK
from tests.web.browser.product import Product
from tests.web.browser.purchases import (
    a_customer,
    appointment,
    cancelled,
    delivered,
    order,
    path_of,
)
from tests.web.browser.way import Way
from use_cases import quotes
from use_cases.intake import Asked
from use_cases.views import Status


async def home(product: Product) -> Way:
    """One of each kind that home tells apart."""
    business = product.business
    known: dict[str, Any] = {"customer": a_customer()}
    gone, part = await order(business, **known), await order(business, **known)
    await cancelled(business, gone)
    await cancelled(business, part, lines={"1": 1})
    await appointment(business, **known)
    return Way("/", await order(business, **known), has=f'/orders/{gone.id}"')


async def home_searched(product: Product) -> Way:
    """A search that finds nothing."""
    return Way("/?q=nowhere", await order(product.business), has='value="nowhere"')


async def an_order(product: Product) -> Way:
    return await _own(await order(product.business), has="/cancel")


async def an_appointment(product: Product) -> Way:
    return await _own(await appointment(product.business, "late"), has="/cancel")


async def part_of_order(product: Product) -> Way:
    """A workshop of an order, which is cancelled with it."""
    customer = a_customer()
    bought = await product.business.mixed(customer=customer)
    owner = {"order": bought.id, "line": "2"}
    known: dict[str, Any] = {"lines": [], "tenders": [], "part_of": owner, "customer": customer}
    workshop = await appointment(product.business, **known)
    return Way(path_of(workshop), bought, has=f"/orders/{bought.id}")


async def too_late(product: Product) -> Way:
    return await _own(await order(product.business, "shut", stage="packed"), has="/exception")


async def by_law(product: Product) -> Way:
    return await _own(await delivered(product.business), has='/withdraw"')


async def partly_cancelled(product: Product) -> Way:
    bought = await order(product.business)
    await cancelled(product.business, bought, lines={"2": 1})
    return await _own(bought, has="/cancellations/")


async def being_cancelled(product: Product) -> Way:
    bought = await order(product.business, "unhurried")
    await cancelled(product.business, bought, Status.UNDO_WINDOW)
    return await _own(bought, has="/cancellations/")


async def all_cancelled(product: Product) -> Way:
    bought = await order(product.business)
    await cancelled(product.business, bought)
    return await _own(bought, has="/cancellations/")


async def choose(product: Product) -> Way:
    bought = await order(product.business)
    return Way(f"{path_of(bought)}/cancel", bought, has='name="line"')


async def choose_with_fee(product: Product) -> Way:
    booked = await appointment(product.business, "late")
    return Way(f"{path_of(booked)}/cancel", booked, has='id="summary"')


async def choose_method(product: Product) -> Way:
    bought = await order(product.business, "credit")
    return Way(f"{path_of(bought)}/cancel", bought, has='name="line"')


async def choose_not_all(product: Product) -> Way:
    """Of two lines the rules let one go."""
    lines = [
        {"sku": "mug", "title": "Mug", "unit_price_minor": 2_000},
        {"sku": "cup", "title": "Cup", "unit_price_minor": 1_000},
    ]
    bought = await order(product.business, "no-cups", lines=lines)
    return Way(f"{path_of(bought)}/cancel", bought, has='name="line"')


async def refused(product: Product) -> Way:
    """Choosing from what the rules don't let go any more."""
    bought = await order(product.business, "shut", stage="packed")
    return Way(f"{path_of(bought)}/cancel", bought, has="/exception")


async def choose_nothing(product: Product) -> Way:
    return await _sent_choice(await order(product.business), line=())


async def choose_without_note(product: Product) -> Way:
    return await _sent_choice(await order(product.business), reason=("other",))


async def choose_too_many(product: Product) -> Way:
    bought = await order(product.business)
    path, fill = f"{path_of(bought)}/cancel", {"quantity.2": "7"}
    has = 'href="#quantity-2"'
    return Way(path, bought, fill=fill, press="/cancel", status=422, has=has)


async def review(product: Product) -> Way:
    return await _review(await order(product.business))


async def review_with_fee(product: Product) -> Way:
    return await _review(await appointment(product.business, "late"))


async def review_request(product: Product) -> Way:
    return await _review(await order(product.business, "asked"))


async def review_fee_unknown(product: Product) -> Way:
    booked = await appointment(product.business, "late")
    path = f"{await _quoted(product, booked)}&missing=fee"
    return Way(path, booked, status=422, has='href="#fee-known"')


async def review_changed(product: Product) -> Way:
    """At another price than before, with the customer's own words."""
    bought = await order(product.business)
    path = await _quoted(product, bought, note="Twice")
    before = path.partition("quote=")[2]
    return Way(f"{path}&changed={before}", bought, has='role="alert"')


async def other_first(product: Product) -> Way:
    """Looked over, and another part of the same was sent first."""
    bought = await order(product.business, "unhurried")
    path = await _quoted(product, bought)
    await cancelled(product.business, bought, Status.UNDO_WINDOW, lines={"2": 1})
    return Way(path, bought, status=409, has="/cancellations/")


async def exception(product: Product) -> Way:
    bought = await order(product.business, "shut", stage="packed")
    return Way(f"{path_of(bought)}/exception", bought, has='name="note"')


async def exception_unfinished(product: Product) -> Way:
    bought = await order(product.business, "shut", stage="packed")
    path = f"{path_of(bought)}/exception"
    return Way(path, bought, press="/exception", status=422, has='role="alert"')


async def _own(subject: SubjectRef, has: str) -> Way:
    return Way(path_of(subject), subject, has=has)


async def _sent_choice(subject: SubjectRef, **fill: tuple[str, ...]) -> Way:
    path = f"{path_of(subject)}/cancel"
    return Way(path, subject, fill=fill, press="/cancel", status=422, has='role="alert"')


async def _review(subject: SubjectRef) -> Way:
    return Way(f"{path_of(subject)}/cancel", subject, press="/cancel", has="/confirm")


async def _quoted(product: Product, subject: SubjectRef, note: str | None = None) -> str:
    """Where all of it is looked over."""
    asked = Asked(subject=subject, note=note)
    given = await quotes.quote(product.business.context, DESK, asked, keeps_note=True)
    return f"{path_of(subject)}/review?quote={given.id}"
