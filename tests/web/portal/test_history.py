"""All that a customer cancelled, declared and asked for, and the money that went back."""

import re

import httpx
import pytest

from tests.api.test_cancellations import ASK
from tests.api.test_refund_requests import STAFF, ask
from tests.web.conftest import Pages
from tests.web.portal.asking import cancelled, fields, until
from use_cases.actors import Scope
from web.portal.tracking import history
from web.shared.paths import ROOT

HISTORY = f"{ROOT}/history"


async def test_a_cancellation_is_in_its_customers_history_with_what_came_back(pages: Pages) -> None:
    order = await pages.shop.order()
    visitor, here = await cancelled(pages, order)
    await until(visitor, here, "It is there.")
    page = (await visitor.get(HISTORY)).text
    assert f'href="{here}"' in page
    assert "Sent back to you" in page
    assert page.count("54.00") == 2
    assert f'href="{HISTORY}"' in (await visitor.get(f"{ROOT}/")).text
    eve = await pages.shop.order(customer={"ref": "c2", "email": "eve@example.com"})
    assert _shown(await (await pages.customer_of(eve)).get(HISTORY)) == []
    assert (await pages.visitor().get(HISTORY)).status_code == 401


async def test_the_address_says_which_are_shown(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, asked = await pages.shop.order(), await pages.shop.order("asks")
    visitor, here = await cancelled(pages, done)
    _, waiting = await cancelled(pages, asked)
    await until(visitor, here, "It is cancelled.")
    assert _shown(await visitor.get(f"{HISTORY}?state=open")) == [waiting]
    assert _shown(await visitor.get(f"{HISTORY}?state=done")) == [here]
    assert _shown(await visitor.get(f"{HISTORY}?state=back")) == []
    assert _shown(await visitor.get(f"{HISTORY}?state=nonsense")) == [waiting, here]
    monkeypatch.setattr(history, "ROWS", 1)
    page = await visitor.get(HISTORY)
    link = re.findall(rf'href="({HISTORY}\?after=[^"]+)"', page.text)[0]
    assert (_shown(page), _shown(await visitor.get(link))) == ([waiting], [here])


async def test_a_declaration_that_a_person_looks_at_is_there_too(pages: Pages) -> None:
    order = await pages.shop.order()
    visitor = await pages.customer_of(order)
    stated = {"number": "lost-1", "name": "Ada", "email": "ada@example.com"}
    confirm = await visitor.post(f"{ROOT}/withdraw", data=stated)
    receipt = await visitor.post(f"{ROOT}/withdraw/confirm", data=fields(confirm))
    assert _shown(await visitor.get(HISTORY)) == [receipt.url.path]
    assert "A person looks at it" in (await visitor.get(HISTORY)).text


async def test_a_refund_asked_for_on_its_own_is_there_too(pages: Pages) -> None:
    order = await pages.shop.order()
    caller = await pages.shop.as_key(*ASK, Scope.MONEY)
    answer = await ask(caller, order, amount_minor=500, **STAFF)
    assert answer.is_success, answer.text
    visitor = await pages.customer_of(order)
    assert "Request for a refund" in (await visitor.get(HISTORY)).text


async def test_of_a_request_for_money_the_amount_that_was_granted_is_told(pages: Pages) -> None:
    order = await pages.shop.order()
    caller, staff = [
        await pages.shop.as_key(*ASK, *more) for more in ((), (Scope.DECIDE, Scope.MONEY))
    ]
    asked = await ask(caller, order, amount_minor=900)
    yes = await staff.post(f"{asked.headers['location']}/approve", json={"amount_minor": 700})
    assert yes.is_success, yes.text
    visitor = await pages.customer_of(order)
    page = await until(visitor, HISTORY, "Paid back")
    assert "€7.00</bdi> back" in page.text
    assert "9.00" not in page.text


def _shown(page: httpx.Response) -> list[str]:
    listed = page.text.partition('<ul class="lines history">')[2]
    return re.findall(r'<li>\s*<span><a href="([^"]+)"', listed)
