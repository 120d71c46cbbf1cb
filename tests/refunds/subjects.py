"""What is cancelled: an order or an appointment, each with a card payment and a customer."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from domain.reports import AppointmentReport, OrderReport
from domain.subjects import Kind, SubjectRef
from tests.end_to_end.conftest import Business, a_card
from tests.refunds.cells import Cell, Course

PRICE = 4_000


@dataclass(frozen=True)
class Scene:
    """The subject of one cell; nobody else has its card and its customer."""

    cell: Cell
    ref: SubjectRef
    card: str
    email: str


async def scene_of(business: Business, cell: Cell) -> Scene:
    name = uuid4().hex[:10]
    ref = SubjectRef(kind=cell.kind, id=f"{cell.kind.value[0]}-{name}")
    scene = Scene(cell, ref, f"pay-{name}", f"{name}@example.org")
    known: dict[str, Any] = {
        "customer": {"ref": f"c-{name}", "name": "Ada", "email": scene.email},
        "tenders": [a_card(PRICE, scene.card)],
    }
    policy = "asking" if cell.course is Course.OWED else "stands"
    if cell.kind is Kind.ORDER:
        lines = [{"title": "Mug", "quantity": 2, "unit_price_minor": PRICE // 2}]
        await business.report(ref, OrderReport, policy, lines=lines, **known)
    else:
        known |= {"stage": "booked"} | _times()
        line = {"title": "Haircut", "resource": "hall", "unit_price_minor": PRICE} | _times()
        await business.report(ref, AppointmentReport, policy, lines=[line], **known)
    return scene


def _times() -> dict[str, datetime]:
    starts = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
    return {"starts_at": starts, "ends_at": starts + timedelta(hours=1)}
