"""Maintenance: nothing new is started, what runs goes on, and everybody is told until when."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import click
import pytest

from domain.requests import Right
from runtime.commands.maintenance import when
from storage import maintenance
from tests.api.conftest import STAFF
from tests.api.test_cancellations import ASK, a_body, ask
from tests.web.conftest import Pages
from tests.web.portal.asking import cancelled, fields, until
from use_cases import cancellations
from use_cases.intake import Asked
from web.shared.paths import ROOT

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 24, 11, tzinfo=UTC)


async def test_nothing_new_is_started_and_the_page_says_until_when(pages: Pages) -> None:
    order = await pages.shop.order()
    visitor = await pages.customer_of(order, **{"accept-language": "de"})
    visitor.cookies.set("zone", "Asia/Tokyo")
    await _begin(pages, datetime.now(UTC) + timedelta(hours=3))
    here = f"{ROOT}/orders/{order.id}"
    for path in (f"{here}/cancel", f"{here}/exception"):
        page = await visitor.get(path)
        assert page.status_code == 503
        assert 10_000 < int(page.headers["retry-after"]) <= 10_801
        assert "Wir arbeiten gerade daran" in page.text
        assert "bei Ihnen" in page.text
        assert f'href="{ROOT}/withdraw"' in page.text
    for path in (f"{ROOT}/", here, f"{ROOT}/history"):
        assert (await visitor.get(path)).status_code == 200
    assert "kann von hier nichts gesendet werden. Ab" in (await visitor.get(here)).text
    await _end(pages)
    assert "nichts gesendet" not in (await visitor.get(here)).text
    assert (await visitor.get(f"{here}/cancel")).status_code == 200


async def test_what_was_looked_over_before_is_not_begun_and_what_was_begun_is_found(
    pages: Pages,
) -> None:
    order = await pages.shop.order()
    visitor = await pages.customer_of(order)
    here = f"{ROOT}/orders/{order.id}"
    looked = await visitor.post(f"{here}/cancel", data=fields(await visitor.get(f"{here}/cancel")))
    await _begin(pages, None)
    refused = await visitor.post(f"{here}/confirm", data=fields(looked))
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "300")
    assert "Nothing was cancelled by this" in refused.text
    way_back = f"{here}/review?quote={fields(looked)['quote'][0]}"
    assert f'href="{way_back}"' in refused.text
    await _end(pages)
    assert (await visitor.get(way_back)).status_code == 200
    done = await visitor.post(f"{here}/confirm", data=fields(looked))
    await _begin(pages, None)
    again = await visitor.post(f"{here}/confirm", data=fields(looked))
    assert again.url.path == done.url.path


async def test_what_runs_goes_on_and_can_be_taken_back(pages: Pages) -> None:
    order = await pages.shop.order("asks")
    visitor, here = await cancelled(pages, order)
    await _begin(pages, None)
    await visitor.post(f"{here}/undo", data=fields(await visitor.get(here)))
    await until(visitor, here, "You took it back.")


async def test_the_api_says_so_and_takes_what_goes_by_law(pages: Pages) -> None:
    caller = await pages.shop.as_key(*ASK)
    began = await ask(caller, a_body(await pages.shop.order()), key="one")
    expected = datetime.now(UTC) + timedelta(minutes=10)
    await _begin(pages, expected)
    told = await ask(caller, a_body(await pages.shop.order()))
    assert (told.status_code, told.json()["code"]) == (503, "maintenance")
    assert told.json()["params"]["until"] == expected.isoformat()
    assert 590 <= int(told.headers["retry-after"]) <= 601
    assert began.status_code == 202
    by_law = Asked(subject=await pages.shop.order(), right=Right.LAW)
    view = await cancellations.request_cancellation(pages.shop.context, STAFF, by_law)
    assert view.subject == by_law.subject


async def test_a_time_that_is_past_is_no_longer_named(pages: Pages) -> None:
    order = await pages.shop.order()
    visitor = await pages.customer_of(order)
    await _begin(pages, datetime.now(UTC) - timedelta(minutes=1))
    page = await visitor.get(f"{ROOT}/orders/{order.id}/cancel")
    assert "can&#39;t be sent for now" in page.text


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("12:30", "2026-11-24T12:30+01:00"),
        ("06:00", "2026-11-25T06:00+01:00"),
        ("2026-12-01T06:00", "2026-12-01T06:00+01:00"),
        ("2026-12-01T06:00Z", "2026-12-01T06:00+00:00"),
    ],
)
def test_times_are_by_the_business_s_clock(told: str, expected: str) -> None:
    assert when(told, BERLIN, NOON) == datetime.fromisoformat(expected)


@pytest.mark.parametrize("told", ["soon", "25:00", "2026-11-24T11:00Z", "2026-11-01"])
def test_what_is_no_time_to_come_is_refused(told: str) -> None:
    with pytest.raises(click.BadParameter):
        when(told, BERLIN, NOON)


async def _begin(pages: Pages, expected: datetime | None) -> None:
    context = pages.shop.context
    async with context.sessions.begin() as session:
        await maintenance.begin(session, context.clock(), expected)


async def _end(pages: Pages) -> None:
    async with pages.shop.context.sessions.begin() as session:
        await maintenance.end(session)
