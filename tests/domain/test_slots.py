"""Free time, across clock changes, buffers and capacity."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain.resources import Resource
from domain.slots import Busy, Slot, Span, free_slots, free_units, occupied, opening

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
ALL_DAY = {str(day): [("00:00", "24:00")] for day in range(1, 8)}


def a_resource(**given: Any) -> Resource:
    hours = {"1": [("09:00", "12:00"), ("13:00", "15:00")]}
    return Resource(**{"title": "Chair", "zone": "UTC", "weekly_hours": hours, **given})


def within(start: datetime = MONDAY, days: float = 1) -> Span:
    return Span(start, start + timedelta(days=days))


def at(hour: int, minute: int = 0) -> datetime:
    return MONDAY + timedelta(hours=hour, minutes=minute)


def starts(slots: list[Slot]) -> list[str]:
    return [slot.starts_at.strftime("%H:%M") for slot in slots]


def test_slots_fill_the_opening_hours_and_leave_out_the_break() -> None:
    slots = free_slots(a_resource(slot_minutes=60), [], within())
    assert starts(slots) == ["09:00", "10:00", "11:00", "13:00", "14:00"]


def test_a_longer_slot_starts_on_the_grid_and_ends_before_closing() -> None:
    slots = free_slots(a_resource(slot_minutes=60), [], within(), timedelta(minutes=90))
    assert starts(slots) == ["09:00", "10:00", "13:00"]


def test_slots_lie_wholly_within_the_time_asked_for() -> None:
    slots = free_slots(a_resource(slot_minutes=60), [], Span(at(9, 1), at(13, 59)))
    assert starts(slots) == ["10:00", "11:00"]


def test_a_closed_day_has_none() -> None:
    assert free_slots(a_resource(), [], within(MONDAY + timedelta(days=1))) == []


def test_a_reservation_takes_just_its_time() -> None:
    busy = [Busy(1, Span(at(10), at(11)))]
    slots = free_slots(a_resource(slot_minutes=60), busy, within())
    assert starts(slots) == ["09:00", "11:00", "13:00", "14:00"]


def test_buffers_of_both_sides_are_kept_free() -> None:
    resource = a_resource(slot_minutes=30, buffer_before_minutes=10, buffer_after_minutes=20)
    busy = [Busy(1, occupied(resource, at(10), at(10, 30)))]
    assert starts(free_slots(resource, busy, within()))[:3] == ["09:00", "11:00", "11:30"]


def test_a_buffer_may_reach_beyond_opening_hours() -> None:
    resource = a_resource(slot_minutes=60, buffer_before_minutes=30, buffer_after_minutes=30)
    assert starts(free_slots(resource, [], within())) == [
        "09:00",
        "10:00",
        "11:00",
        "13:00",
        "14:00",
    ]


def test_capacity_counts_the_units_left() -> None:
    busy = [Busy(1, Span(at(9), at(10))), Busy(3, Span(at(9, 30), at(11)))]
    slots = free_slots(a_resource(slot_minutes=60, capacity=3), busy, within())
    assert [slot.free for slot in slots] == [1, 2, 3, 3, 3]


def test_a_long_reservation_that_began_before_still_counts() -> None:
    busy = [Busy(1, Span(at(-30), at(10))), Busy(1, Span(at(11), at(12)))]
    assert starts(free_slots(a_resource(slot_minutes=60), busy, within())) == [
        "10:00",
        "13:00",
        "14:00",
    ]


def test_a_unit_that_is_no_more_hinders_nobody() -> None:
    busy = [Busy(2, Span(at(0), at(24)))]
    assert len(free_slots(a_resource(slot_minutes=60), busy, within())) == 5


def test_the_lowest_free_unit_comes_first() -> None:
    busy = [Busy(1, Span(at(9), at(10))), Busy(2, Span(at(10), at(11)))]
    resource = a_resource(capacity=3)
    assert free_units(resource, busy, Span(at(9), at(10))) == [2, 3]
    assert free_units(resource, busy, Span(at(9, 59), at(10, 1))) == [3]


@pytest.mark.parametrize(("day", "hours"), [(28, 24), (29, 23), (30, 24)])
def test_the_day_the_clocks_go_forward_is_an_hour_short(day: int, hours: int) -> None:
    resource = a_resource(zone="Europe/Berlin", weekly_hours=ALL_DAY, slot_minutes=60)
    (span,) = opening(resource, date(2026, 3, day))
    assert span.end - span.start == timedelta(hours=hours)
    slots = free_slots(resource, [], span)
    assert len(slots) == hours
    assert ("02:00" in starts(slots)) is (day != 29)


def test_the_day_the_clocks_go_back_shows_an_hour_twice() -> None:
    resource = a_resource(zone="Europe/Berlin", weekly_hours=ALL_DAY, slot_minutes=60)
    slots = free_slots(resource, [], opening(resource, date(2026, 10, 25))[0])
    assert len(slots) == 25
    twice = [slot.starts_at for slot in slots if slot.starts_at.hour == 2]
    assert [start.utcoffset() for start in twice] == [timedelta(hours=2), timedelta(hours=1)]


def test_opening_follows_the_wall_clock_over_a_change() -> None:
    hours = {"6": [("09:00", "10:00")], "1": [("09:00", "10:00")]}
    resource = a_resource(zone="Europe/Berlin", weekly_hours=hours, slot_minutes=60)
    slots = free_slots(resource, [], within(datetime(2026, 3, 28, tzinfo=UTC), 3))
    assert [slot.starts_at.astimezone(UTC).hour for slot in slots] == [8, 7]
    assert starts(slots) == ["09:00", "09:00"]


def test_hours_that_go_on_past_midnight_are_one_opening() -> None:
    hours = {"1": [("22:00", "24:00")], "2": [("00:00", "02:00")]}
    resource = a_resource(weekly_hours=hours, slot_minutes=60)
    slots = free_slots(resource, [], within(MONDAY, 2), timedelta(hours=2))
    assert starts(slots) == ["22:00", "23:00", "00:00"]


def test_a_day_at_the_resource_is_not_a_day_in_utc() -> None:
    resource = a_resource(zone="Pacific/Auckland", slot_minutes=60)
    slots = free_slots(resource, [], within(datetime(2026, 3, 1, 12, tzinfo=UTC), 1))
    assert starts(slots) == ["09:00", "10:00", "11:00", "13:00", "14:00"]
    assert slots[0].starts_at.astimezone(UTC) == datetime(2026, 3, 1, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "spans",
    [
        [("10:00", "09:00")],
        [("09:00", "12:00"), ("11:00", "13:00")],
        [("9:00", "12:00")],
        [("09:00", "24:30")],
        [("22:00", "02:00")],
    ],
)
def test_hours_that_make_no_sense_are_refused(spans: list[tuple[str, str]]) -> None:
    with pytest.raises(ValidationError):
        a_resource(weekly_hours={"1": spans})
