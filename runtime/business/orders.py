"""The shop's orders: one at each stage, and one for each way of paying."""

from datetime import datetime, timedelta
from typing import Any

from domain.reports import OrderReport
from domain.subjects import Kind, SubjectRef
from runtime.business.calendar import Calendar, Told, customer


def orders(calendar: Calendar) -> list[Told]:
    return [
        *_open(calendar),
        *_under_way(calendar),
        *_paid_in_other_ways(calendar),
        *_special(calendar),
    ]


def tell(at: datetime, id_: str, who: str, **report: Any) -> Told:
    body = {"currency": "EUR", "channel": "web", "placed_at": at, "customer": customer(who)}
    return Told(at, SubjectRef(kind=Kind.ORDER, id=id_), OrderReport.model_validate(body | report))


def goods(sku: str, title: str, price: int, quantity: int = 1, **more: Any) -> dict[str, Any]:
    line = {"sku": sku, "title": title, "unit_price_minor": price, "quantity": quantity}
    return line | {"status": "unfulfilled"} | more


def shipping(price: int) -> dict[str, Any]:
    return {"kind": "shipping", "title": "Shipping", "unit_price_minor": price}


def card(id_: str, amount: int, **more: Any) -> dict[str, Any]:
    return {"method": "card", "payment_ref": f"pay_{id_}", "captured_minor": amount} | more


def _open(calendar: Calendar) -> list[Told]:
    """1042 can be cancelled in whole or in part; 1047 costs so much that a person has to agree."""
    return [
        tell(
            calendar.ago(hours=20),
            "1042",
            "ada",
            stage="pending",
            lines=[
                goods("mug-blue", "Mug, blue", 1450, 2),
                goods("kettle-1l", "Kettle, 1 l", 7900),
                shipping(490),
            ],
            tenders=[
                {"method": "gift_card", "captured_minor": 2500},
                card("1042", 8790),
            ],
        ),
        tell(
            calendar.ago(hours=5),
            "1047",
            "bruno",
            stage="confirmed",
            lines=[goods("espresso-machine", "Espresso machine", 64900), shipping(0)],
            tenders=[card("1047", 64900)],
        ),
        tell(
            calendar.ago(days=20),
            "1053",
            "diego",
            stage="backordered",
            lines=[goods("lamp-oak", "Lamp, oak", 12900), shipping(490)],
            tenders=[card("1053", 13390)],
        ),
    ]


def _under_way(calendar: Calendar) -> list[Told]:
    """Told of twice: as placed, and as they stand now."""
    stages = (
        ("1043", "claire", "packed", calendar.ago(days=2), calendar.ago(hours=3), "packed"),
        ("1044", "elif", "delivered", calendar.ago(days=9), calendar.ago(days=5), "delivered"),
        ("1054", "frank", "partly_shipped", calendar.ago(days=4), calendar.ago(days=1), "shipped"),
    )
    told = []
    for id_, who, stage, placed_at, moved_at, status in stages:
        lines = [
            goods("teapot-clay", "Teapot, clay", 3900),
            goods("tea-assam", "Assam, 250 g", 890, 3),
            shipping(490),
        ]
        paid = [card(id_, 7060)]
        report = {"placed_at": placed_at, "lines": lines, "tenders": paid}
        told.append(tell(placed_at, id_, who, stage="pending", **report))
        lines = [lines[0] | {"status": status}, *lines[1:]]
        delivered_at = moved_at if stage == "delivered" else None
        report |= {"lines": lines, "delivered_at": delivered_at}
        told.append(tell(moved_at, id_, who, stage=stage, **report))
    return told


def _paid_in_other_ways(calendar: Calendar) -> list[Told]:
    return [
        tell(
            calendar.ago(days=1),
            "1049",
            "elif",
            stage="ready",
            channel="shop",
            lines=[goods("basket-willow", "Basket, willow", 2990)],
            tenders=[{"method": "cash", "captured_minor": 2990}],
        ),
        tell(
            calendar.ago(days=3),
            "1050",
            "bruno",
            stage="awaiting_payment",
            lines=[goods("rug-wool", "Rug, wool", 24900), shipping(990)],
            tenders=[{"method": "bank_transfer", "captured_minor": 10000}],
        ),
        tell(
            calendar.ago(days=2),
            "1051",
            "haruto",
            stage="pending",
            currency="JPY",
            channel="marketplace",
            policy={"id": "tau-retail"},
            lines=[goods("mug-blue", "Mug, blue", 2300, 2)],
            tenders=[card("1051", 4600)],
        ),
        tell(
            calendar.ago(hours=30),
            "1052",
            "claire",
            stage="pending",
            lines=[goods("blanket-linen", "Blanket, linen", 11900), shipping(490)],
            tenders=[
                {"method": "store_credit", "captured_minor": 1500},
                {"method": "gift_card", "captured_minor": 4000},
                {"method": "paypal", "payment_ref": "pp_1052", "captured_minor": 6890},
            ],
        ),
    ]


def _special(calendar: Calendar) -> list[Told]:
    """An order with a workshop in it, one with engraved goods, and one cancelled elsewhere."""
    workshop = calendar.open_day(8, "10:00")
    return [
        tell(
            calendar.ago(days=1, hours=2),
            "1045",
            "ada",
            stage="confirmed",
            lines=[
                goods("mug-blue", "Mug, blue", 1450),
                {
                    "kind": "service",
                    "sku": "workshop-clay",
                    "title": "Clay workshop, two seats",
                    "category": "workshop",
                    "quantity": 2,
                    "unit_price_minor": 5900,
                    "resource": "atelier",
                    "starts_at": workshop,
                    "ends_at": workshop + timedelta(hours=3),
                },
            ],
            tenders=[card("1045", 13250)],
        ),
        tell(
            calendar.ago(hours=9),
            "1048",
            "frank",
            stage="pending",
            lines=[
                goods("spoon-silver", "Spoon, engraved", 4900, category="engraved"),
                goods("mug-blue", "Mug, blue", 1450),
                {
                    "kind": "fee",
                    "title": "Gift wrap",
                    "category": "gift_wrap",
                    "unit_price_minor": 350,
                },
            ],
            tenders=[card("1048", 6700)],
        ),
        tell(
            calendar.ago(days=6),
            "1046",
            "diego",
            stage="cancelled",
            lines=[goods("mug-blue", "Mug, blue", 1450)],
            tenders=[card("1046", 1450, returned_elsewhere_minor=1450)],
            cancelled_elsewhere=True,
        ),
    ]
