"""The columns of the "Hotel booking demand datasets" (Antonio, Almeida, Nunes 2019).

A row is one booking of a hotel in Portugal, whose time is used. It is read so:

- `arrival_date_year`, `_month`, `_day_of_month`: the start, at 15:00 when rooms are ready.
- `stays_in_weekend_nights` + `stays_in_week_nights`: the nights; the end is noon after the last.
- `adr`, the average daily rate in euros: the price of a night. One line has all the nights, as
  `night` of category `accommodation`; a booking for the day alone has one night at no price.
- `lead_time`, days from booking to arrival: placed at noon of that day.
- `reservation_status` and `reservation_status_date`: `Canceled` was asked for at noon of that day;
  `No-Show` is stage `no_show` a minute before the arrival day ends, and `Check-Out` went ahead.
- Nobody knows what was paid in advance: it is taken as the whole price, by card, so that a policy
  can be seen at work. `deposit_type` is an attribute.
- The other columns that a rule may ask for are attributes by their own names: `hotel`, `meal`,
  `country`, `market_segment`, `distribution_channel`, `customer_type`, `reserved_room_type`,
  `adults`, `children`, `babies`, and beside them `guests` and `nights`.
"""

import calendar
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from operator import itemgetter
from zoneinfo import ZoneInfo

from runtime.policies.bookings import FACTS, LINE, REQUEST, TENDER, Booking, Reader

_ZONE = "Europe/Lisbon"
_ARRIVAL, _NOON, _LAST_MINUTE = time(15), time(12), time(23, 59)
_MONTHS = {name: number for number, name in enumerate(calendar.month_name) if name}
_WORDS = (
    *("hotel", "meal", "country", "market_segment", "distribution_channel"),
    *("reserved_room_type", "deposit_type", "customer_type"),
)
_PEOPLE = ("adults", "children", "babies")
_READ = (
    *("arrival_date_year", "arrival_date_month", "arrival_date_day_of_month"),
    *("stays_in_weekend_nights", "stays_in_week_nights", "adr", "lead_time"),
    *("reservation_status", "reservation_status_date"),
)
COLUMNS = frozenset({*_READ, *_WORDS, *_PEOPLE})

_LINE = LINE.model_copy(update={"sku": "night", "category": "accommodation"})
_FACTS = FACTS.model_copy(update={"zone": _ZONE, "currency": "EUR"})
_CANCELLED, _NO_SHOW, _WENT_AHEAD = "Canceled", "No-Show", "Check-Out"


def reader(header: Sequence[str]) -> Reader:
    pick = itemgetter(*(header.index(name) for name in (*_READ, *_WORDS, *_PEOPLE)))
    status = header.index("reservation_status")

    def read(cells: Sequence[str]) -> Booking | None:
        return None if cells[status] == _WENT_AHEAD else _booking(pick(cells))

    return read


def _booking(cells: Sequence[str]) -> Booking:
    year, month, day, weekend, week, rate, lead, status, since, *others = cells
    arrival, nights = _day(year, month, day), max(0, int(weekend) + int(week))
    price, units = _cents(rate), max(nights, 1)
    line = _LINE.model_copy(update={"quantity": units, "unit_price_minor": price if nights else 0})
    tender = TENDER.model_copy(update={"captured_minor": price * nights})
    facts = _FACTS.model_copy(
        update={
            "stage": "no_show" if status == _NO_SHOW else "confirmed",
            "placed_at": _instant(arrival - timedelta(days=int(lead)), _NOON),
            "starts_at": _instant(arrival, _ARRIVAL),
            "ends_at": _instant(arrival + timedelta(days=units), _NOON),
            "lines": (line,),
            "tenders": (tender,),
            "attributes": _attributes(others, nights),
        }
    )
    at = _asked_at(status, since, arrival)
    return Booking(facts, REQUEST.model_copy(update={"requested_at": at}))


def _asked_at(status: str, since: str, arrival: date) -> datetime:
    if status == _CANCELLED:
        return _instant(_american(since), _NOON)
    if status == _NO_SHOW:
        return _instant(arrival, _LAST_MINUTE)
    raise ValueError(f"reservation_status: {status!r} is no status")


def _attributes(cells: Sequence[str], nights: int) -> dict[str, str | int]:
    """The file writes an unknown number of children as NA: nobody is counted then."""
    words = zip(_WORDS, cells, strict=False)
    people = [int(cell) if cell.isdecimal() else 0 for cell in cells[len(_WORDS) :]]
    counted = zip(_PEOPLE, people, strict=True)
    return dict(words) | dict(counted) | {"guests": sum(people), "nights": nights}


@lru_cache(maxsize=16384)
def _cents(rate: str) -> int:
    """A rate below nothing is a correction in the books, and no price."""
    return max(0, round(float(rate) * 100))


@lru_cache(maxsize=4096)
def _day(year: str, month: str, day: str) -> date:
    if month not in _MONTHS:
        raise ValueError(f"arrival_date_month: {month!r} is no month")
    return date(int(year), _MONTHS[month], int(day))


@lru_cache(maxsize=4096)
def _american(text: str) -> date:
    """A day as month/day/year."""
    month, day, year = text.split("/")
    return date(int(year), int(month), int(day))


@lru_cache(maxsize=16384)
def _instant(day: date, at: time) -> datetime:
    return datetime.combine(day, at, ZoneInfo(_ZONE)).astimezone(UTC)
