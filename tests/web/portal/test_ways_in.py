"""Who comes in, and who doesn't."""

import re
from html import unescape
from uuid import uuid4

from tests.web.conftest import Pages
from tests.web.portal.test_flow import fields
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
    assert _plain(theirs.text, other.id) == _plain(missing.text, "o-none")
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


async def test_a_link_to_an_order_leads_through_a_mail_back_to_it(pages: Pages) -> None:
    order = await pages.shop.order()
    here = f"{ROOT}/orders/{order.id}/cancel?chosen=1&line=1"
    visitor = pages.visitor()
    asked = await visitor.get(here)
    assert asked.status_code == 401
    told = fields(asked)
    assert told["number"] == [order.id]
    await visitor.post(f"{ROOT}/enter", data={**told, "email": "ada@example.com"})
    shown = await visitor.get(_link(pages))
    action = unescape(re.findall(r'action="(/my/once/[^"]*)"', shown.text)[0])
    opened = await visitor.post(action)
    assert (opened.status_code, opened.url.raw_path.decode()) == (200, here)


async def test_a_mailed_link_names_the_public_address_whatever_host_was_asked(
    pages: Pages,
) -> None:
    order = await pages.shop.order()
    told = {"number": order.id, "email": "ada@example.com", "then": "//evil.example/"}
    visitor = pages.visitor(host="evil.example", **{"x-forwarded-host": "evil.example"})
    await visitor.post(f"{ROOT}/enter", data=told)
    [mail] = pages.mails.messages
    assert "http://rescind/my/once/" in mail.as_string()
    assert "evil" not in mail.as_string()


async def test_a_mailed_link_is_written_in_the_language_of_the_page_that_asked(
    pages: Pages,
) -> None:
    order = await pages.shop.order()
    visitor = pages.visitor(**{"accept-language": "de"})
    visitor.cookies.set("language", "ar")
    await visitor.post(f"{ROOT}/enter", data={"number": order.id, "email": "ada@example.com"})
    [mail] = pages.mails.messages
    html = mail.get_body(("html",))
    assert mail["Content-Language"] == "ar"
    assert html is not None
    assert '<html lang="ar" dir="rtl">' in html.get_content()


async def test_a_form_whose_session_is_over_leads_back_to_what_it_was_about(pages: Pages) -> None:
    sent = await pages.visitor().post(f"{ROOT}/orders/1042/confirm", data={"quote": "1"})
    assert sent.status_code == 401
    assert fields(sent)["then"] == ["/orders/1042/cancel"]
    assert fields(sent)["number"] == ["1042"]
    quote = str(uuid4())
    sent = await pages.visitor().post(f"{ROOT}/orders/1042/confirm", data={"quote": quote})
    assert fields(sent)["then"] == [f"/orders/1042/review?quote={quote}"]


async def test_what_was_filled_in_is_kept_and_the_fault_is_named(pages: Pages) -> None:
    told = {"number": "1042", "email": "ada@", "then": "/orders/1042"}
    shown = await pages.visitor().post(f"{ROOT}/enter", data=told)
    assert shown.status_code == 422
    assert '<a href="#email">' in shown.text
    assert '<a href="#number">' not in shown.text
    assert fields(shown) == {name: [value] for name, value in told.items()}


async def test_who_leaves_is_shown_every_way_in(pages: Pages) -> None:
    visitor = await pages.customer_of(await pages.shop.order())
    token = re.findall(r'name="form_token" value="(\w+)"', (await visitor.get(f"{ROOT}/")).text)[0]
    left = await visitor.post(f"{ROOT}/leave", data={"form_token": token})
    assert f'href="{ROOT}/enter"' in left.text
    assert "Sign out" not in left.text


def _link(pages: Pages) -> str:
    body = pages.mails.messages[-1].get_body(("plain",))
    assert body is not None
    return str(re.findall(r"http://rescind(/\S+)", body.get_content())[0])


def _plain(page: str, id_: str) -> str:
    """A page without what was asked for, and without the token that is another one each time."""
    return re.sub(r'name="form_token" value="\w+"', "", page).replace(id_, "")
