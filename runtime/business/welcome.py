"""What a newcomer finds on the pages of Ada Sommer, and of readers of other languages and zones.

Two of Ada's orders are asked to be cancelled as soon as somebody can do it: see `ASKED`.
"""

from datetime import timedelta
from typing import Any

from runtime.business import appointments as booked
from runtime.business.calendar import Calendar, Told
from runtime.business.orders import card, goods, shipping, tell

_WEBSHOP: dict[str, Any] = {"policy": {"id": "webshop"}}
_GALLERY: dict[str, Any] = {"policy": {"id": "gallery"}, "channel": "shop"}

ASKED = {"1058": None, "1059": "changed_mind"}
"""Orders to be cancelled at the first start, with the reason. The first waits for a person."""


def welcome(calendar: Calendar) -> list[Told]:
    return [
        *_sent(calendar),
        *_partly_sent(calendar),
        *_from_the_gallery(calendar),
        *_to_be_asked(calendar),
        *_booked(calendar),
        *_readers(calendar),
    ]


def _sent(calendar: Calendar) -> list[Told]:
    """1055 can be withdrawn from by law, for some days more; 1060 no longer."""
    told = []
    for id_, placed, arrived in (("1055", 7, 4), ("1060", 46, 42)):
        placed_at, delivered_at = calendar.ago(days=placed), calendar.ago(days=arrived)
        lines = [goods("bowl-ash", "Bowl, ash glaze", 3400, 2), shipping(490)]
        report = {"lines": lines, "tenders": [card(id_, 7290)], "placed_at": placed_at, **_WEBSHOP}
        told.append(tell(placed_at, id_, "ada", stage="paid", **report))
        lines = [lines[0] | {"status": "delivered"}, lines[1]]
        report |= {"lines": lines, "delivered_at": delivered_at}
        told.append(tell(delivered_at, id_, "ada", stage="delivered", **report))
    return told


def _partly_sent(calendar: Calendar) -> list[Told]:
    """Of 1057 one parcel has left, so the rest can be cancelled and that can't."""
    at = calendar.ago(days=3)
    lines = [
        goods("jug-stone", "Jug, stoneware", 4600),
        goods("tea-assam", "Assam, 250 g", 890, 3),
        goods("basket-willow", "Basket, willow", 2990),
    ]
    report = {"stage": "confirmed", "tenders": [card("1057", 10260)], "placed_at": at}
    left = [lines[0] | {"status": "shipped"}, *lines[1:]]
    return [
        tell(at, "1057", "ada", lines=lines, **report),
        tell(calendar.ago(hours=14), "1057", "ada", lines=left, **report),
    ]


def _from_the_gallery(calendar: Calendar) -> list[Told]:
    """1056 is free of charge, 1061 keeps a tenth; both can be taken back for half an hour, and can
    come back as store credit."""
    frame = goods("frame-oak", "Frame, oak", 4000)
    return [
        tell(
            calendar.ago(days=1, hours=4),
            "1056",
            "ada",
            stage="paid",
            lines=[goods("print-harbour", "Print, harbour", 12000), frame],
            tenders=[card("1056", 16000)],
            **_GALLERY,
        ),
        tell(
            calendar.ago(days=12),
            "1061",
            "ada",
            stage="ready",
            lines=[goods("print-dunes", "Print, dunes", 9900)],
            tenders=[card("1061", 9900)],
            **_GALLERY,
        ),
    ]


def _to_be_asked(calendar: Calendar) -> list[Told]:
    return [
        tell(
            calendar.ago(hours=8),
            "1058",
            "ada",
            stage="confirmed",
            lines=[goods("espresso-machine", "Espresso machine", 64900), shipping(0)],
            tenders=[card("1058", 64900)],
        ),
        tell(
            calendar.ago(days=2, hours=3),
            "1059",
            "ada",
            stage="pending",
            lines=[goods("blanket-linen", "Blanket, linen", 11900), shipping(490)],
            tenders=[card("1059", 12390)],
        ),
    ]


def _booked(calendar: Calendar) -> list[Told]:
    """A-2014 costs half its price now; A-2015 can be taken back for an hour."""
    return [
        booked.tell(
            calendar.ago(days=2, hours=2),
            "A-2014",
            "ada",
            calendar.ahead(hours=4),
            45,
            resource="cleo",
            service="Blow-dry",
            price=4200,
        ),
        booked.tell(
            calendar.ago(days=1, hours=3),
            "A-2015",
            "ada",
            calendar.open_day(5, "10:00"),
            30,
            resource="room-1",
            service="Podiatry, first visit",
            price=4800,
            policy={"id": "clinic"},
            brand="clinic",
        ),
    ]


def _readers(calendar: Calendar) -> list[Told]:
    """Grace's clock is New York's; Layla reads Arabic, João Portuguese."""
    told = []
    readers = (("A-2016", "grace", 3), ("A-2017", "layla", 4), ("A-2018", "joao", 5))
    for place, (id_, who, day) in enumerate(readers):
        at, starts_at = calendar.ago(days=1, hours=place), calendar.open_day(day, "16:00")
        told.append(booked.tell(at, id_, who, starts_at, 60, resource="cleo"))
    lines = [goods("mug-blue", "Mug, blue", 1450, 2), shipping(490)]
    for id_, who in (("1062", "grace"), ("1063", "layla"), ("1064", "joao")):
        at = calendar.ago(hours=18) + timedelta(minutes=int(id_) - 1062)
        tenders = [card(id_, 3390)]
        told.append(tell(at, id_, who, stage="pending", lines=lines, tenders=tenders))
    return told
