"""Choosing what to cancel: what can be, what can't and why, and until when."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from starlette.routing import Mount

from tests.web.conftest import Pages
from tests.web.portal.steps import appointment, chosen, confirmed, page_of, text_of
from tests.web.portal.test_flow import fields
from web.portal.portal import Portal

SENT = {"when": {"line.status": "shipped"}, "refuse": "line_not_cancellable"}
MUGS = {"id": "1", "sku": "mug", "title": "Mug", "quantity": 2, "unit_price_minor": 1_500}
PLATE = {"id": "2", "sku": "plate", "title": "Plate", "unit_price_minor": 2_400}


async def test_a_line_that_cannot_be_cancelled_stands_there_with_why_and_a_way_on(
    pages: Pages,
) -> None:
    await pages.shop.policy("sent", rules=[SENT, {"keep": "nothing"}])
    order = await pages.shop.order("sent", lines=[MUGS, PLATE | {"status": "shipped"}])
    visitor = await pages.customer_of(order)
    page = await visitor.get(f"{page_of(order)}/cancel")
    assert fields(page)["line"] == ["1"]
    left_out = text_of(page).partition('<div class="pick none">')[2].partition("</div>\n</div>")[0]
    assert "Plate" in left_out
    assert "Sent already, so it can't be cancelled." in left_out
    assert f'href="{page_of(order)}/exception?chosen=1&line=2' in left_out
    assert "<input" not in left_out
    detail = await visitor.get(page_of(order))
    assert "Sent already, so it can't be cancelled." in text_of(detail)


async def test_what_cannot_be_cancelled_is_not_taken_from_a_form_either(pages: Pages) -> None:
    await pages.shop.policy("sent", rules=[SENT, {"keep": "nothing"}])
    order = await pages.shop.order("sent", lines=[MUGS, PLATE | {"status": "shipped"}])
    looked = await chosen(await pages.customer_of(order), order, line=["2"])
    assert (looked.status_code, "Choose at least one item." in looked.text) == (422, True)


async def test_what_is_cancelled_already_stands_there_as_that(pages: Pages) -> None:
    order = await pages.shop.order(lines=[MUGS | {"quantity": 1}, PLATE])
    visitor = await pages.customer_of(order)
    looked = await chosen(visitor, order, line=["2"])
    done = await confirmed(visitor, order, looked)
    await _until_at_rest(visitor, str(done.url.path))
    page = await visitor.get(f"{page_of(order)}/cancel")
    assert "Cancelled already." in page.text
    assert fields(page)["line"] == ["1"]


async def test_where_all_is_refused_the_page_says_why_and_what_else_there_is(
    pages: Pages,
) -> None:
    order = await pages.shop.order(stage="packed")
    visitor = await pages.customer_of(order)
    page = await visitor.get(f"{page_of(order)}/cancel")
    assert "The order has gone too far to be cancelled." in page.text
    assert f'href="{page_of(order)}/exception"' in page.text
    assert "<form" not in page.text.partition("<main")[2]


async def test_a_refusal_names_the_moment_at_which_it_ended(pages: Pages) -> None:
    rules = [{"when": {"notice": {"under": "24h"}}, "refuse": "too_late"}, {"keep": "nothing"}]
    await pages.shop.policy("day-before", rules=rules)
    late = await appointment(pages, "day-before", starts_in=timedelta(hours=5))
    page = await (await pages.customer_of(late)).get(f"{page_of(late)}/cancel")
    assert re.search(r"too late: cancelling was possible until \w+, \d+ \w+ \d{4}", page.text)


async def test_what_is_over_is_told_with_its_date(pages: Pages) -> None:
    over = await appointment(pages, starts_in=timedelta(days=-2), stage="attended")
    visitor = await pages.customer_of(over)
    for path in (page_of(over), f"{page_of(over)}/cancel"):
        assert "This can't be cancelled here any more" in text_of(await visitor.get(path))
    assert "The date:" in (await visitor.get(f"{page_of(over)}/cancel")).text


async def test_a_choice_that_is_refused_is_told_above_the_form(pages: Pages) -> None:
    few = {"when": {"quantity": {"over": 1}}, "refuse": "too_many"}
    await pages.shop.policy("few", rules=[few, {"keep": "nothing"}])
    order = await pages.shop.order("few")
    refused = await chosen(await pages.customer_of(order), order, line=["1"])
    assert refused.status_code == 422
    alert = refused.text.partition('role="alert"')[2].partition("</div>")[0]
    assert "As many as the agreed terms allow have been cancelled already." in alert


async def test_the_first_line_says_until_when_by_both_clocks(pages: Pages) -> None:
    rules = [{"when": {"notice": {"under": "24h"}}, "keep": "50%"}, {"keep": "nothing"}]
    await pages.shop.policy("half", rules=rules)
    cut = await appointment(pages, "half", zone="Europe/Berlin")
    visitor = await pages.customer_of(cut)
    visitor.cookies.set("zone", "America/New_York")
    for path in (page_of(cut), f"{page_of(cut)}/cancel"):
        page = await visitor.get(path)
        first = re.findall(r'<p class="lead">(Free of charge until [^<]*)</p>', page.text)
        assert len(first) == 1, page.text
        assert "New York" in first[0] or "Eastern" in first[0] or "where you are" in first[0]
        assert "Then for a fee of €20.00 (50%)" in page.text


async def test_the_page_says_whether_the_reason_changes_anything(pages: Pages) -> None:
    rules = [{"when": {"reason": "ill"}, "keep": "nothing"}, {"keep": "50%"}]
    await pages.shop.policy("ill", rules=rules)
    for policy, said in (("ill", "some reasons change"), ("shop", "It doesn't change")):
        order = await pages.shop.order(policy)
        page = await (await pages.customer_of(order)).get(f"{page_of(order)}/cancel")
        assert said in text_of(page)


async def test_moving_an_appointment_stands_beside_cancelling_where_there_is_a_way(
    pages: Pages,
) -> None:
    cut = await appointment(pages)
    visitor = await pages.customer_of(cut)
    pages_of_it = (page_of(cut), f"{page_of(cut)}/cancel")
    for path in pages_of_it:
        assert "another time" not in (await visitor.get(path)).text
    _serve(pages, replace(pages.portal, reschedule_url="https://salon.example/move?of={id}"))
    for path in pages_of_it:
        link = f'<a class="button" href="https://salon.example/move?of={cut.id}">'
        assert link in (await visitor.get(path)).text


async def test_a_part_of_the_page_leads_on_as_a_whole_page(pages: Pages) -> None:
    order = await pages.shop.order("asks")
    visitor = await pages.customer_of(order)
    done = await confirmed(visitor, order, await chosen(visitor, order))
    part = await visitor.get(f"{page_of(order)}/cancel", headers={"HX-Request": "true"})
    assert part.headers["hx-redirect"] == done.url.path
    assert part.text == ""


def _serve(pages: Pages, portal: Portal) -> None:
    mounts = [route for route in pages.shop.app.routes if isinstance(route, Mount)]
    for mount in mounts:
        if hasattr(mount.app, "state") and hasattr(mount.app.state, "portal"):
            mount.app.state.portal = portal


async def _until_at_rest(visitor: httpx.AsyncClient, path: str) -> None:
    async with asyncio.timeout(20):
        while "The part you chose is cancelled." not in (await visitor.get(path)).text:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def test_a_reason_that_is_not_offered_counts_as_none(pages: Pages) -> None:
    order = await pages.shop.order()
    visitor = await pages.customer_of(order)
    choice = {"chosen": "1", "line": "2", "reason": "bogus"}
    seen = await visitor.get(f"{page_of(order)}/cancel", params=choice)
    looked = await chosen(visitor, order, reason="bogus")
    assert (seen.status_code, looked.status_code) == (200, 200)
    assert "Your reason" not in looked.text


@pytest.mark.parametrize("typed", ["0", "3", "-1", "two", "1.5", "", "٢"])
async def test_a_quantity_that_cannot_be_is_a_fault_and_stays_as_it_was_typed(
    pages: Pages, typed: str
) -> None:
    order = await pages.shop.order(lines=[MUGS, PLATE])
    visitor = await pages.customer_of(order)
    told = {"line": ["1", "2"], "quantity.1": typed}
    sent = await chosen(visitor, order, **told)
    assert sent.status_code == 422
    alert = sent.text.partition('role="alert"')[2].partition("</div>")[0]
    assert '<a href="#quantity-1"><bdi>Mug</bdi>: choose a number from 1 to 2.</a>' in alert
    (field,) = re.findall(r'<input type="number" id="quantity-1"[^>]*>', sent.text)
    assert f'value="{typed}"' in field
    assert "aria-invalid" in field
    quiet = await visitor.get(
        f"{page_of(order)}/cancel",
        params={"chosen": "1", **told},
        headers={"HX-Request": "true"},
    )
    assert (quiet.status_code, "€" in quiet.text) == (200, False)
    said = quiet.text.partition('id="said"')[2].partition("</span>")[0]
    assert "Mug: choose a number from 1 to 2." in said


async def test_more_of_a_line_than_the_one_that_is_left_is_a_fault_too(pages: Pages) -> None:
    order = await pages.shop.order(lines=[MUGS, PLATE])
    visitor = await pages.customer_of(order)
    sent = await chosen(visitor, order, **{"line": ["2"], "quantity.2": "2"})
    assert sent.status_code == 422
    assert '<a href="#line-2"><bdi>Plate</bdi>: there is only one of it.</a>' in sent.text
