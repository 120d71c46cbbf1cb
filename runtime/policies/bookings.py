"""A row of a file of past bookings as what a policy decides on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.facts import Facts
from domain.requests import Request
from domain.subjects import Handling, Kind, Line, LineKind, Tender
from domain.values import NO_CURRENCY


@dataclass(frozen=True, slots=True)
class Booking:
    """What was booked, and the cancellation that was asked for."""

    facts: Facts
    request: Request


Reader = Callable[[Sequence[str]], Booking | None]
"""Reads the cells of a row. None: it was not cancelled, and its other cells aren't looked at.
ValueError says what is wrong with a cell."""

# A row changes a few fields of these. Copying is four times as fast as building and checking anew,
# and a reader has checked what it puts in.
LINE = Line(id="1", kind=LineKind.SERVICE)
TENDER = Tender(id="1", method="card", handling=Handling.PROVIDER)
FACTS = Facts(kind=Kind.APPOINTMENT, stage="confirmed", zone="UTC", currency=NO_CURRENCY)
REQUEST = Request()
