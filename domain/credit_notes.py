"""What a credit note says: which lines a refund is for, with the tax in them, exact to the unit."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime

from domain.decisions import Decision
from domain.money import Rounding, divide, split_minor
from domain.subjects import Line, SubjectRef
from domain.values import Quantity, Value


class NoteKind(StrEnum):
    """A reversal takes a note back whose refund failed after it had landed."""

    CREDIT_NOTE = "credit_note"
    REVERSAL = "reversal"


class NoteLine(Value):
    """What goes back for a line; below nothing on a reversal. Net is what is left without tax.

    `quantity` counts the units concerned; where several means of payment share a line, each of
    their notes has all the units and its share of the amounts.
    """

    id: str = ""
    sku: str = ""
    title: str = ""
    quantity: Quantity
    tax_rate: str | None = None
    gross_minor: int
    tax_minor: int

    @property
    def net_minor(self) -> int:
        return self.gross_minor - self.tax_minor


class Business(Value):
    """Who issues credit notes; `address` has a line for each of its lines."""

    name: str = ""
    address: str = ""
    vat_id: str = ""


NOBODY = Business()


class RateTotal(Value):
    """All lines of one tax rate, in percent as the invoice names it; None where nobody said."""

    rate: str | None
    net_minor: int
    tax_minor: int
    gross_minor: int


class CreditNote(Value):
    """A note, as bookkeeping reads it. A reversal's amounts are below nothing.

    `customer` is the merchant's own reference; the name is there while it is known. `form` and
    `method` say how the money goes back. The business is the present one: only what the note
    says about money is kept with it.
    """

    number: str
    kind: NoteKind
    issued_on: date
    reverses: str | None
    reversed_by: str | None
    subject: SubjectRef
    placed_at: AwareDatetime | None
    cancellation_id: UUID | None
    refund_id: UUID
    customer: str | None
    customer_name: str | None
    currency: str
    lines: tuple[NoteLine, ...]
    rates: tuple[RateTotal, ...]
    net_minor: int
    tax_minor: int
    gross_minor: int
    method: str
    form: str
    business: Business = NOBODY


def number(series: int, position: int) -> str:
    """Name a note: CN-2026-000123 is the 123rd of its year."""
    return f"CN-{series}-{position:06}"


def cancelled_lines(
    decision: Decision, lines: Sequence[Line], tender_id: str, amount_minor: int
) -> tuple[NoteLine, ...]:
    """The lines of one tender's refund: together the tenders of a cancellation give each line what
    was decided for it, and the tax in it. An amount other than decided is shared alike."""
    known = {line.id: line for line in lines}
    decided = [one for one in decision.lines if one.refund_minor and one.id in known]
    ids = [one.id for one in decision.tenders]
    if tender_id not in ids or not decided:
        return reduced_lines(lines, amount_minor)
    columns = spread(
        [one.refund_minor for one in decided], [one.amount_minor for one in decision.tenders]
    )
    notes = []
    for row, one in enumerate(decided):
        shares, place = [column[row] for column in columns], ids.index(tender_id)
        tax = _tax_share(one.tax_minor, shares, place)
        notes.append(_note_line(known[one.id], one.quantity, shares[place], tax))
    return _scaled([line for line in notes if line.gross_minor], amount_minor)


def reduced_lines(lines: Sequence[Line], amount_minor: int) -> tuple[NoteLine, ...]:
    """A refund without a cancellation lowers what each line cost, in proportion."""
    whole = tuple(
        _note_line(line, line.quantity, line.total_minor, line.taxes_minor)
        for line in lines
        if line.total_minor
    )
    return _scaled(whole, amount_minor)


def reversed_lines(lines: Sequence[NoteLine]) -> tuple[NoteLine, ...]:
    return tuple(
        line.model_copy(update={"gross_minor": -line.gross_minor, "tax_minor": -line.tax_minor})
        for line in lines
    )


def by_rate(lines: Sequence[NoteLine]) -> tuple[RateTotal, ...]:
    """Net, tax and gross of each rate, in the order in which the rates come up."""
    rates = dict.fromkeys(line.tax_rate for line in lines)
    return tuple(_total(rate, [line for line in lines if line.tax_rate == rate]) for rate in rates)


def spread(rows: Sequence[int], columns: Sequence[int]) -> list[tuple[int, ...]]:
    """Share each row over the columns so that both rows and columns add up exactly.

    Each column takes its amount from what the rows have left, by largest remainder, which never
    takes more of a row than is left. What the columns lack or have beyond the rows is shared alike.
    """
    whole = sum(columns)
    left = list(rows if sum(rows) == whole else split_minor(whole, rows)) if rows else []
    found = []
    for column in columns:
        part = split_minor(column, left) if any(left) else (0,) * len(left)
        left = [kept - taken for kept, taken in zip(left, part, strict=True)]
        found.append(part)
    return found


def _tax_share(tax_minor: int, shares: Sequence[int], place: int) -> int:
    """The tax in one of a line's shares: taken share after share, so that it adds up too."""
    left, tax = sum(shares), 0
    for share in shares[: place + 1]:
        tax = split_minor(tax_minor, [share, left - share])[0] if left else 0
        tax_minor, left = tax_minor - tax, left - share
    return tax


def _note_line(line: Line, quantity: int, gross_minor: int, tax_minor: int) -> NoteLine:
    return NoteLine(
        id=line.id,
        sku=line.sku,
        title=line.title,
        quantity=quantity,
        tax_rate=line.tax_rate,
        gross_minor=gross_minor,
        tax_minor=tax_minor,
    )


def _scaled(lines: Sequence[NoteLine], amount_minor: int) -> tuple[NoteLine, ...]:
    """The same lines at another amount, tax in proportion; nothing to share by is one line."""
    whole = sum(line.gross_minor for line in lines)
    if whole == amount_minor:
        return tuple(lines)
    if not whole:
        return (NoteLine(quantity=1, gross_minor=amount_minor, tax_minor=0),)
    parts = split_minor(amount_minor, [line.gross_minor for line in lines])
    return tuple(_at(line, part) for line, part in zip(lines, parts, strict=True) if part)


def _at(line: NoteLine, gross_minor: int) -> NoteLine:
    tax = divide(line.tax_minor * gross_minor, line.gross_minor, Rounding.HALF_UP)
    return line.model_copy(update={"gross_minor": gross_minor, "tax_minor": tax})


def _total(rate: str | None, lines: Sequence[NoteLine]) -> RateTotal:
    return RateTotal(
        rate=rate,
        net_minor=sum(line.net_minor for line in lines),
        tax_minor=sum(line.tax_minor for line in lines),
        gross_minor=sum(line.gross_minor for line in lines),
    )
