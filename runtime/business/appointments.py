"""The salon's and the clinic's appointments: past, under way, soon, and far ahead."""

from datetime import datetime, timedelta
from typing import Any

from domain.reports import AppointmentReport
from domain.subjects import Kind, SubjectRef
from runtime.business.calendar import Calendar, Told, customer

_CLINIC: dict[str, Any] = {"policy": {"id": "clinic"}, "brand": "clinic"}


def appointments(calendar: Calendar) -> list[Told]:
    return [
        *_ahead(calendar),
        *_soon(calendar),
        *_past(calendar),
        *_paid_in_other_ways(calendar),
        _workshop(calendar),
    ]


def tell(
    at: datetime,
    id_: str,
    who: str,
    starts_at: datetime,
    minutes: int,
    *,
    resource: str,
    service: str = "Cut and finish",
    price: int = 6200,
    paid: int | None = None,
    **report: Any,
) -> Told:
    """An appointment with one line; `paid` by card, the whole price if nothing is said."""
    times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=minutes)}
    line = {"title": service, "unit_price_minor": price, "resource": resource}
    captured = price if paid is None else paid
    card = {"method": "card", "payment_ref": f"pay_{id_}", "captured_minor": captured}
    body = {
        "stage": "booked",
        "currency": "EUR",
        "placed_at": at,
        "customer": customer(who),
        "brand": "salon",
        "lines": [line | times],
        "tenders": [card],
        **times,
        **report,
    }
    subject = SubjectRef(kind=Kind.APPOINTMENT, id=id_)
    return Told(at, subject, AppointmentReport.model_validate(body))


def _ahead(calendar: Calendar) -> list[Told]:
    """A-2001 can be cancelled free of charge; A-2005 has an hour in which to take it back."""
    return [
        tell(
            calendar.ago(days=2),
            "A-2001",
            "ada",
            calendar.open_day(3, "10:00"),
            90,
            resource="anna",
            service="Cut and colour",
            price=8900,
        ),
        tell(
            calendar.ago(days=3),
            "A-2002",
            "elif",
            calendar.day(1, "11:00"),
            45,
            resource="ben",
        ),
        tell(
            calendar.ago(days=1),
            "A-2005",
            "bruno",
            calendar.open_day(5, "09:00"),
            30,
            resource="room-1",
            service="Podiatry, first visit",
            price=4800,
            **_CLINIC,
        ),
        tell(
            calendar.ago(hours=12),
            "A-2010",
            "claire",
            calendar.day(60, "15:00"),
            120,
            resource="anna",
            service="Bridal styling",
            price=24000,
            paid=6000,
        ),
    ]


def _soon(calendar: Calendar) -> list[Told]:
    """A-2003 is late to cancel, A-2006 so late that the clinic looks at it first."""
    return [
        tell(
            calendar.ago(hours=2),
            "A-2003",
            "diego",
            calendar.ahead(hours=3),
            45,
            resource="anna",
        ),
        tell(
            calendar.ago(hours=4),
            "A-2006",
            "frank",
            calendar.ahead(hours=8),
            30,
            resource="room-1",
            service="Podiatry, follow-up",
            price=3600,
            **_CLINIC,
        ),
    ]


def _past(calendar: Calendar) -> list[Told]:
    """Told of twice: as booked, and as they went."""
    told = []
    for id_, who, starts_at, resource, stage in (
        ("A-2004", "bruno", calendar.ago(minutes=20), "ben", "arrived"),
        ("A-2007", "ada", calendar.day(-1, "15:00"), "anna", "attended"),
        ("A-2008", "diego", calendar.day(-2, "10:00"), "ben", "no_show"),
    ):
        placed_at = starts_at - timedelta(days=6)
        booked = tell(placed_at, id_, who, starts_at, 40, resource=resource)
        went = booked.report.model_copy(update={"stage": stage})
        told += [booked, Told(starts_at + timedelta(minutes=5), booked.subject, went)]
    return told


def _paid_in_other_ways(calendar: Calendar) -> list[Told]:
    """A card that is only held, cash on the day, and one cancelled in the salon's own book."""
    hold = {"method": "card_hold", "payment_ref": "hold_A-2011", "authorised_minor": 4000}
    gone: dict[str, Any] = {"stage": "cancelled", "cancelled_elsewhere": True}
    return [
        tell(
            calendar.ago(days=2, hours=5),
            "A-2011",
            "haruto",
            calendar.open_day(6, "14:00"),
            60,
            resource="ben",
            tenders=[hold],
        ),
        tell(
            calendar.ago(days=4),
            "A-2012",
            "frank",
            calendar.open_day(7, "16:00"),
            45,
            resource="anna",
            tenders=[],
        ),
        tell(
            calendar.ago(days=5),
            "A-2013",
            "claire",
            calendar.open_day(4, "12:00"),
            45,
            resource="ben",
            paid=0,
            **gone,
        ),
    ]


def _workshop(calendar: Calendar) -> Told:
    """A view of the workshop in order 1045, where it is cancelled."""
    starts_at = calendar.open_day(8, "10:00")
    at = calendar.ago(days=1, hours=1)
    report = AppointmentReport(
        stage="booked",
        currency="EUR",
        placed_at=at,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=3),
        customer=customer("ada"),
        part_of={"order": "1045", "line": "2"},
        resource="atelier",
        units=2,
    )
    return Told(at, SubjectRef(kind=Kind.APPOINTMENT, id="A-2009"), report)
