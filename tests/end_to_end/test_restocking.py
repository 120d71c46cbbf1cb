"""Goods that go back to stock and goods that don't: by policy, by staff, and on record."""

from typing import Any

import pytest

from domain.errors import InvalidRequest, NotAllowed
from domain.requests import Initiator, Overrides
from storage import events
from tests.end_to_end.conftest import DESK, Business
from use_cases import policies
from use_cases.actors import Actor, Scope
from use_cases.views import CancellationView

FRESH = {
    "title": "Tea doesn't come back",
    "currency": "EUR",
    "restock": {"line.category": {"not": "tea"}},
}
LINES = [
    {"sku": "mug", "title": "Mug", "unit_price_minor": 2_000},
    {"sku": "tea", "title": "Tea", "category": "tea", "quantity": 2, "unit_price_minor": 500},
]


async def not_restocked(business: Business, done: CancellationView) -> list[dict[str, Any]]:
    async with business.sessions() as session:
        told = await events.of_cancellation(session, done.id)
    return [line for event in told if event.type == "not_restocked" for line in event.data["lines"]]


async def stocked(business: Business) -> tuple[int, int]:
    return await business.on_hand("mug"), await business.on_hand("tea")


async def test_what_the_policy_keeps_out_is_counted_nowhere_and_told(business: Business) -> None:
    await policies.keep_policy(business.context, DESK, "fresh", FRESH)
    order = await business.order("fresh", lines=LINES)
    done = await business.ended(await business.cancel(order))
    assert await stocked(business) == (11, 10)
    assert await not_restocked(business, done) == [{"id": "2", "quantity": 2, "why": "policy"}]
    assert done.refund_minor == 3_000
    assert await business.is_sound()


async def test_staff_have_the_last_word_on_goods_and_give_a_reason(business: Business) -> None:
    await policies.keep_policy(business.context, DESK, "fresh", FRESH)
    clerk = Actor(id="key/clerk", scopes=frozenset({Scope.CANCEL, Scope.RECORDS}))
    told: dict[str, Any] = {"initiator": Initiator.STAFF, "overrides": Overrides(restock=False)}
    order = await business.order("fresh", lines=LINES)
    with pytest.raises(InvalidRequest, match="reason"):
        await business.cancel(order, actor=clerk, **told)
    with pytest.raises(InvalidRequest, match="only staff"):
        await business.cancel(order, **{**told, "initiator": Initiator.CUSTOMER})
    stranger = Actor(id="key/shop", scopes=frozenset({Scope.CANCEL}))
    with pytest.raises(NotAllowed):
        await business.cancel(order, actor=stranger, **told, reason="no_longer_needed")
    asked = await business.cancel(order, actor=clerk, **told, reason="no_longer_needed")
    done = await business.ended(asked)
    assert await stocked(business) == (10, 10)
    assert {line["why"] for line in await not_restocked(business, done)} == {"staff"}
    assert "restock" not in business.faults.ran
    assert await business.is_sound()
