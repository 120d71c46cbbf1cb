"""What must add up exactly when a story is over, from the rows and from the provider's side."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select

from domain.decisions import Decision, RefundRule
from domain.lifecycle import CancellationState, RefundState
from domain.subjects import Handling
from providers.currencies import from_units
from providers.stripe.exponents import exponent
from sandbox import control
from storage import subjects, tenders
from storage.cancellations import CancellationRow
from storage.decisions import DecisionRow
from storage.refunds import RefundRow
from storage.tenders import TenderRow
from tests.refunds.story import Story, id_of

_PAID = (RefundState.SUCCEEDED, RefundState.PAID_OTHERWISE)


async def check(story: Story, at_once: Decision) -> None:
    """`at_once` is what cancelling everything in one go would have come to."""
    async with story.context.sessions() as session:
        lines = await subjects.lines_of(session, story.subject_id)
        paid_with = await tenders.of_subject(session, story.subject_id)
        found = select(DecisionRow.document).join(
            CancellationRow, CancellationRow.id == DecisionRow.cancellation_id
        )
        documents = await session.scalars(
            found.where(
                CancellationRow.subject_id == story.subject_id,
                CancellationRow.state == CancellationState.CANCELLED,
            )
        )
        decided = [Decision.model_validate(document) for document in documents]
    rows = await story.rows()
    is_given = any(row.request_id and not row.cancellation_id for row in rows)
    for decision in decided:
        _check_decision(decision, is_given=is_given)
    _check_tenders(paid_with, rows)
    await _check_provider(story, rows)
    is_whole = all(line.quantity == line.quantity_cancelled for line in lines)
    if is_whole and not is_given:
        _check_together(decided, at_once)
        if not any(row.state is RefundState.WAIVED for row in rows):  # what is waived can go again
            _check_shares(decided, at_once)


def _check_decision(decision: Decision, *, is_given: bool) -> None:
    """Lines and tenders each add up to the refund, and a line to its price, or to less where part
    of that was given back before without cancelling."""
    assert sum(line.refund_minor for line in decision.lines) == decision.refund_minor
    assert sum(line.fee_minor for line in decision.lines) == decision.fee_minor
    for line in decision.lines:
        lowered = sum(one.amount_minor for one in line.adjustments)
        whole, parts = line.price_minor + lowered, line.fee_minor + line.refund_minor
        assert parts <= whole if is_given else parts == whole, line
        assert 0 <= line.tax_minor <= line.refund_minor
    if decision.refund is not RefundRule.NONE:
        assert sum(tender.amount_minor for tender in decision.tenders) == decision.refund_minor


def _check_together(decided: Sequence[Decision], at_once: Decision) -> None:
    """All the partials came to what one cancellation of everything would have.

    By line as well, goods, shipping and fees alike, and tax. Where something is kept, a unit left
    over by its rounding may have fallen on another line while that was not yet asked for.
    """
    assert sum(one.refund_minor for one in decided) == at_once.refund_minor
    assert sum(one.fee_minor for one in decided) == at_once.fee_minor
    parts, whole = by_line(decided), by_line([at_once])
    assert {id_: line.price for id_, line in parts.items()} == {
        id_: line.price for id_, line in whole.items()
    }
    odd = len(decided) if at_once.fee_minor else 0
    for id_, line in whole.items():
        apart = [abs(ours - theirs) for ours, theirs in zip(line, parts[id_], strict=True)]
        assert max(apart) <= odd, (id_, line, parts[id_])


class Amounts(NamedTuple):
    """What a line comes to."""

    price: int = 0
    fee: int = 0
    refund: int = 0
    tax: int = 0


def by_line(decisions: Sequence[Decision]) -> dict[str, Amounts]:
    """Each line's amounts, in all of them together."""
    found: dict[str, Amounts] = {}
    for line in (line for decision in decisions for line in decision.lines):
        own = (line.price_minor, line.fee_minor, line.refund_minor, line.tax_minor)
        sums = map(sum, zip(found.get(line.id, Amounts()), own, strict=True))
        found[line.id] = Amounts(*sums)
    return found


def _check_shares(decided: Sequence[Decision], at_once: Decision) -> None:
    given: dict[str, int] = defaultdict(int)
    for tender in (tender for one in decided for tender in one.tenders):
        given[tender.id] += tender.amount_minor
    assert given == {tender.id: tender.amount_minor for tender in at_once.tenders}


def _check_tenders(paid_with: Sequence[TenderRow], rows: Sequence[RefundRow]) -> None:
    """Nothing is pending, and what went back is that of the refunds that paid."""
    for tender in paid_with:
        mine = [row for row in rows if row.tender_id == tender.id]
        assert tender.pending_minor == 0
        assert tender.returned_minor == sum(row.amount_minor for row in mine if row.state in _PAID)
        assert tender.returned_minor <= tender.captured_minor


async def _check_provider(story: Story, rows: Sequence[RefundRow]) -> None:
    """The provider returned each refund once, and nothing that we don't know of."""
    currency = story.purchase.report.currency
    for ref in story.purchase.cards:
        ours = {
            str(row.id): row.amount_minor
            for row in rows
            if row.payment_ref == ref
            and row.handling is Handling.PROVIDER
            and row.state is RefundState.SUCCEEDED
        }
        theirs: dict[str, int] = {}
        for refund in await control.refunds_of(story.cards, ref):
            if refund.state not in ("failed", "canceled", "cancelled"):
                id_ = str(id_of(refund))
                assert id_ not in theirs, f"{id_} was paid twice"
                theirs[id_] = from_units(refund.amount, currency, exponent(currency)).minor
        assert theirs == ours
