"""By when money can be expected, and when a deadline is spoken of."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.arrival import expected_by, warn_at

FRIDAY_LATE = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)
"""Already Saturday in Berlin."""


@pytest.mark.parametrize(
    ("within", "timing", "day"),
    [
        (5, None, date(2026, 12, 4)),
        (5, "days_14", date(2026, 12, 4)),
        (None, "business_days_5_7", date(2026, 12, 8)),
        (None, "days_14", date(2026, 12, 12)),
        (None, "hours_24", date(2026, 11, 29)),
        (None, "immediate", date(2026, 11, 28)),
        (None, "provider", None),
        (None, None, None),
    ],
)
def test_the_provider_is_believed_before_the_policy(
    within: int | None, timing: str | None, day: date | None
) -> None:
    assert expected_by(FRIDAY_LATE, "Europe/Berlin", within, timing) == day


@pytest.mark.parametrize(
    ("whole", "before"),
    [
        (timedelta(days=14), timedelta(days=2.8)),
        (timedelta(days=3), timedelta(days=1)),
        (timedelta(hours=24), timedelta(hours=12)),
    ],
)
def test_a_deadline_is_spoken_of_a_fifth_of_the_time_and_a_day_before(
    whole: timedelta, before: timedelta
) -> None:
    due = FRIDAY_LATE + whole
    assert warn_at(FRIDAY_LATE, due) == due - before
