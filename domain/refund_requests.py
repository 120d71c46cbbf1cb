"""What a refund that is asked for on its own is made of."""

from collections.abc import Mapping, Sequence

from domain.errors import FormNotOffered, LineNotFound, LineRepeated, QuantityTooHigh, RefundTooHigh
from domain.money import split_minor
from domain.subjects import Line
from domain.values import Minor, Quantity, Ref, Value

ORIGINAL = "original"
STORE_CREDIT = "store_credit"


class LineShare(Value):
    """What of a refund is for so many of one line."""

    id: Ref
    quantity: Quantity
    amount_minor: Minor


def share_lines(
    asked: Sequence[tuple[str, int | None]], lines: Sequence[Line], amount_minor: int | None
) -> tuple[LineShare, ...]:
    """Share an amount over the lines named, by their prices; without one their whole price.

    A quantity of None is all that was bought of the line, cancelled or not. Raises LineNotFound,
    LineRepeated, QuantityTooHigh, and RefundTooHigh for more than their price.
    """
    wanted = _exact(asked, {line.id: line for line in lines})
    prices = [line.price_of(0, count) for line, count in wanted]
    price = sum(prices)
    if amount_minor is not None and amount_minor > price:
        raise RefundTooHigh("these lines cost less than that", left=price)
    parts = prices if amount_minor is None else split_minor(amount_minor, prices)
    return tuple(
        LineShare(id=line.id, quantity=count, amount_minor=part)
        for (line, count), part in zip(wanted, parts, strict=True)
    )


def _exact(
    asked: Sequence[tuple[str, int | None]], lines: Mapping[str, Line]
) -> list[tuple[Line, int]]:
    wanted: dict[str, tuple[Line, int]] = {}
    for id_, quantity in asked:
        if id_ in wanted:
            raise LineRepeated(f"line {id_} is named twice", line=id_)
        if id_ not in lines:
            raise LineNotFound(f"there is no line {id_}", line=id_)
        line = lines[id_]
        if quantity is not None and quantity > line.quantity:
            raise QuantityTooHigh(
                f"{line.quantity} of line {id_} were bought", line=id_, left=line.quantity
            )
        wanted[id_] = (line, quantity or line.quantity)
    return [wanted[id_] for id_ in sorted(wanted)]


def check_form(form: str | None, offered: frozenset[str]) -> str:
    """As what the money goes back: the way it was paid, unless another form is offered."""
    if form is None or form in offered:
        return form or ORIGINAL
    ways = ", ".join(sorted(offered))
    raise FormNotOffered(f"money goes back here as {ways}, not as {form}", offered=sorted(offered))
