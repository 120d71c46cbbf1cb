"""Who comes in, and who doesn't."""

import re

from tests.web.conftest import Pages
from web.portal.visit import SESSION
from web.shared.paths import ROOT


async def test_a_number_and_its_address_get_a_link_that_works_once(pages: Pages) -> None:
    order = await pages.shop.order()
    visitor = pages.visitor()
    asked = {"number": order.id, "email": "ADA@example.com"}
    told = await visitor.post(f"{ROOT}/enter", data=asked)
    link = _link(pages)
    assert (await visitor.get(link)).status_code == 200
    opened = await visitor.post(link)
    assert opened.url.path == f"{ROOT}/orders/{order.id}"
    assert (await visitor.post(link)).status_code == 410
    nobody = await pages.visitor().post(f"{ROOT}/enter", data=asked | {"email": "eve@example.com"})
    assert nobody.text == told.text
    assert len(pages.mails.messages) == 1


async def test_what_is_not_theirs_is_told_like_what_is_not_there(pages: Pages) -> None:
    mine = await pages.shop.order()
    other = await pages.shop.order(customer={"ref": "c2", "email": "eve@example.com"})
    visitor = await pages.customer_of(mine)
    theirs = await visitor.get(f"{ROOT}/orders/{other.id}")
    missing = await visitor.get(f"{ROOT}/orders/o-none")
    assert theirs.status_code == missing.status_code == 404
    assert theirs.text.replace(other.id, "") == missing.text.replace("o-none", "")
    assert other.id not in (await visitor.get(f"{ROOT}/")).text


async def test_without_a_session_or_with_a_broken_one_nothing_is_shown(pages: Pages) -> None:
    order = await pages.shop.order()
    here = f"{ROOT}/orders/{order.id}"
    visitor = await pages.customer_of(order)
    assert (await pages.visitor().get(here)).status_code == 401
    forged = await pages.visitor().get(here, headers={"cookie": f"{SESSION}=made-up"})
    assert forged.status_code == 401
    assert (await pages.visitor().get(f"{ROOT}/open/made-up.token")).status_code == 410
    token = re.findall(r'name="form_token" value="(\w+)"', (await visitor.get(here)).text)[0]
    await visitor.post(f"{ROOT}/leave", data={"form_token": token})
    assert (await visitor.get(here)).status_code == 401


async def test_a_form_from_elsewhere_does_nothing(pages: Pages) -> None:
    order = await pages.shop.order()
    visitor = await pages.customer_of(order)
    here = f"{ROOT}/orders/{order.id}/cancel"
    without = await visitor.post(here, data={"chosen": "1", "line": "1"})
    cross = await visitor.post(here, headers={"sec-fetch-site": "cross-site"})
    origin = await visitor.post(here, headers={"origin": "https://evil.example"})
    assert [each.status_code for each in (without, cross, origin)] == [403, 403, 403]


async def test_somebody_who_tries_numbers_is_slowed_down(pages: Pages) -> None:
    visitor = pages.visitor()
    tried = [
        (await visitor.post(f"{ROOT}/enter", data={"number": f"{n}", "email": "a@b.example"}))
        for n in range(25)
    ]
    assert [each.status_code for each in tried] == [200] * 20 + [429] * 5


def _link(pages: Pages) -> str:
    body = pages.mails.messages[-1].get_body(("plain",))
    assert body is not None
    return str(re.findall(r"http://rescind(/\S+)", body.get_content())[0])
