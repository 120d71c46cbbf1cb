"""What browsers and programs send that no page asked for: a page with a way out, and no fault."""

import pytest

from tests.api.conftest import shop  # noqa: F401 - a fixture
from tests.web.conftest import Pages
from tests.web.portal.test_abuse import _within_one_span, counter  # noqa: F401 - fixtures
from web.portal.visit import SESSION
from web.shared.paths import ROOT

FORM = "application/x-www-form-urlencoded"
EVE = {"ref": "c2", "name": "Eve", "email": "eve@example.com"}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"garbage", "multipart/form-data; boundary=x", 400),
        (b"garbage", "multipart/form-data", 400),
        (b"&".join(b"a%d=1" % n for n in range(3_000)), FORM, 400),
        (b"number=" + b"9" * 2_000_000, FORM, 413),
        (b"number=" + b"9" * 9_000, FORM, 422),
        (b"number=%00&email=a@example.com", FORM, 422),
        (b"{}", "application/json", 422),
    ],
)
async def test_a_form_that_can_t_be_meant_gets_a_page_with_a_way_out(
    counter: Pages,  # noqa: F811
    body: bytes,
    kind: str,
    status: int,
) -> None:
    page = await counter.visitor().post(
        f"{ROOT}/enter", content=body, headers={"content-type": kind}
    )
    assert page.status_code == status
    assert page.headers["content-type"].startswith("text/html")
    assert 'class="brand"' in page.text


async def test_what_a_browser_says_of_itself_may_be_anything(
    counter: Pages,  # noqa: F811
) -> None:
    junk = ("junk;;;q=,,,", "*", "de;q=abc", "x" * 8_000, "en-US@posix", "i-klingon", "\xff")
    for told in junk:
        headers = {b"accept-language": told.encode("latin1")}
        assert (await counter.visitor().get(f"{ROOT}/enter", headers=headers)).status_code == 200
    for cookie in ("language=xx; zone=../../etc/passwd; scheme=<b>", f"{SESSION}={'x' * 4_000}"):
        page = await counter.visitor(cookie=cookie).get(f"{ROOT}/enter")
        assert (page.status_code, "<b>" in page.text) == (200, False)


async def test_an_address_with_a_slash_at_its_end_leads_to_ours(
    counter: Pages,  # noqa: F811
) -> None:
    order = await counter.shop.order()
    visitor = await counter.customer_of(order)
    here = f"{ROOT}/orders/{order.id}"
    told = await visitor.get(f"{here}/?a=1", headers={"host": "x.example"}, follow_redirects=False)
    assert (told.status_code, told.headers["location"]) == (303, f"{here}?a=1")
    away = await visitor.get(f"{ROOT}//evil.example/", follow_redirects=False)
    assert away.headers["location"] == f"{ROOT}//evil.example"


async def test_a_link_of_somebody_else_changes_who_is_signed_in(
    counter: Pages,  # noqa: F811
) -> None:
    mine, other = await counter.shop.order(), await counter.shop.order(customer=EVE)
    visitor = await counter.customer_of(mine)
    await visitor.get(await counter.link(other))
    assert (await visitor.get(f"{ROOT}/orders/{other.id}")).status_code == 200
    assert (await visitor.get(f"{ROOT}/orders/{mine.id}")).status_code == 404


async def test_a_browser_that_keeps_no_cookies_is_told_so(
    counter: Pages,  # noqa: F811
) -> None:
    visitor = counter.visitor()
    opened = await visitor.get(await counter.link(await counter.shop.order()))
    assert "allow this site&#39;s cookies" not in opened.text
    stranger = counter.visitor()
    sent = await stranger.get(
        await counter.link(await counter.shop.order()), follow_redirects=False
    )
    back = await counter.visitor().get(sent.headers["location"])
    assert back.status_code == 401
    assert "allow this site&#39;s cookies" in back.text


async def test_a_number_is_found_however_its_letters_are_written(
    counter: Pages,  # noqa: F811
) -> None:
    order = await counter.shop.order()
    told = {"number": f"#{order.id.upper()}", "email": "Ada@Example.com"}
    await counter.visitor().post(f"{ROOT}/enter", data=told)
    assert len(counter.mails.messages) == 1
