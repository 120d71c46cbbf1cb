"""What is due on top and the cards held for it, as others see them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.card_holds import CARD_HOLD_AT_REST, CardHoldState
from domain.dues import DueState
from domain.values import Value
from storage.card_holds import CardHoldRow
from storage.dues import DueRow


class DueView(Value):
    """An amount on top of what was paid. `taken_minor` is what a held card gave of it; `tender`
    names the card that may, once nothing else is left that it is held for."""

    id: UUID
    cancellation_id: UUID | None
    amount_minor: int
    taken_minor: int
    currency: str
    state: DueState
    tender: str | None
    reason: str | None
    settled_at: datetime | None


class CardHoldView(Value):
    """A card that was only held: `take_minor` is to be captured of it, 0 lets it go. `attention`
    says that it waits for a person."""

    id: UUID
    tender: str
    method: str
    authorised_minor: int
    take_minor: int
    captured_minor: int
    currency: str
    state: CardHoldState
    failure: str | None
    attention: str | None
    settled_at: datetime | None


def due_view(row: DueRow) -> DueView:
    return DueView(
        id=row.id,
        cancellation_id=row.cancellation_id,
        amount_minor=row.amount_minor,
        taken_minor=row.taken_minor,
        currency=row.currency,
        state=row.state,
        tender=row.tender_id,
        reason=row.reason,
        settled_at=row.settled_at,
    )


def card_hold_view(row: CardHoldRow) -> CardHoldView:
    return CardHoldView(
        id=row.id,
        tender=row.tender_id,
        method=row.method,
        authorised_minor=row.authorised_minor,
        take_minor=row.take_minor,
        captured_minor=row.captured_minor,
        currency=row.currency,
        state=row.state,
        failure=row.failure,
        attention=row.attention,
        settled_at=row.settled_at,
    )


def amount_due(dues: Sequence[DueRow], holds: Sequence[CardHoldRow]) -> int:
    """What the merchant has to collect: not what a held card may still give.

    Until the subject is cancelled whole its card has no row, and is still held for what is due.
    """
    waiting = {hold.tender_id for hold in holds if _may_give(hold)}
    rested = {hold.tender_id for hold in holds} - waiting
    expected = sum(hold.take_minor for hold in holds if _may_give(hold))
    certain = [due for due in dues if due.tender_id is None or due.tender_id in rested]
    hoped_for = sum(due.outstanding_minor for due in dues if due.tender_id in waiting)
    beyond = max(0, hoped_for - expected)
    return sum(due.outstanding_minor for due in certain) + beyond


def _may_give(hold: CardHoldRow) -> bool:
    is_over = hold.state in CARD_HOLD_AT_REST or hold.state is CardHoldState.FAILED
    return not is_over
