"""Credit notes share lines and tax over tenders, and everything adds up."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from domain.credit_notes import NoteLine, by_rate, cancelled_lines, reduced_lines, spread
from domain.decisions import Decision, LineAmount, Outcome, TenderAmount
from domain.subjects import Handling, Line, LineKind

RATES = (None, "0", "7", "19", "5.5")


@st.composite
def cancellations(draw: st.DrawFn) -> tuple[Decision, list[Line]]:
    """A decision of up to six lines over up to four tenders, their amounts alike in sum."""
    refunds = draw(st.lists(st.integers(0, 10**9), min_size=1, max_size=6))
    cuts = draw(st.lists(st.integers(0, sum(refunds)), max_size=3))
    edges = [0, *sorted(cuts), sum(refunds)]
    tenders = [after - before for before, after in itertools.pairwise(edges)]
    lines = [
        Line(
            id=str(place),
            kind=LineKind.GOODS,
            quantity=2,
            unit_price_minor=refund,
            tax_rate=draw(st.sampled_from(RATES)),
        )
        for place, refund in enumerate(refunds)
    ]
    decision = Decision(
        outcome=Outcome.ALLOWED,
        rule="all",
        currency="EUR",
        refund_minor=sum(refunds),
        lines=tuple(
            LineAmount(
                id=str(place),
                quantity=1,
                price_minor=refund,
                fee_minor=0,
                refund_minor=refund,
                tax_minor=draw(st.integers(0, refund)),
            )
            for place, refund in enumerate(refunds)
        ),
        tenders=tuple(
            TenderAmount(
                id=str(place), method="card", handling=Handling.PROVIDER, amount_minor=amount
            )
            for place, amount in enumerate(tenders)
        ),
    )
    return decision, lines


@given(cancellations())
def test_the_notes_of_a_cancellation_add_up_over_lines_tax_and_tenders(
    made: tuple[Decision, list[Line]],
) -> None:
    decision, lines = made
    notes = [
        cancelled_lines(decision, lines, tender.id, tender.amount_minor)
        for tender in decision.tenders
        if tender.amount_minor
    ]
    for tender, note in zip(
        [one for one in decision.tenders if one.amount_minor], notes, strict=True
    ):
        assert sum(line.gross_minor for line in note) == tender.amount_minor
        assert sum(one.gross_minor for one in by_rate(note)) == tender.amount_minor
        assert all(0 <= line.tax_minor <= line.gross_minor for line in note)
    for decided in decision.lines:
        mine = [line for note in notes for line in note if line.id == decided.id]
        assert sum(line.gross_minor for line in mine) == decided.refund_minor
        assert sum(line.tax_minor for line in mine) == decided.tax_minor


@given(st.lists(st.integers(0, 1_000), min_size=1, max_size=5), st.data())
def test_spreading_never_takes_more_of_a_row_than_there_is(
    rows: list[int], data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, sum(rows)), max_size=4)))
    edges = [0, *cuts, sum(rows)]
    columns = [after - before for before, after in itertools.pairwise(edges)]
    found = spread(rows, columns)
    assert [sum(column) for column in found] == columns
    assert [sum(row) for row in zip(*found, strict=True)] == rows
    assert all(part >= 0 for column in found for part in column)


def test_a_refund_without_a_cancellation_lowers_every_line_in_proportion() -> None:
    lines = [
        Line(id="1", kind=LineKind.GOODS, unit_price_minor=1_190, tax_included_minor=190),
        Line(id="2", kind=LineKind.SHIPPING, unit_price_minor=107, tax_included_minor=7),
        Line(id="3", kind=LineKind.GOODS, unit_price_minor=0),
    ]
    assert reduced_lines(lines, 1_000) == (
        NoteLine(id="1", quantity=1, gross_minor=918, tax_minor=147),
        NoteLine(id="2", quantity=1, gross_minor=82, tax_minor=5),
    )
    assert reduced_lines([], 5) == (NoteLine(quantity=1, gross_minor=5, tax_minor=0),)
