"""What must be true of a scene when nothing is left to be done about it."""

from sandbox import control
from storage.stock import StockRow
from tests.matrix.playing import Play
from tests.matrix.stage import ON_HAND, Scene, Stage
from use_cases import subjects
from use_cases.subject_views import LineView, SubjectView
from use_cases.views import Status


async def check(stage: Stage, scene: Scene, plays: list[Play]) -> None:
    """Compare goods, time, status and money with what was cancelled, and money with the bank's."""
    seen = await subjects.get(stage.context, scene.ref, ["en"])
    taken: dict[str, int] = {}
    for play in plays:
        cancellation = await play.seen()
        if cancellation.state is Status.CANCELLED:
            for line in cancellation.lines:
                taken[line.id] = taken.get(line.id, 0) + line.quantity
    assert {line.id: line.quantity_cancelled for line in seen.lines if line.quantity_cancelled} == (
        taken
    )
    assert not seen.held
    assert seen.state == _state(seen.lines)
    _check_time(seen.lines)
    await _check_goods(stage, scene, seen)
    await _check_money(stage, scene, seen)


def _state(lines: tuple[LineView, ...]) -> str:
    if all(line.quantity_cancelled == line.quantity for line in lines):
        return "cancelled"
    return "partly_cancelled" if any(line.quantity_cancelled for line in lines) else "none"


def _check_time(lines: tuple[LineView, ...]) -> None:
    for line in lines:
        expected = "released" if line.quantity_cancelled else "active"
        assert {reservation.state for reservation in line.reservations} <= {expected}


async def _check_goods(stage: Stage, scene: Scene, seen: SubjectView) -> None:
    if not scene.sku:
        return
    back = sum(line.quantity_cancelled for line in seen.lines if line.sku)
    async with stage.sessions() as session:
        assert (await session.get_one(StockRow, scene.sku)).on_hand == ON_HAND + back


async def _check_money(stage: Stage, scene: Scene, seen: SubjectView) -> None:
    card = next(tender for tender in seen.tenders if tender.payment_ref == scene.card)
    payment = await control.payment(stage.cards, scene.card)
    paid = [
        refund.amount
        for refund in await control.refunds_of(stage.cards, scene.card)
        if refund.state != "failed"
    ]
    assert payment is not None
    assert (card.pending_minor, card.returned_minor) == (0, sum(paid))
    assert payment.refunded == sum(paid)
    price = sum(line.unit_price_minor * line.quantity_cancelled for line in seen.lines)
    assert sum(tender.returned_minor for tender in seen.tenders) == price
