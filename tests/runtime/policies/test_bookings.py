"""How rows of booking files are read."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.subjects import Kind, LineKind
from runtime.policies.booking_files import Unreadable, reader_of
from runtime.policies.bookings import Booking

HOTEL = {
    "hotel": "Resort Hotel",
    "lead_time": "7",
    "arrival_date_year": "2015",
    "arrival_date_month": "July",
    "arrival_date_day_of_month": "10",
    "stays_in_weekend_nights": "1",
    "stays_in_week_nights": "2",
    "adults": "2",
    "children": "NA",
    "babies": "1",
    "meal": "BB",
    "country": "PRT",
    "market_segment": "Direct",
    "distribution_channel": "Direct",
    "reserved_room_type": "A",
    "deposit_type": "No Deposit",
    "customer_type": "Transient",
    "adr": "94.5",
    "reservation_status": "Canceled",
    "reservation_status_date": "7/9/2015",
    "agent": "NULL",
}
PLAIN = {
    "id": "b1",
    "price_minor": "10001",
    "cancelled_at": "2026-03-28T10:00:00",
    "starts_at": "2026-03-29",
    "zone": "Europe/Berlin",
    "currency": "EUR",
    "quantity": "3",
    "fare": "saver",
    "guests": "4",
}


def read(row: dict[str, Any]) -> Booking | None:
    return reader_of([*row])([*row.values()])


def booking(row: dict[str, Any], **cells: str) -> Booking:
    found = read(row | cells)
    assert found is not None
    return found


def test_a_hotel_booking_starts_at_three_in_portugal_and_was_asked_back_at_noon() -> None:
    found = booking(HOTEL)
    assert found.facts.placed_at == datetime(2015, 7, 3, 11, tzinfo=UTC)
    assert found.facts.starts_at == datetime(2015, 7, 10, 14, tzinfo=UTC)
    assert found.facts.ends_at == datetime(2015, 7, 13, 11, tzinfo=UTC)
    assert found.request.requested_at == datetime(2015, 7, 9, 11, tzinfo=UTC)
    assert (found.facts.stage, found.facts.kind) == ("confirmed", Kind.APPOINTMENT)


def test_a_hotel_booking_is_nights_at_a_rate_paid_in_full() -> None:
    facts = booking(HOTEL).facts
    (line,), (tender,) = facts.lines, facts.tenders
    assert (line.sku, line.quantity, line.unit_price_minor) == ("night", 3, 9_450)
    assert tender.captured_minor == line.total_minor == 28_350
    assert facts.currency == "EUR"


def test_what_else_a_hotel_knows_is_an_attribute() -> None:
    attributes = booking(HOTEL).facts.attributes
    assert attributes["deposit_type"] == "No Deposit"
    assert (attributes["adults"], attributes["children"], attributes["guests"]) == (2, 0, 3)
    assert attributes["nights"] == 3
    assert "agent" not in attributes


def test_a_no_show_is_a_stage_on_the_last_minute_of_the_arrival_day() -> None:
    found = booking(HOTEL, reservation_status="No-Show", reservation_status_date="7/12/2015")
    assert found.facts.stage == "no_show"
    assert found.request.requested_at == datetime(2015, 7, 10, 22, 59, tzinfo=UTC)


def test_a_day_without_a_night_has_no_price() -> None:
    found = booking(HOTEL, stays_in_weekend_nights="0", stays_in_week_nights="0")
    assert found.facts.lines[0].quantity == 1
    assert found.facts.lines[0].total_minor == found.facts.tenders[0].captured_minor == 0


@pytest.mark.parametrize(
    "row", [HOTEL | {"reservation_status": "Check-Out"}, PLAIN | {"cancelled_at": ""}]
)
def test_what_went_ahead_is_no_booking_to_decide_on(row: dict[str, str]) -> None:
    assert read(row) is None


@pytest.mark.parametrize(
    "cells",
    [
        {"arrival_date_month": "Juli"},
        {"reservation_status": "Lost"},
        {"adr": "free"},
        {"lead_time": ""},
        {"reservation_status_date": "2015-07-09"},
    ],
)
def test_a_cell_of_a_hotel_that_makes_no_sense_is_refused(cells: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="."):
        read(HOTEL | cells)


def test_a_plain_row_is_one_line_with_the_whole_price() -> None:
    found = booking(PLAIN)
    (line,), (tender,) = found.facts.lines, found.facts.tenders
    assert (line.kind, line.quantity, line.total_minor) == (LineKind.SERVICE, 3, 10_001)
    assert tender.captured_minor == 10_001
    assert found.facts.attributes == {"fare": "saver", "guests": 4}


def test_times_without_an_offset_are_the_places_own_and_a_day_stays_a_day() -> None:
    found = booking(PLAIN)
    assert found.request.requested_at == datetime(2026, 3, 28, 9, tzinfo=UTC)
    assert found.facts.starts_at == date(2026, 3, 29)
    assert booking(PLAIN, starts_at="2026-03-29T10:00:00").facts.starts_at == datetime(
        2026, 3, 29, 8, tzinfo=UTC
    )


def test_what_was_paid_in_advance_and_how_may_be_told() -> None:
    row = PLAIN | {"paid_minor": "500", "method": "Gift card", "reason": "no longer needed"}
    found = booking(row)
    assert (found.facts.tenders[0].captured_minor, found.facts.tenders[0].method) == (
        500,
        "gift_card",
    )
    assert found.request.reason == "no_longer_needed"


def test_a_word_for_cancelled_is_no_stage_and_an_undated_no_show_is_one_at_the_start() -> None:
    assert booking(PLAIN | {"status": "Cancelled"}).facts.stage == "confirmed"
    found = booking(PLAIN | {"status": "no_show", "cancelled_at": ""})
    assert found.facts.stage == "no_show"
    assert found.request.requested_at == datetime(2026, 3, 28, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("price_minor", "12.50"),
        ("price_minor", "-1"),
        ("quantity", "two"),
        ("starts_at", "tomorrow"),
        ("zone", "Mars"),
        ("currency", "euro"),
    ],
)
def test_a_cell_that_makes_no_sense_is_named(name: str, cell: str) -> None:
    with pytest.raises(ValueError, match=name):
        read(PLAIN | {name: cell})


def test_a_header_that_lacks_what_is_needed_is_refused() -> None:
    with pytest.raises(Unreadable, match="price_minor"):
        reader_of(["id", "cancelled_at"])
