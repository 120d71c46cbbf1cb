"""Deadlines at the place: elapsed hours, calendar days, times of day, and the clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.policy.deadlines import TICK, FactMissing, after, before, day_of, end_of_day
from domain.policy.spans import read_notice, read_span

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
        "UTC",
    ]
)
SECONDS = st.integers(1_104_537_600, 2_051_222_400)
INSTANTS = st.builds(datetime.fromtimestamp, SECONDS, st.just(UTC))
"""From 2005 to 2035."""


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
