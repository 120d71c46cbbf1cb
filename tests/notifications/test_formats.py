from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from notifications import formats


@pytest.mark.parametrize(
    ("minor", "currency", "language", "written"),
    [
        (123_456, "EUR", "de", "1.234,56\xa0€"),
        (123_456, "EUR", "en", "€1,234.56"),
        (1_234, "JPY", "en", "¥1,234"),
        (1_234, "JPY", "de", "1.234\xa0¥"),
        (1_234_567, "KWD", "de", "1.234,567\xa0KWD"),
        (12_345, "RSD", "de", "123,45\xa0RSD"),
        (0, "USD", "en", "$0.00"),
        (10**15, "EUR", "en", "€10,000,000,000,000.00"),
    ],
)
def test_an_amount_has_the_decimals_of_its_smallest_unit(
    minor: int, currency: str, language: str, written: str
) -> None:
    assert formats.money(minor, currency, Locale.parse(language)) == written


def test_the_name_of_a_zone_follows_the_time_of_year() -> None:
    berlin, english = ZoneInfo("Europe/Berlin"), Locale.parse("en")
    winter = formats.clock(datetime(2026, 1, 5, 9, tzinfo=UTC), berlin, english)
    summer = formats.clock(datetime(2026, 7, 5, 9, tzinfo=UTC), berlin, english)
    assert winter == ("10:00\u202fAM", "Central European Standard Time")
    assert summer == ("11:00\u202fAM", "Central European Summer Time")


@pytest.mark.parametrize("name", [None, "", "Mars/Olympus", "../../etc/passwd"])
def test_an_unknown_zone_is_none(name: str | None) -> None:
    assert formats.zone_named(name) is None


def test_zones_of_one_clock_are_told_from_others_at_the_instant_itself() -> None:
    instant = datetime(2026, 3, 20, 12, tzinfo=UTC)
    berlin, paris = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/Paris")
    assert formats.is_same_clock(instant, berlin, paris)
    assert not formats.is_same_clock(instant, berlin, ZoneInfo("Europe/London"))
