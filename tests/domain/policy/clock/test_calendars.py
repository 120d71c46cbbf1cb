"""Business days: the working week, public holidays and closing days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.policy.clock.calendars import Calendar
from domain.policy.clock.spans import WEEKDAYS

MONDAY = date(2026, 5, 4)
SHOP = Calendar(workdays=("mon", "tue", "wed", "thu", "fri", "sat"), holidays="US")

DAYS = st.dates(date(1990, 1, 1), date(2080, 1, 1))
CALENDARS = st.builds(
    Calendar,
    workdays=st.lists(st.sampled_from(WEEKDAYS), min_size=1, unique=True).map(tuple),
    holidays=st.sampled_from([None, "US", "DE-BY", "JP"]),
    closed=st.frozensets(DAYS, max_size=5),
)


@pytest.mark.parametrize(
    ("calendar", "day", "is_open"),
    [
        (Calendar(), date(2026, 5, 8), True),
        (Calendar(), date(2026, 5, 9), False),
        (Calendar(), date(2026, 12, 25), True),
        (Calendar(holidays="DE"), date(2026, 12, 25), False),
        (Calendar(holidays="DE"), date(2026, 1, 6), True),
        (Calendar(holidays="DE-BY"), date(2026, 1, 6), False),
        (SHOP, date(2026, 5, 23), True),
        (SHOP, date(2026, 5, 25), False),
        (SHOP, date(2026, 7, 3), False),
        (Calendar(closed=frozenset({MONDAY})), MONDAY, False),
    ],
)
def test_a_business_day_is_a_workday_without_holiday_or_closing(
    calendar: Calendar, day: date, is_open: bool
) -> None:
    assert calendar.is_open(day) is is_open


@pytest.mark.parametrize(
    ("start", "count", "before", "after"),
    [
        (MONDAY, 0, MONDAY, MONDAY),
        (MONDAY, 1, date(2026, 5, 1), date(2026, 5, 5)),
        (MONDAY, 5, date(2026, 4, 27), date(2026, 5, 11)),
        (date(2026, 5, 9), 0, date(2026, 5, 8), date(2026, 5, 11)),
        (date(2026, 5, 9), 1, date(2026, 5, 8), date(2026, 5, 11)),
        (date(2026, 5, 10), 2, date(2026, 5, 7), date(2026, 5, 12)),
    ],
)
def test_the_day_itself_does_not_count(start: date, count: int, before: date, after: date) -> None:
    assert Calendar().subtract(start, count) == before
    assert Calendar().add(start, count) == after


def test_three_business_days_from_a_friday_skip_sunday_and_the_holiday() -> None:
    assert SHOP.add(date(2026, 5, 22), 3) == date(2026, 5, 27)


def test_closing_days_of_a_setting_come_on_top_at_the_call() -> None:
    calendar = Calendar(holidays="DE", closed=frozenset({date(2026, 5, 5)}))
    more = calendar.with_closed(["2026-05-06", date(2026, 5, 7)])
    assert more.add(MONDAY, 1) == date(2026, 5, 8)
    assert calendar.add(MONDAY, 1) == date(2026, 5, 6)
    assert calendar.with_closed([]) is calendar
    with pytest.raises(ValueError, match="date"):
        calendar.with_closed(["May 6"])


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"holidays": "XX"}, "holidays"),
        ({"holidays": "us"}, "holidays"),
        ({"holidays": "DE-XX"}, "holidays"),
        ({"holidays": "DE-"}, "holidays"),
        ({"holidays": ""}, "holidays"),
        ({"holidays": "D" * 1_000}, "holidays"),
        ({"holidays": ["US"]}, "holidays"),
        ({"workdays": []}, "workdays"),
        ({"workdays": ["monday"]}, "workdays"),
        ({"closed": ["2026-02-30"]}, "closed"),
        ({"closed": [str(MONDAY + timedelta(days=n)) for n in range(1_001)]}, "closed"),
        ({"holiday": "US"}, "holiday"),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused_at_its_place(
    document: dict[str, object], place: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        Calendar.model_validate(document)
    assert refusal.value.errors()[0]["loc"][0] == place


def test_a_calendar_is_written_in_the_order_of_its_dates() -> None:
    calendar = Calendar.model_validate({"closed": ["2026-12-31", "2026-12-24"], "holidays": "DE"})
    written = calendar.model_dump(mode="json")
    assert written["closed"] == ["2026-12-24", "2026-12-31"]
    assert Calendar.model_validate(written) == calendar


def test_a_week_of_one_day_with_many_closing_days_is_still_counted() -> None:
    mondays = frozenset(MONDAY + timedelta(weeks=n) for n in range(1, 1_001))
    calendar = Calendar(workdays=("mon",), closed=mondays)
    assert calendar.add(MONDAY, 1_000) == MONDAY + timedelta(weeks=2_000)


@given(CALENDARS, DAYS, st.integers(1, 12))
def test_so_many_business_days_lie_between(calendar: Calendar, day: date, count: int) -> None:
    later, earlier = calendar.add(day, count), calendar.subtract(day, count)
    assert calendar.is_open(later)
    assert calendar.is_open(earlier)
    passed = [day + timedelta(days=n) for n in range(1, (later - day).days + 1)]
    ahead = [earlier + timedelta(days=n) for n in range((day - earlier).days)]
    assert sum(map(calendar.is_open, passed)) == count
    assert sum(map(calendar.is_open, ahead)) == count


@given(CALENDARS, DAYS, st.integers(0, 12))
def test_there_and_back_is_the_same_business_day(calendar: Calendar, day: date, count: int) -> None:
    day = calendar.add(day, 0)
    assert calendar.subtract(calendar.add(day, count), count) == day
