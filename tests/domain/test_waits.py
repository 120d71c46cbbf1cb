from datetime import timedelta

import pytest

from domain.waits import approval_deadline, undo_until
from tests.domain.factories import NOW

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("starts", "deadline"), [(None, 48), (72, 48), (24, 24), (48, 48), (-1, 48)]
)
def test_an_approval_ends_after_its_time_or_at_a_start_that_still_lies_ahead(
    starts: int | None, deadline: int
) -> None:
    starts_at = None if starts is None else NOW + starts * HOUR
    assert approval_deadline(NOW, 48 * HOUR, starts_at, NOW) == NOW + deadline * HOUR


def test_an_approval_of_a_backdated_request_may_be_over_before_it_begins() -> None:
    received = NOW - 72 * HOUR
    assert approval_deadline(received, 48 * HOUR, None, NOW) == NOW - 24 * HOUR


@pytest.mark.parametrize(("cutoff", "until"), [(None, 2), (3, 2), (1, 1), (2, 2), (0, 2), (-1, 2)])
def test_an_undo_window_ends_at_a_cutoff_that_still_lies_ahead(
    cutoff: int | None, until: int
) -> None:
    cutoff_at = None if cutoff is None else NOW + cutoff * HOUR
    assert undo_until(NOW, 2 * HOUR, cutoff_at, NOW) == NOW + until * HOUR


@pytest.mark.parametrize("late", [2, 3])
def test_an_undo_window_that_is_over_is_none(late: int) -> None:
    assert undo_until(NOW, 2 * HOUR, None, NOW + late * HOUR) is None
