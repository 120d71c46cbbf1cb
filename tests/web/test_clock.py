"""Whose clock a page tells: what the reader chose, their account's, their device's, the place's."""

import re
from datetime import UTC, datetime

import pytest

from domain.subjects import SubjectRef
from tests.web.conftest import Pages
from web.shared.pages import Words
from web.shared.paths import ROOT

AT = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
BERLIN, NEW_YORK, TOKYO = "Europe/Berlin", "America/New_York", "Asia/Tokyo"


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ((), "Tue, 24 Nov 2026, 18:00"),
        (("en",), "Tue, 24 Nov 2026, 18:00"),
        (("de-DE", "en-US"), "Tue, Nov 24, 2026, 6:00\u202fPM"),
    ],
)
def test_english_is_written_as_in_the_readers_region(tags: tuple[str, ...], said: str) -> None:
    assert Words("en", None, BERLIN, tags).moment(AT) == said


def test_two_clocks_are_both_named_where_they_differ() -> None:
    said = Words("en", NEW_YORK, BERLIN).moment(AT)
    assert said == ("Tue, 24 Nov 2026, 18:00 Central European Standard Time (12:00 where you are)")
    far = Words("en", TOKYO, BERLIN).moment(AT)
    assert "(Wed, 25 Nov 2026, 02:00 where you are)" in far


def test_clocks_that_agree_are_told_once() -> None:
    assert Words("de", "Europe/Vienna", BERLIN).moment(AT) == "Di., 24. Nov. 2026, 18:00\xa0Uhr"


def test_a_deadline_names_the_places_clock_to_who_has_none_known() -> None:
    said = Words("en", None, BERLIN).moment(AT, named=True)
    assert said == "Tue, 24 Nov 2026, 18:00 (Central European Standard Time)"


@pytest.mark.parametrize(
    ("cookies", "account", "zone"),
    [
        ({"zone": TOKYO, "clock": BERLIN}, NEW_YORK, "09:00"),
        ({"clock": TOKYO}, NEW_YORK, "19:00"),
        ({"clock": TOKYO}, None, "09:00"),
        ({"clock": "No/Where"}, None, None),
        ({}, None, None),
    ],
)
async def test_what_was_chosen_goes_before_the_account_and_that_before_the_device(
    pages: Pages, cookies: dict[str, str], account: str | None, zone: str | None
) -> None:
    order = await _order(pages, account)
    visitor = await pages.customer_of(order, **{"accept-language": "en"})
    for name, value in cookies.items():
        visitor.cookies.set(name, value)
    page = (await visitor.get(f"{ROOT}/orders/{order.id}")).text
    told = re.findall(r"(\d\d:\d\d) where you are", page)
    assert set(told) == ({zone} if zone else set())


async def _order(pages: Pages, zone: str | None) -> SubjectRef:
    """One whose event starts at midnight UTC, where the clock of the place is."""
    customer = {"email": "ada@example.com", "zone": zone}
    return await pages.shop.order(
        customer=customer, zone="UTC", starts_at="2030-01-15T00:00:00+00:00"
    )
