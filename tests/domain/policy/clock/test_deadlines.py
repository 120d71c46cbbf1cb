"""Deadlines at the place: elapsed hours, calendar days, times of day, and the clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.policy.clock.calendars import Calendar
from domain.policy.clock.deadlines import (
    TICK,
    FactMissing,
    after,
    before,
    day_of,
    days_between,
    end_of_day,
    first_after,
    first_before,
    start_of_day,
)
from domain.policy.clock.spans import WEEKDAYS, read_notice, read_span

BERLIN = "Europe/Berlin"
ZONES = st.sampled_from(
    [
        BERLIN,
        "America/New_York",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "America/Havana",
        "America/Sao_Paulo",
        "Asia/Kathmandu",
        "America/St_Johns",
        "Pacific/Kiritimati",
        "UTC",
    ]
)
SECONDS = st.integers(1_104_537_600, 2_051_222_400)
INSTANTS = st.builds(datetime.fromtimestamp, SECONDS, st.just(UTC))
"""From 2005 to 2035."""
COUNTED = st.one_of(
    st.tuples(st.sampled_from(["{}d", "{}d 18:00", "{}d 02:30"]), st.integers(0, 400)),
    st.tuples(st.sampled_from(["{}w", "{}w fri", "{}w mon 09:00"]), st.integers(0, 60)),
    st.tuples(st.sampled_from(["{}bd", "{}bd 12:00"]), st.integers(0, 30)),
    st.tuples(st.sampled_from(["{}mo", "{}mo 18:00"]), st.integers(0, 60)),
    st.tuples(st.sampled_from(["{}h", "{}m"]), st.integers(0, 5_000)),
)
"""A form of span, and how many."""
WHOLE_DAYS = st.one_of(
    st.builds("{}d".format, st.integers(0, 400)),
    st.builds("{}bd".format, st.integers(1, 30)),
    st.builds("{}mo".format, st.integers(0, 60)),
    st.builds("{}w {}".format, st.integers(0, 60), st.sampled_from(WEEKDAYS)),
    st.sampled_from(WEEKDAYS),
)
CALENDARS = st.sampled_from(
    [
        Calendar(),
        Calendar(holidays="DE-BY"),
        Calendar(workdays=("tue", "sat"), holidays="US"),
        Calendar(workdays=WEEKDAYS, closed=frozenset({date(2026, 12, 24)})),
    ]
)
FTC = Calendar(workdays=("mon", "tue", "wed", "thu", "fri", "sat"), holidays="US")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_24_hours_over_the_spring_change_are_23_by_the_clock_plus_one() -> None:
    start = at("2026-03-29T10:00:00+02:00")
    assert before(start, read_span("24h"), BERLIN) == at("2026-03-28T09:00:00+01:00")


def test_24_hours_over_the_autumn_change_end_an_hour_later_by_the_clock() -> None:
    start = at("2026-10-25T10:00:00+01:00")
    assert before(start, read_span("24h"), BERLIN) == at("2026-10-24T11:00:00+02:00")


def test_a_calendar_day_counts_to_its_end_whatever_its_length() -> None:
    start = at("2026-03-30T10:00:00+02:00")
    assert before(start, read_span("1d"), BERLIN) == at("2026-03-30T00:00:00+02:00") - TICK


def test_18_00_the_day_before_is_said_by_the_clock_there() -> None:
    notice = read_notice({"days_before": 1, "at": "18:00"})
    start = at("2026-03-29T02:00:00+00:00")
    assert before(start, notice, BERLIN) == at("2026-03-28T18:00:00+01:00")
    assert before(start, notice, "Pacific/Auckland") == at("2026-03-28T18:00:00+13:00")


def test_a_time_of_day_that_comes_twice_counts_the_second_time() -> None:
    notice = read_notice({"days_before": 0, "at": "02:30"})
    start = at("2026-10-25T10:00:00+01:00")
    assert before(start, notice, BERLIN) == at("2026-10-25T02:30:00+01:00")


def test_a_time_of_day_that_is_skipped_counts_as_the_later_reading() -> None:
    notice = read_notice({"days_before": 0, "at": "02:30"})
    start = at("2026-03-29T10:00:00+02:00")
    assert before(start, notice, BERLIN) == at("2026-03-29T03:30:00+02:00")


def test_a_civil_date_has_days_but_no_hours() -> None:
    assert before(date(2026, 5, 10), read_span("2d"), "UTC") == at("2026-05-09T00:00:00Z") - TICK
    with pytest.raises(FactMissing):
        before(date(2026, 5, 10), read_span("2h"), "UTC")


def test_a_zone_that_does_not_exist_is_a_missing_fact() -> None:
    with pytest.raises(FactMissing):
        end_of_day(date(2026, 5, 10), "Europe/Atlantis")


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (BERLIN, date(2026, 3, 29), 23),
        (BERLIN, date(2026, 10, 25), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("America/Havana", date(2026, 3, 8), 23),
        ("America/Havana", date(2026, 11, 1), 25),
        ("America/Sao_Paulo", date(2018, 2, 17), 25),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),
        ("America/St_Johns", date(2010, 11, 6), 25),
        ("Pacific/Apia", date(2011, 12, 30), 0),
        ("Asia/Kathmandu", date(2026, 3, 29), 24),
    ],
)
def test_a_day_is_as_long_as_its_clocks_make_it(zone: str, day: date, hours: float) -> None:
    length = end_of_day(day, zone) + TICK - start_of_day(day, zone)
    assert length == timedelta(hours=hours)
    assert start_of_day(day, zone) == end_of_day(day - timedelta(days=1), zone) + TICK


def test_an_hour_of_the_old_day_that_comes_again_still_belongs_to_it() -> None:
    again = at("2010-11-06T23:30:00-03:30")
    assert before(date(2010, 11, 7), read_span("1d"), "America/St_Johns") >= again


def test_one_day_before_the_day_after_a_skipped_one_ends_as_that_starts() -> None:
    start = at("2011-12-31T10:00:00+14:00")
    midnight = at("2011-12-31T00:00:00+14:00")
    assert before(start, read_span("1d"), "Pacific/Apia") == midnight - TICK
    assert before(start, read_span("2d"), "Pacific/Apia") == midnight - TICK


def test_the_day_of_a_start_is_the_day_at_the_place() -> None:
    start = at("2026-05-10T10:30:00Z")
    assert before(start, read_span("0d 12:00"), "Pacific/Kiritimati") == at("2026-05-10T22:00Z")
    assert before(start, read_span("0d 12:00"), "Pacific/Niue") == at("2026-05-09T23:00Z")
    assert before(start, read_span("1d"), "Asia/Kolkata") == at("2026-05-09T18:30Z") - TICK


@pytest.mark.parametrize(
    ("start", "notice", "last"),
    [
        ("2026-05-13", "0d", "2026-05-13"),
        ("2026-05-13", "2w", "2026-04-29"),
        ("2026-03-31", "1mo", "2026-02-28"),
        ("2028-03-31", "1mo", "2028-02-29"),
        ("2026-08-31", "6mo", "2026-02-28"),
        ("2028-02-29", "1y", "2027-02-28"),
        ("2026-01-15", "1mo", "2025-12-15"),
        ("2026-05-13", "fri", "2026-05-08"),
        ("2026-05-15", "fri", "2026-05-08"),
        ("2026-05-16", "fri", "2026-05-15"),
        ("2026-05-13", "1w fri", "2026-05-08"),
        ("2026-05-16", "1w fri", "2026-05-08"),
        ("2026-05-18", "1w fri", "2026-05-15"),
        ("2026-05-13", "0w mon", "2026-05-11"),
        ("2026-05-13", "0w fri", "2026-05-15"),
        ("2026-05-13", "2bd", "2026-05-11"),
        ("2026-05-12", "2bd", "2026-05-08"),
        ("2026-05-10", "1bd", "2026-05-08"),
        ("2026-05-10", "0bd", "2026-05-08"),
    ],
)
def test_notice_in_days_reaches_to_the_end_of_its_day(start: str, notice: str, last: str) -> None:
    deadline = before(date.fromisoformat(start), read_span(notice), BERLIN)
    assert deadline == end_of_day(date.fromisoformat(last), BERLIN)


@pytest.mark.parametrize(
    ("notice", "deadline"),
    [
        ("1d 18:00", "2026-05-12T18:00+02:00"),
        ("0d 12:00", "2026-05-13T12:00+02:00"),
        ("fri 12:00", "2026-05-08T12:00+02:00"),
        ("1w fri 18:00", "2026-05-08T18:00+02:00"),
        ("3bd 12:00", "2026-05-08T12:00+02:00"),
        ("2mo 18:00", "2026-03-13T18:00+01:00"),
    ],
)
def test_notice_with_a_time_of_day_ends_on_the_minute(notice: str, deadline: str) -> None:
    start = at("2026-05-13T15:00+02:00")
    assert before(start, read_span(notice), BERLIN) == at(deadline)
    assert first_before(start, read_span(notice), BERLIN) == at(deadline)


@pytest.mark.parametrize(
    ("origin", "period", "last"),
    [
        ("2026-05-13", "0d", "2026-05-13"),
        ("2026-05-13", "14d", "2026-05-27"),
        ("2026-01-31", "1mo", "2026-02-28"),
        ("2026-11-30", "3mo", "2027-02-28"),
        ("2028-02-29", "1y", "2029-02-28"),
        ("2026-05-13", "fri", "2026-05-15"),
        ("2026-05-15", "fri", "2026-05-22"),
        ("2026-05-13", "0w fri", "2026-05-15"),
        ("2026-05-13", "1w fri", "2026-05-22"),
        ("2026-05-17", "1w sun", "2026-05-24"),
        ("2026-05-15", "2bd", "2026-05-19"),
        ("2026-05-16", "1bd", "2026-05-18"),
        ("2026-05-16", "0bd", "2026-05-18"),
    ],
)
def test_a_period_in_days_runs_to_the_end_of_its_day(origin: str, period: str, last: str) -> None:
    day, span = date.fromisoformat(last), read_span(period)
    assert after(date.fromisoformat(origin), span, BERLIN) == end_of_day(day, BERLIN)
    assert first_after(date.fromisoformat(origin), span, BERLIN) == start_of_day(day, BERLIN)


def test_a_sale_on_friday_before_a_holiday_can_be_cancelled_to_the_end_of_wednesday() -> None:
    sold = at("2026-05-22T15:00:00-04:00")
    until = after(sold, read_span("3bd"), "America/New_York", FTC)
    assert until == at("2026-05-28T00:00:00-04:00") - TICK
    plain = Calendar(workdays=FTC.workdays).with_closed(["2026-05-25"])
    assert after(sold, read_span("3bd"), "America/New_York", plain) == until


def test_business_days_less_than_two_before_a_tuesday_begin_with_the_weekend() -> None:
    tuesday, two, one = date(2026, 5, 12), read_span("2bd"), read_span("1bd")
    assert before(tuesday, two, BERLIN) == end_of_day(date(2026, 5, 8), BERLIN)
    assert first_before(tuesday, one, BERLIN) == start_of_day(date(2026, 5, 9), BERLIN)


def test_a_period_from_a_civil_date_has_days_but_no_hours() -> None:
    delivered = date(2026, 3, 2)
    assert after(delivered, read_span("14d"), BERLIN) == end_of_day(date(2026, 3, 16), BERLIN)
    for look in (after, first_after):
        with pytest.raises(FactMissing, match="event_time_missing"):
            look(delivered, read_span("48h"), BERLIN)


@pytest.mark.parametrize("year", [1, 1899, 2200, 9999])
@pytest.mark.parametrize("span", ["48h", "10y", "1000bd", "3660d", "52w mon"])
def test_a_year_out_of_reach_is_a_missing_fact(year: int, span: str) -> None:
    for moment in (datetime(year, 1, 1, tzinfo=UTC), datetime(year, 12, 31, tzinfo=UTC)):
        for look in (before, after, first_before, first_after):
            with pytest.raises(FactMissing, match="date_out_of_range"):
                look(moment, read_span(span), "Asia/Kolkata")


@pytest.mark.parametrize("start", [date(1900, 1, 1), date(2199, 12, 31)])
def test_the_longest_spans_reach_from_the_first_and_the_last_year(start: date) -> None:
    rare = Calendar(workdays=("sun",), holidays="US")
    for span in map(read_span, ("10y", "3660d", "1000bd", "522w mon")):
        assert before(start, span, BERLIN, rare) < after(start, span, BERLIN, rare)


def test_days_between_are_counted_at_the_place() -> None:
    first, second = at("2026-03-28T22:30:00Z"), at("2026-03-29T22:30:00Z")
    assert days_between(first, second, "UTC") == 1
    assert days_between(first, second, BERLIN) == 2
    assert days_between(date(2026, 4, 1), first, BERLIN) == -4


def test_a_period_after_an_event_counts_whole_days_after_its_day() -> None:
    placed = at("2026-03-02T23:30:00+01:00")
    assert after(placed, read_span("14d"), BERLIN) == at("2026-03-17T00:00:00+01:00") - TICK
    assert after(placed, read_span("48h"), BERLIN) == at("2026-03-04T23:30:00+01:00")


@given(INSTANTS, st.integers(0, 2_000), ZONES)
def test_elapsed_notice_is_the_same_in_every_zone(start: datetime, hours: int, zone: str) -> None:
    deadline = before(start.astimezone(ZoneInfo(zone)), read_span(f"{hours}h"), zone)
    assert start - deadline == timedelta(hours=hours)


@given(INSTANTS, st.integers(0, 60), ZONES)
def test_a_calendar_deadline_is_the_last_instant_of_its_day(
    start: datetime, days: int, zone: str
) -> None:
    deadline = before(start, read_span(f"{days}d"), zone)
    assert (day_of(start, zone) - day_of(deadline, zone)).days >= days
    assert (day_of(start, zone) - day_of(deadline + TICK, zone)).days < days


@given(INSTANTS, st.integers(0, 30), st.times(), ZONES)
def test_a_time_of_day_is_met_within_an_hour_of_the_clock_there(
    start: datetime, days: int, clock: time, zone: str
) -> None:
    notice = read_notice({"days_before": days, "at": clock.strftime("%H:%M")})
    deadline = before(start, notice, zone)
    local = deadline.astimezone(ZoneInfo(zone))
    wanted = datetime.combine(day_of(start, zone) - timedelta(days=days), clock)
    wanted = wanted.replace(second=0, microsecond=0)
    assert timedelta() <= local.replace(tzinfo=None) - wanted <= timedelta(days=1)
    assert local.utcoffset() is not None


@given(INSTANTS, COUNTED, st.integers(0, 60), ZONES, CALENDARS)
def test_more_notice_is_never_a_later_deadline(
    start: datetime, counted: tuple[str, int], more: int, zone: str, calendar: Calendar
) -> None:
    form, count = counted
    less, longer = read_span(form.format(count)), read_span(form.format(count + more))
    assert before(start, longer, zone, calendar) <= before(start, less, zone, calendar)
    assert first_before(start, longer, zone, calendar) <= first_before(start, less, zone, calendar)
    assert after(start, longer, zone, calendar) >= after(start, less, zone, calendar)
    assert first_after(start, longer, zone, calendar) >= first_after(start, less, zone, calendar)


@given(INSTANTS, st.sampled_from(["d", "bd"]), st.integers(0, 40), ZONES, CALENDARS)
def test_no_more_than_this_notice_begins_where_one_more_ends(
    start: datetime, unit: str, count: int, zone: str, calendar: Calendar
) -> None:
    span, more = read_span(f"{count}{unit}"), read_span(f"{count + 1}{unit}")
    ends = before(start, more, zone, calendar)
    assert first_before(start, span, zone, calendar) == ends + TICK


@given(INSTANTS, st.integers(0, 400), ZONES)
def test_so_many_days_have_passed_where_the_period_of_one_less_is_over(
    origin: datetime, days: int, zone: str
) -> None:
    over = after(origin, read_span(f"{days}d"), zone)
    assert first_after(origin, read_span(f"{days + 1}d"), zone) == over + TICK


@given(INSTANTS, WHOLE_DAYS, ZONES, CALENDARS)
def test_first_and_last_instant_are_the_ends_of_one_day(
    origin: datetime, text: str, zone: str, calendar: Calendar
) -> None:
    span = read_span(text)
    last = after(origin, span, zone, calendar)
    first = first_after(origin, span, zone, calendar)
    assert timedelta(hours=-1) <= last - first <= timedelta(hours=25)
    assert first_before(origin, span, zone, calendar) <= before(origin, span, zone, calendar) + TICK


@given(INSTANTS, COUNTED, ZONES, CALENDARS)
def test_a_deadline_does_not_depend_on_how_the_start_is_written(
    start: datetime, counted: tuple[str, int], zone: str, calendar: Calendar
) -> None:
    span = read_span(counted[0].format(counted[1]))
    there = start.astimezone(ZoneInfo("Pacific/Auckland"))
    for look in (before, first_before, after, first_after):
        found = look(there, span, zone, calendar)
        assert found == look(start, span, zone, calendar)
        assert found.tzinfo is UTC
        if span.elapsed is None:
            assert found == look(day_of(start, zone), span, zone, calendar)


@given(INSTANTS, st.builds("{}{}".format, WHOLE_DAYS, st.just(" 18:00")), ZONES, CALENDARS)
def test_a_time_of_day_is_the_same_by_the_clock_in_every_season(
    start: datetime, text: str, zone: str, calendar: Calendar
) -> None:
    for look in (before, after):
        local = look(start, read_span(text), zone, calendar).astimezone(ZoneInfo(zone))
        assert local.time() == time(18)


@pytest.mark.parametrize(
    ("origin", "period", "last"),
    [
        ("2026-04-20T12:00:00+02:00", "14d+0bd", "2026-05-04T23:59:59.999999+02:00"),
        ("2026-04-17T12:00:00+02:00", "14d+0bd", "2026-05-04T23:59:59.999999+02:00"),
        ("2026-04-18T12:00:00+02:00", "14d+0bd", "2026-05-04T23:59:59.999999+02:00"),
        ("2026-02-14T12:00:00+01:00", "14d+12mo+0bd", "2027-03-01T23:59:59.999999+01:00"),
        ("2026-04-17T12:00:00+02:00", "14d+0bd 18:00", "2026-05-04T18:00:00+02:00"),
    ],
)
def test_a_period_that_ends_on_a_closed_day_may_end_on_the_next_business_day(
    origin: str, period: str, last: str
) -> None:
    calendar = Calendar(closed=frozenset({date(2026, 5, 1)}))
    start = datetime.fromisoformat(origin)
    assert after(start, read_span(period), BERLIN, calendar) == datetime.fromisoformat(last)


def test_notice_of_several_parts_is_counted_back_one_after_the_other() -> None:
    start = datetime.fromisoformat("2026-05-18T12:00:00+02:00")
    deadline = before(
        start, read_span("1w+0bd"), BERLIN, Calendar(closed=frozenset({date(2026, 5, 11)}))
    )
    assert deadline == datetime.fromisoformat("2026-05-08T23:59:59.999999+02:00")
