"""Pages of what becomes of a cancellation."""

from typing import Any

from domain.subjects import SubjectRef
from sandbox import control
from sandbox.control import Behaviour
from tests.end_to_end.conftest import DESK, MANAGER, Business, a_card
from tests.end_to_end.faults import Fault
from tests.web.browser.product import Product
from tests.web.browser.purchases import a_customer, appointment, cancelled, order
from tests.web.browser.way import Way
from use_cases import replies
from use_cases.views import CancellationView, Status


async def waiting(product: Product) -> Way:
    """A request that a person has to look at."""
    asked = await order(product.business, "asked")
    return _told(await cancelled(product.business, asked, Status.AWAITING_APPROVAL), "/undo")


async def undo_window(product: Product) -> Way:
    asked = await appointment(product.business, "unhurried")
    return _told(await cancelled(product.business, asked, Status.UNDO_WINDOW), "/undo")


async def undone(product: Product) -> Way:
    business = product.business
    done = await cancelled(business, await order(business, "unhurried"), Status.UNDO_WINDOW)
    await replies.undo(business.context, DESK, done.id)
    return _told(await business.reached(done, Status.UNDONE))


async def declined(product: Product) -> Way:
    business = product.business
    done = await cancelled(business, await order(business, "asked"), Status.AWAITING_APPROVAL)
    await replies.decline(business.context, MANAGER, done.id)
    return _told(await business.reached(done, Status.DECLINED))


async def working(product: Product) -> Way:
    """For as long as the card takes to answer."""
    business, card = product.business, a_card(4_000)
    late = Behaviour.ANSWERS_LATE
    await control.script(business.cards, late, ref=card["payment_ref"], seconds=25)
    return _told(await cancelled(business, await order(business, tenders=[card]), Status.WORKING))


async def on_its_way(product: Product) -> Way:
    """The money is with the bank, and stays there."""
    business, card = product.business, a_card(4_000)
    asked = await order(business, tenders=[card])
    await control.let_refunds_wait(business.cards, card["payment_ref"])
    return _told(await cancelled(business, asked))


async def paid(product: Product) -> Way:
    return _told(await _landed(product.business, await order(product.business)))


async def cancelled_with_fee(product: Product) -> Way:
    return _told(await _landed(product.business, await appointment(product.business, "late")))


async def restored(product: Product) -> Way:
    business, card = product.business, a_card(4_000)
    asked = await order(business, tenders=[card])
    await control.script(
        business.cards, Behaviour.REJECTS, ref=card["payment_ref"], failure="declined"
    )
    return _told(await cancelled(business, asked, Status.RESTORED))


async def needs_attention(product: Product) -> Way:
    business = product.business
    business.faults.planned["update_status"] = Fault.REJECTED
    return _told(await cancelled(business, await order(business), Status.NEEDS_ATTENTION))


async def to_be_asked_for(product: Product) -> Way:
    """Money that waits until its customer asks for it."""
    business = product.business
    done = await cancelled(business, await order(business, "on-request"))
    seen = await business.until(done, lambda seen: seen.refunds[0].attention == "on_request")
    return _told(seen, "/refunds/ask")


async def to_be_chosen(product: Product) -> Way:
    """A card that took its refund, and gave it back."""
    business, card = product.business, a_card(4_000)
    done = await _landed(business, await order(business, tenders=[card]))
    (refund,) = await control.refunds_of(business.cards, card["payment_ref"])
    await control.fail_later(business.cards, refund.id, "lost_or_stolen_card")
    await business.context.runs.follow(done.refunds[0].id)
    seen = await business.until(done, lambda seen: seen.refunds[0].attention == "customer")
    return _told(seen, "/credit")


async def receipt_of_cancellation(product: Product) -> Way:
    done = await _landed(product.business, await appointment(product.business, "late"))
    path = f"/cancellations/{done.id}/receipt"
    return Way(path, done.subject, has=f"{path}.pdf")


async def history(product: Product) -> Way:
    """One that is done and one that waits."""
    business = product.business
    known: dict[str, Any] = {"customer": a_customer()}
    await _landed(business, await order(business, "plain", **known))
    waits = await cancelled(
        business, await order(business, "asked", **known), Status.AWAITING_APPROVAL
    )
    return Way("/history", waits.subject, has=f"/cancellations/{waits.id}")


async def history_of_nothing(product: Product) -> Way:
    return Way("/history?state=no", await order(product.business), has="/history")


async def _landed(business: Business, subject: SubjectRef) -> CancellationView:
    return await business.ended(await business.cancel(subject))


def _told(done: CancellationView, has: str = "data-live") -> Way:
    return Way(f"/cancellations/{done.id}", done.subject, has=has)
