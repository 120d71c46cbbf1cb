from contextlib import suppress
from datetime import time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from domain.policy.clock.spans import (
    WEEKDAYS,
    Notice,
    Period,
    Span,
    read_elapsed,
    read_notice,
    read_span,
    span_of,
)

CLOCK = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
ELAPSED = st.one_of(
    st.builds("{}h".format, st.integers(0, 87_000)),
    st.builds("{}m".format, st.integers(0, 5_000_000)),
    st.builds("{}h{}m{}s".format, st.integers(0, 9), st.integers(0, 99), st.integers(0, 99)),
)
COUNTED = st.one_of(
    st.builds("{}d".format, st.integers(0, 3_660)),
    st.builds("{}w".format, st.integers(0, 522)),
    st.builds("{}bd".format, st.integers(0, 1_000)),
    st.builds("{}mo".format, st.integers(0, 120)),
    st.builds("{}y".format, st.integers(0, 10)),
    st.builds("{}w {}".format, st.integers(0, 522), st.sampled_from(WEEKDAYS)),
    st.sampled_from(WEEKDAYS),
)
TEXTS = st.one_of(ELAPSED, COUNTED, st.builds("{} {}".format, COUNTED, CLOCK))


@pytest.mark.parametrize(
    ("text", "elapsed"),
    [
        ("48h", timedelta(hours=48)),
        ("PT48H", timedelta(hours=48)),
        ("90m", timedelta(minutes=90)),
        ("90 min", timedelta(minutes=90)),
        ("1h30m", timedelta(minutes=90)),
        ("1h 30m", timedelta(minutes=90)),
        ("PT1H30M", timedelta(minutes=90)),
        ("45s", timedelta(seconds=45)),
        ("0h", timedelta()),
    ],
)
def test_hours_and_minutes_are_elapsed_time(text: str, elapsed: timedelta) -> None:
    assert read_span(text) == Span(text, elapsed=elapsed)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("2d", {"days": 2}),
        ("P2D", {"days": 2}),
        ("1w", {"days": 7}),
        ("P2W", {"days": 14}),
        ("0d", {}),
        ("0d 12:00", {"at": time(12)}),
        ("1d 18:00", {"days": 1, "at": time(18)}),
        ("1w 9:30", {"days": 7, "at": time(9, 30)}),
        ("3bd", {"business_days": 3}),
        ("0bd", {"business_days": 0}),
        ("2BD 12:00", {"business_days": 2, "at": time(12)}),
        ("1mo", {"months": 1}),
        ("1y", {"months": 12}),
        ("1mo 18:00", {"months": 1, "at": time(18)}),
        ("Fri", {"weekday": 4}),
        ("fri 12:00", {"weekday": 4, "at": time(12)}),
        ("0w sun", {"weekday": 6, "weeks": 0}),
        ("1w fri 18:00", {"weekday": 4, "weeks": 1, "at": time(18)}),
    ],
)
def test_days_months_and_weekdays_are_read_with_their_time_of_day(
    text: str, parts: dict[str, Any]
) -> None:
    assert read_span(text) == Span(text, **parts)


@pytest.mark.parametrize(
    "value",
    [
        *("", " ", "2", "2 days", "1 month", "-2d", "1.5d", "1 2d", "d", "p", "pt", "18:00"),
        *("P1M", "P1Y", "P1DT2H", "P3BD", "Pfri", "1d2d", "1d fri", "2fri", "2mo fri", "friday"),
        *("24h 18:00", "1d 18", "1d 18:0", "18:00 1d", "1d 1 8:00", "fri 1w", "٢d", "1\u00a0d"),
        *(48, None, True, ["2d"], {"days": 2}),
    ],
)
def test_what_is_no_length_of_time_is_refused_with_an_example(value: object) -> None:
    with pytest.raises(ValueError, match=r"length of time.*2d"):
        read_span(value)


@pytest.mark.parametrize("text", ["1d 24:00", "1d 18:60", "fri 99:99", "2bd 25:00"])
def test_a_time_of_day_that_does_not_exist_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"no time of day.*1d 18:00"):
        read_span(text)


@pytest.mark.parametrize(
    "text", ["3661d", "999w", "523w fri", "99999h", "999999999s", "1001bd", "121mo", "11y"]
)
def test_a_length_of_more_than_ten_years_is_a_mistake(text: str) -> None:
    with pytest.raises(ValueError, match="more than"):
        read_span(text)


def test_a_refusal_does_not_repeat_a_long_text_in_full() -> None:
    with pytest.raises(ValueError, match="length of time") as refusal:
        read_span("x" * 1_000_000)
    assert len(str(refusal.value)) < 300


def test_a_notice_may_name_a_time_of_day_in_parts() -> None:
    notice = read_notice({"days_before": 1, "at": "18:00"})
    assert notice == read_span("1d 18:00")


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


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        ("24h", None, "24h"),
        ("2d", "hours", "2d"),
        (24, "hours", "24h"),
        (90, "minutes", "90m"),
        (1.5, "hours", "90m"),
        (1, "day", "24h"),
        (0, "hours", "0h"),
        ([2, "hours"], None, "2h"),
        ([30, "minutes"], None, "30m"),
        ((1, "Days"), None, "24h"),
        ([2, "hours"], "minutes", "2h"),
    ],
)
def test_a_setting_is_text_or_a_number_with_a_unit(
    value: object, unit: str | None, text: str
) -> None:
    assert span_of(value, unit=unit) == read_span(text)


def test_days_of_a_setting_are_calendar_days_where_that_is_declared() -> None:
    assert span_of(2, unit="days", days_are="calendar") == read_span("2d")
    assert span_of([2, "days"], unit=None, days_are="calendar") == read_span("2d")
    assert span_of([2, "hours"], unit=None, days_are="calendar") == read_span("2h")
    with pytest.raises(ValueError, match="length of time"):
        span_of(1.5, unit="days", days_are="calendar")


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        *((None, "hours"), (24, None), ([24, None], "hours"), ([24], "hours"), ([], "hours")),
        *(([1, "hours", 2], None), ([None, "hours"], None), (["24", "hours"], None)),
        *((True, "hours"), (-1, "hours"), (24, "fortnights"), ([24, 24], None), ({}, "hours")),
        *((float("nan"), "hours"), (float("inf"), "hours"), (10**400, "hours"), (0.001, "minutes")),
    ],
)
def test_a_setting_that_is_incomplete_or_nonsense_is_refused(
    value: object, unit: str | None
) -> None:
    with pytest.raises(ValueError, match="length of time"):
        span_of(value, unit=unit)


@given(TEXTS)
def test_a_span_is_written_as_it_was_read(text: str) -> None:
    span = read_span(text)
    assert str(span) == text
    assert read_span(str(span)) == span
    for kind in (Notice, Period):
        adapter: TypeAdapter[Span] = TypeAdapter(kind)
        assert adapter.dump_json(span) == f'"{text}"'.encode()
        assert adapter.validate_json(adapter.dump_json(span)) == span


@given(st.one_of(st.text(), st.text(alphabet="0123456789pthmsdwboyfri: ")))
def test_any_text_is_a_span_or_a_plain_refusal(text: str) -> None:
    with suppress(ValueError):
        assert str(read_span(text)) == text


SETTINGS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text())
UNITS = st.one_of(st.none(), st.text(), st.sampled_from(["hours", "minutes", "days"]))


@given(st.one_of(SETTINGS, st.lists(SETTINGS), st.tuples(SETTINGS, UNITS)), UNITS)
def test_any_setting_is_a_span_or_a_plain_refusal(value: object, unit: str | None) -> None:
    try:
        span = span_of(value, unit=unit)
    except ValueError:
        return
    assert read_span(str(span)) == span


def test_parts_follow_one_after_the_other() -> None:
    found = read_span("14d + 12mo+0bd 18:00")
    assert (found.days, found.at, str(found)) == (14, time(18), "14d + 12mo+0bd 18:00")
    assert found.then
    assert (found.then.months, found.then.at) == (12, time(18))
    assert found.then.then
    assert found.then.then.business_days == 0


@pytest.mark.parametrize(
    "text", ["14d+2h", "2h+14d", "1d 18:00+1d", "14d+", "+14d", "1d+1d+1d+1d+1d"]
)
def test_hours_and_too_many_parts_do_not_follow_on(text: str) -> None:
    with pytest.raises(ValueError, match="."):
        read_span(text)
