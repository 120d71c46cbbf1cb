"""Facts that move while a cancellation waits."""

from typing import Any

import pytest

from domain.errors import TermsHeld
from domain.reports import OrderReport
from domain.subjects import SubjectRef
from tests.end_to_end.conftest import DESK, MANAGER, Business, a_card
from use_cases import records, replies, subjects
from use_cases.views import CancellationView, Status


async def tell(business: Business, order: SubjectRef, **news: Any) -> None:
    """The merchant's next report of an order: as it was, but for the news."""
    seen = await subjects.get(business.context, order, ["en"])
    lines = [
        {
            "id": line.id,
            "kind": line.kind,
            "sku": line.sku,
            "title": line.title,
            "quantity": line.quantity,
            "unit_price_minor": line.unit_price_minor,
        }
        for line in seen.lines
    ]
    tenders = [
        {
            "id": tender.id,
            "method": tender.method,
            "payment_ref": tender.payment_ref,
            "captured_minor": tender.captured_minor,
        }
        for tender in seen.tenders
    ]
    customer = {"ref": "c-1", "name": "Ada", "email": "ada@example.org"}
    same = {"currency": "EUR", "zone": seen.zone, "placed_at": seen.placed_at, "stage": seen.stage}
    told = same | {"lines": lines, "tenders": tenders, "customer": customer} | news
    await records.report(business.context, DESK, order, OrderReport.model_validate(told))


async def approved(business: Business, waiting: CancellationView) -> CancellationView:
    await replies.approve(business.context, MANAGER, waiting.id)
    return await business.ended(waiting)


@pytest.mark.parametrize(
    "news",
    [
        {"stage": "shipped"},
        {"stage": "delivered"},
        {"cancelled_elsewhere": True},
        {"tenders": [a_card(3_999, "pay-lowered")]},
    ],
)
async def test_an_approval_overtaken_by_facts_changes_nothing(
    business: Business, news: dict[str, Any]
) -> None:
    order = await business.order("open", tenders=[a_card(4_000, "pay-lowered")])
    waiting = await business.cancel(order)
    await tell(business, order, **news)
    done = await approved(business, waiting)
    assert (done.state, done.cause) == (Status.RESTORED, "overtaken")
    seen = await subjects.get(business.context, order, ["en"])
    assert seen.held is False
    assert seen.state == ("cancelled" if "cancelled_elsewhere" in news else "none")
    assert seen.refunds == ()
    assert await business.is_sound()


async def test_an_edit_of_another_line_overtakes_nothing(business: Business) -> None:
    order = await business.order("open")
    waiting = await business.cancel(order, lines={"1": 1})
    seen = await subjects.get(business.context, order, ["en"])
    lines = [
        {"id": line.id, "unit_price_minor": line.unit_price_minor, "sku": line.sku}
        for line in seen.lines
    ]
    lines[1] |= {"quantity": 5, "unit_price_minor": 200}
    await tell(business, order, lines=lines)
    done = await approved(business, waiting)
    assert done.state is Status.CANCELLED
    assert await business.is_sound()


async def test_terms_are_held_in_the_undo_window_but_facts_go_through(business: Business) -> None:
    order = await business.order("undo")
    waiting = await business.cancel(order)
    with pytest.raises(TermsHeld):
        await tell(business, order, lines=[{"id": "1", "unit_price_minor": 1}])
    await tell(business, order, stage="delivered")
    assert (await subjects.get(business.context, order, ["en"])).stage == "delivered"
    await replies.undo(business.context, DESK, waiting.id)
    assert (await business.ended(waiting)).state is Status.UNDONE
    assert await business.is_sound()
