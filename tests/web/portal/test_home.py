"""A customer's first page: what lies ahead, everything else in pages, and looking for something."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from domain.decisions import Change, Decision, Outcome
from domain.lifecycle import SubjectState
from domain.subjects import Kind, SubjectRef
from tests.web.conftest import Pages
from use_cases.belongings import terms_of
from web.portal import home
from web.shared.paths import ROOT


async def test_what_lies_ahead_comes_first_and_names_its_lines(pages: Pages) -> None:
    order = await _order(pages, "late", title="Mug, blue")
    now = pages.shop.context.clock()
    soon = await _order(pages, "soon", title="Concert", starts_at=(now + timedelta(days=2)))
    visitor = await pages.customer_of(order)
    page = (await visitor.get(f"{ROOT}/")).text
    assert page.index("Coming up") < page.index("Concert")
    assert page.index("Concert") < page.index('id="orders"') < page.index("Mug, blue")
    await pages.shop.change(soon, starts_at=now - timedelta(days=2))
    await pages.shop.change(order, cancellation_state=SubjectState.CANCELLED)
    page = (await visitor.get(f"{ROOT}/")).text
    assert "Coming up" not in page
    assert page.index("Concert") < page.index("Past and cancelled") < page.index("Mug, blue")


async def test_free_is_said_only_where_there_is_no_fee(pages: Pages) -> None:
    free = await _order(pages, "f", title="Free one")
    visitor = await pages.customer_of(free)
    assert "Free to cancel" in _card(await visitor.get(f"{ROOT}/"), free)
    await pages.shop.policy("dear", rules=[{"keep": "50%"}])
    dear = await _order(pages, "d", policy="dear", title="Dear one")
    card = _card(await visitor.get(f"{ROOT}/"), dear)
    assert "Free to cancel" not in card
    assert "Can be cancelled for a fee" in card


def test_free_ends_where_a_person_has_to_agree() -> None:
    at = datetime(2030, 5, 19, 9, tzinfo=UTC)
    changes = (
        Change(at=at, outcome=Outcome.NEEDS_APPROVAL),
        Change(at=at + timedelta(days=1), outcome=Outcome.DECLINED),
    )
    free = Decision(outcome=Outcome.ALLOWED, rule="rules.0", currency="EUR", next_changes=changes)
    asked = free.model_copy(update={"outcome": Outcome.NEEDS_APPROVAL})
    ends = [terms.until for each in (free, asked) if (terms := terms_of(each))]
    assert ends == [at, at + timedelta(days=1)]


async def test_what_only_the_law_lets_go_can_be_cancelled_from_its_card(pages: Pages) -> None:
    await pages.shop.policy("law", rules=[{"keep": "nothing"}])
    await pages.shop.policy("strict", rules=[{"refuse": "no_returns"}])
    await pages.shop.policy("lawful", laws=["law"], rules=[{"refuse": "no_returns"}])
    strict, lawful = [await _order(pages, name, policy=name) for name in ("strict", "lawful")]
    page = await (await pages.customer_of(lawful)).get(f"{ROOT}/")
    assert "Free to cancel" in _card(page, lawful)
    assert "/cancel" not in _card(page, strict)


async def test_pages_of_many_orders_miss_none_and_one_that_is_none_is_the_first(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "OTHERS", 2)
    orders = [await _order(pages, str(n)) for n in range(3)]
    visitor = await pages.customer_of(orders[0])
    first = await visitor.get(f"{ROOT}/")
    second = await visitor.get(_next(first))
    found = [_shown(page) for page in (first, second)]
    assert [len(ids) for ids in found] == [2, 1]
    assert {*found[0], *found[1]} == {order.id for order in orders}
    assert "Older ones" not in second.text
    for wrong in ("after=x", "ahead=WyJhIl0", "after=%00"):
        assert _shown(await visitor.get(f"{ROOT}/?{wrong}")) == found[0]


async def test_the_page_asks_as_much_for_many_as_for_one(pages: Pages) -> None:
    first = await _order(pages, "one")
    visitor = await pages.customer_of(first)
    with _counted(pages) as one:
        await visitor.get(f"{ROOT}/")
    for n in range(3):
        await _order(pages, str(n))
    with _counted(pages) as many:
        await visitor.get(f"{ROOT}/")
    assert len(many) == len(one)


async def test_a_number_or_a_title_finds_what_is_theirs_and_nothing_else(pages: Pages) -> None:
    mine = await _order(pages, "kettle", title="Kettle, 1 l")
    other = await _order(pages, "mug", title="Mug 100 %")
    stranger = await _order(
        pages, "kettle2", title="Kettle, 2 l", customer={"ref": "c2", "email": "eve@example.com"}
    )
    visitor = await pages.customer_of(mine)
    assert _shown(await visitor.get(f"{ROOT}/", params={"q": "KETTLE"})) == [mine.id]
    assert _shown(await visitor.get(f"{ROOT}/", params={"q": other.id[:9]})) == [other.id]
    assert _shown(await visitor.get(f"{ROOT}/", params={"q": "100 %"})) == [other.id]
    assert _shown(await visitor.get(f"{ROOT}/", params={"q": stranger.id})) == []
    nothing = await visitor.get(f"{ROOT}/", params={"q": "<b>%_"})
    assert "Nothing of yours has" in nothing.text
    assert "<b>%_" not in nothing.text
    assert _shown(await visitor.get(f"{ROOT}/?q=ket%00tle")) == [mine.id]
    assert (await visitor.get(f"{ROOT}/?q=%00")).status_code == 200


async def _order(pages: Pages, name: str, **known: Any) -> SubjectRef:
    title, policy = known.pop("title", name), known.pop("policy", "shop")
    starts_at = known.pop("starts_at", None)
    line = {"id": "1", "sku": "x", "title": title, "quantity": 1, "unit_price_minor": 5_400}
    order = await pages.shop.order(policy, lines=[line], **known)
    if starts_at:
        await pages.shop.change(order, starts_at=starts_at)
    return order


def _shown(page: httpx.Response) -> list[str]:
    return re.findall(rf'<h3><a href="{ROOT}/orders/([\w-]+)"', page.text)


def _card(page: httpx.Response, order: SubjectRef) -> str:
    assert order.kind is Kind.ORDER
    (card,) = [card for card in page.text.split('<li class="card">') if order.id in card]
    return card


def _next(page: httpx.Response) -> str:
    return str(re.findall(rf'href="({ROOT}/\?after=[^"]+)"', page.text)[0])


@contextmanager
def _counted(pages: Pages) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    seen: list[str] = []
    engine = pages.shop.context.sessions.kw["bind"].sync_engine

    def note(*told: Any) -> None:
        seen.append(told[2])

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)
