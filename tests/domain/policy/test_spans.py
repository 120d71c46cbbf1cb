from datetime import time, timedelta

import pytest

from domain.policy.spans import read_elapsed, read_notice, read_span


@pytest.mark.parametrize(
    ("text", "elapsed"),
    [
        ("48h", timedelta(hours=48)),
        ("PT48H", timedelta(hours=48)),
        ("90m", timedelta(minutes=90)),
        ("90 min", timedelta(minutes=90)),
        ("1h30m", timedelta(minutes=90)),
        ("PT1H30M", timedelta(minutes=90)),
        ("45s", timedelta(seconds=45)),
    ],
)
def test_hours_and_minutes_are_elapsed_time(text: str, elapsed: timedelta) -> None:
    assert read_span(text).elapsed == elapsed


@pytest.mark.parametrize(
    ("text", "days"), [("2d", 2), ("P2D", 2), ("1w", 7), ("P2W", 14), ("0d", 0)]
)
def test_days_and_weeks_are_calendar_days(text: str, days: int) -> None:
    span = read_span(text)
    assert (span.elapsed, span.days) == (None, days)


@pytest.mark.parametrize(
    "value", ["", "2", "2 days", "1 month", "P1M", "P1Y", "P1DT2H", "-2d", 48, None]
)
def test_what_is_no_fixed_length_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="length of time"):
        read_span(value)


@pytest.mark.parametrize("text", ["3661d", "999w", "99999h"])
def test_a_length_of_more_than_ten_years_is_a_mistake(text: str) -> None:
    with pytest.raises(ValueError, match="more than"):
        read_span(text)


def test_a_notice_may_name_a_time_of_day() -> None:
    notice = read_notice({"days_before": 1, "at": "18:00"})
    assert (notice.days, notice.at) == (1, time(18))


@pytest.mark.parametrize(
    "value",
    [
        {"days_before": 1},
        {"days_before": -1, "at": "18:00"},
        {"days_before": True, "at": "18:00"},
        {"days_before": 1, "at": "24:00"},
        {"days_before": 1, "at": 1080},
        {"days_before": 1, "at": "18:00", "zone": "UTC"},
    ],
)
def test_a_time_of_day_is_whole_days_and_a_quoted_time(value: object) -> None:
    with pytest.raises(ValueError, match="time of day"):
        read_notice(value)


def test_a_wait_is_not_counted_in_calendar_days() -> None:
    assert read_elapsed("2h") == timedelta(hours=2)
    with pytest.raises(ValueError, match="elapsed"):
        read_elapsed("2d")
