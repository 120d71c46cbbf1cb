"""Amounts that exceed what was paid, limits that never bind, fractions nobody rounded."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from domain.money import decimals
from domain.policy.document import Base, Charge, Document
from domain.policy.linting.findings import PolicyFinding, error, warning
from domain.policy.linting.walking import Placed, all_atoms, charges, parts
from domain.policy.reading.quantities import EVERYTHING, NOTHING, Part, Sum, read_part, read_sum

Figure = Part | Sum


def amounts(document: Document) -> Iterator[PolicyFinding]:
    for placed in charges(document):
        if placed.limits is None:
            yield from _excess(placed)
        yield from _limits(placed)
        yield from _sum(placed)
        if placed.charge.per and isinstance(_figure(placed.amount), Part):
            text = "a percentage isn't counted by anything: `per` has no effect here"
            yield warning("no_effect", f"{placed.place}.per", f"{text}. Leave it out")
    yield from _rounding(document)
    yield from _decimals(document)


def figures(placed: Placed) -> Iterator[tuple[str, str]]:
    """Every constant amount that a charge itself says, with its place."""
    if isinstance(placed.amount, str):
        yield placed.amount_place, placed.amount
    elif placed.table is not None:
        for row, cells in enumerate(placed.table.rows):
            for column, cell in enumerate(cells[1:], start=1):
                yield f"{placed.amount_place}.table.rows[{row}][{column}]", str(cell)
    for word in ("at_least", "at_most"):
        limit = getattr(placed.charge, word)
        if isinstance(limit, str):
            yield f"{placed.place}.{word}", limit


@lru_cache(maxsize=4_096)
def _plain_figure(text: str) -> Figure | None:
    if text in ("nothing", "everything"):
        return NOTHING if text == "nothing" else EVERYTHING
    for read in (read_part, read_sum):
        try:
            return read(text)
        except ValueError:
            continue
    return None


def _figure(value: Any) -> Figure | None:
    """A constant amount; None for names, for `ask` and for what is worked out."""
    return _plain_figure(value.strip()) if isinstance(value, str) else None


def _excess(placed: Placed) -> Iterator[PolicyFinding]:
    """What may be more than was paid."""
    for place, text in figures(placed):
        figure = _figure(text)
        if isinstance(figure, Part) and figure > EVERYTHING:
            said = f"{text} is more than was paid"
            if placed.charge.beyond_price:
                yield warning("above_paid", place, f"{said}; the rest is collected on top")
            else:
                yield error("above_paid", place, f"{said}. Write everything, or 100% at most")
        elif isinstance(figure, Sum) and placed.charge.beyond_price:
            said = f"{text} may be more than was paid; the rest is collected on top"
            yield warning("above_paid", place, f"{said}. Leave out beyond_price to prevent that")


def _limits(placed: Placed) -> Iterator[PolicyFinding]:
    """Floors and caps that contradict each other, or the amount that they limit."""
    charge, place = placed.charge, placed.place
    floor, cap = _limit(charge.at_least, charge), _limit(charge.at_most, charge)
    if floor is not None and cap is not None and _is_less(cap, floor):
        text = f"at most {charge.at_most} is below at least {charge.at_least}"
        yield error("cap_below_floor", f"{place}.at_most", f"{text}. Swap them, or change one")
        return
    low, high = _range(placed)
    if cap is not None and (_is_trivial(cap, EVERYTHING) or _reaches(cap, high)):
        text = f"this cap never binds: it keeps no more than {charge.at_most} anyway"
        yield warning("never_binds", f"{place}.at_most", f"{text}. Lower it, or leave it out")
    if floor is not None and (_is_trivial(floor, NOTHING) or _reaches(low, floor)):
        text = f"this floor never binds: it keeps at least {charge.at_least} anyway"
        yield warning("never_binds", f"{place}.at_least", f"{text}. Raise it, or leave it out")


def _limit(limit: "str | Charge | None", charge: Charge) -> Figure | None:
    """A limit that is a constant; one in percent is of the same base unless it names another."""
    if isinstance(limit, Charge):
        is_same = limit.of == charge.of and limit.when is None and limit.unless is None
        plain = is_same and not limit.per and limit.at_least is None and limit.at_most is None
        return _figure(limit.keep) if plain else None
    return _figure(limit)


def _range(placed: Placed) -> tuple[Figure | None, Figure | None]:
    """The least and the most that a charge keeps, where that is plain."""
    found = [
        _figure(text) for place, text in figures(placed) if place.startswith(placed.amount_place)
    ]
    if not found or any(each is None for each in found):
        return None, None
    kept = [each for each in found if each is not None]
    if all(isinstance(each, Part) for each in kept):
        shares = [each for each in kept if isinstance(each, Part)]
        if placed.charge.keep is None:
            shares = [_rest(each) for each in shares]
        return min(shares), max(shares)
    sums = [each for each in kept if isinstance(each, Sum)]
    if len(sums) < len(kept) or placed.charge.per or placed.charge.keep is None:
        return None, None
    by_size = sorted(sums, key=lambda each: each.minor)
    return by_size[0], by_size[-1]


def _rest(part: Part) -> Part:
    return Part(max(0, part.denominator - part.numerator), part.denominator)


def _is_less(one: Figure, other: Figure) -> bool:
    """Whether one is surely less; of figures of two sorts nobody knows."""
    return _reaches(other, one) and one != other


def _reaches(one: Figure | None, other: Figure | None) -> bool:
    """Whether one is surely as much as the other."""
    if isinstance(one, Part) and isinstance(other, Part):
        return one >= other
    return isinstance(one, Sum) and isinstance(other, Sum) and one.minor >= other.minor


def _is_trivial(figure: Figure, limit: Part) -> bool:
    if isinstance(figure, Sum):
        return limit is NOTHING and figure.minor == 0
    return figure <= limit if limit is NOTHING else figure >= limit


def _sum(placed: Placed) -> Iterator[PolicyFinding]:
    """Percentages of the same base, always charged together, that come to more than all of it."""
    for word, combined in parts(placed):
        if word != "sum":
            continue
        always = [c for c in combined if c.when is None and c.unless is None and c.of == Base.PRICE]
        shares = [each for c in always if isinstance(each := _figure(c.keep), Part)]
        whole = sum(each.numerator / each.denominator for each in shares)
        if whole > 1:
            text = f"these percentages come to {100 * whole:g}% of the price"
            yield warning("above_paid", f"{placed.amount_place}.sum", f"{text}; all of it is kept")


def _rounding(document: Document) -> Iterator[PolicyFinding]:
    """Said once, at the first percentage that can leave a fraction."""
    if "rounding" in document.model_fields_set:
        return
    for placed in charges(document):
        if placed.charge.rounding is not None:
            continue
        for place, text in figures(placed):
            figure = _figure(text)
            if isinstance(figure, Part) and figure.numerator % figure.denominator > 0:
                yield warning("no_rounding", place, _rounded(placed, text))
                return


def _rounded(placed: Placed, text: str) -> str:
    what, whom = ("kept", "the customer") if placed.charge.keep else ("returned", "the business")
    told = f"{text} can leave a fraction of the smallest unit; it is rounded down by default: less"
    return f"{told} is {what}, in favour of {whom}. Say `rounding: down` if so, or another way"


def _decimals(document: Document) -> Iterator[PolicyFinding]:
    """Amounts such as 500.00 JPY, in a currency that has no smaller unit."""
    placed = [pair for each in charges(document) for pair in figures(each)]
    tested = [(atom.place, value) for atom in all_atoms(document) for value in _strings(atom.value)]
    for place, text in (*placed, *tested):
        try:
            currency = read_sum(text).currency
        except ValueError:
            continue
        if "." in text and decimals(currency) == 0:
            told = f"{currency} has no smaller unit than 1"
            yield warning("currency_decimals", place, f"{told}; write {text.replace('.00', '')}")


def _strings(value: Any) -> Iterator[str]:
    for each in value if isinstance(value, (list, tuple)) else (value,):
        if isinstance(each, str):
            yield each
