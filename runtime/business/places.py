"""Who and what can be booked, and the goods on the shelf."""

from domain.resources import Resource
from runtime.business.calendar import ZONE

_DAYS = ("2", "3", "4", "5", "6")


def _hours(opens: str, closes: str) -> dict[str, list[tuple[str, str]]]:
    return {day: [(opens, closes)] for day in _DAYS}


RESOURCES = {
    "anna": Resource(
        title="Anna, stylist",
        zone=ZONE,
        weekly_hours=_hours("09:00", "18:00"),
        slot_minutes=15,
        buffer_after_minutes=15,
    ),
    "ben": Resource(
        title="Ben, stylist",
        zone=ZONE,
        weekly_hours=_hours("10:00", "19:00"),
        slot_minutes=15,
        buffer_after_minutes=10,
    ),
    "cleo": Resource(
        title="Cleo, stylist",
        zone=ZONE,
        weekly_hours=_hours("09:00", "18:00"),
        slot_minutes=15,
        buffer_after_minutes=10,
    ),
    "room-1": Resource(
        title="Clinic, room 1",
        zone=ZONE,
        weekly_hours={day: [("08:00", "12:00"), ("13:00", "17:00")] for day in _DAYS},
        slot_minutes=30,
        buffer_before_minutes=5,
        buffer_after_minutes=10,
    ),
    "atelier": Resource(
        title="Atelier, eight seats",
        zone=ZONE,
        weekly_hours=_hours("10:00", "17:00"),
        slot_minutes=60,
        buffer_after_minutes=30,
        capacity=8,
    ),
}

STOCK = {
    "mug-blue": 42,
    "kettle-1l": 7,
    "espresso-machine": 2,
    "lamp-oak": 0,
    "teapot-clay": 11,
    "tea-assam": 60,
    "basket-willow": 5,
    "rug-wool": 3,
    "blanket-linen": 9,
    "spoon-silver": 24,
    "bowl-ash": 16,
    "jug-stone": 8,
    "print-harbour": 3,
    "print-dunes": 2,
    "frame-oak": 12,
}
